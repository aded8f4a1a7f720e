package dev.pgetl.testkit.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A server goes with its JVM, whatever way that goes. */
class SupervisorIT {

  @Test
  void stopsTheServerWhenItsJvmEndsByItself() throws IOException {
    assertNothingIsLeft(ignored -> {});
  }

  @Test
  void stopsTheServerWhenItsJvmIsTerminated() throws IOException {
    assertNothingIsLeft(Process::destroy);
  }

  @Test
  void stopsTheServerWhenItsJvmIsKilled() throws IOException {
    assertNothingIsLeft(Process::destroyForcibly);
  }

  private static void assertNothingIsLeft(Consumer<Process> ending) throws IOException {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Victim.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader output = jvm.inputReader(StandardCharsets.UTF_8)) {
      Path data =
          Path.of(
              output
                  .lines()
                  .filter(line -> line.startsWith("data "))
                  .findFirst()
                  .orElseThrow()
                  .substring(5));
      long server = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).get(0));
      ending.accept(jvm);
      jvm.getOutputStream().close();
      Awaitility.await("the folder is gone")
          .atMost(Duration.ofSeconds(20))
          .until(() -> !Files.exists(data.getParent()));
      assertThat(ProcessHandle.of(server).filter(ProcessHandle::isAlive)).isEmpty();
      assertThat(jvm.onExit()).succeedsWithin(Duration.ofSeconds(10));
    }
  }

  /** A JVM with a server and an open session, that runs until its input ends. */
  static final class Victim {
    private Victim() {}

    public static void main(String[] arguments) throws Exception {
      PostgresCluster cluster = PostgresCluster.builder().start();
      TestDatabase database = cluster.createDatabase();
      database.execute("create table t (x int); insert into t select generate_series(1, 100000)");
      System.out.println("data " + cluster.dataDirectory());
      System.out.flush();
      while (System.in.read() >= 0) {}
    }
  }
}

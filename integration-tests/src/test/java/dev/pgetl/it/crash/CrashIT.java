package dev.pgetl.it.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the pipeline's process at every failpoint in turn and at random moments. {@code
 * -Dcrash.kills=N} sets how often, {@code -Dcrash.seed=S} repeats a run.
 */
class CrashIT {
  private static final int KILLS = Integer.getInteger("crash.kills", 20);
  private static final long SEED = Long.getLong("crash.seed", System.nanoTime());
  private static final long START_MILLIS = 60_000;
  private static final long FAILPOINT_MILLIS = 8_000;

  @TempDir private Path directory;

  private final Random random = new Random(SEED);

  @Test
  void losesNothingHoweverOftenItIsKilled() throws IOException, InterruptedException {
    System.out.println("crash test: " + KILLS + " kills, -Dcrash.seed=" + SEED);
    try (TestDatabase source = TestPostgres.shared().createDatabase();
        CrashWriter writer = new CrashWriter(source, SEED).start()) {
      Failpoint[] failpoints = Failpoint.values();
      int halted = 0;
      for (int kill = 0; kill < KILLS; kill++) {
        if (kill % 4 == 3) {
          writer.addTable();
        }
        boolean atRandom = kill % 3 == 2;
        String failpoint =
            atRandom ? "-" : failpoints[(kill - kill / 3) % failpoints.length].name();
        halted +=
            kill(source, failpoint, atRandom ? random.nextInt(2000) : FAILPOINT_MILLIS) ? 1 : 0;
      }
      writer.stop();
      finish(source);
      verify(source, writer.tables(), halted);
    }
  }

  /** {@return whether it halted by itself} Otherwise it is killed so long after it has started. */
  private boolean kill(TestDatabase source, String failpoint, long millis)
      throws IOException, InterruptedException {
    Process child = child(source, failpoint, 1 + random.nextInt(4));
    await()
        .atMost(START_MILLIS, TimeUnit.MILLISECONDS)
        .until(() -> !child.isAlive() || output().contains("started"));
    boolean ended = child.waitFor(millis, TimeUnit.MILLISECONDS);
    child.destroyForcibly().waitFor();
    assertThat(ended && child.exitValue() != CrashChild.HALTED)
        .as(
            "the child ended by itself at %s with exit code %d:%n%s",
            failpoint, child.exitValue(), output())
        .isFalse();
    return ended;
  }

  private void finish(TestDatabase source) throws IOException, InterruptedException {
    Process child = child(source, "-", 0);
    try (Writer input = new OutputStreamWriter(child.getOutputStream(), StandardCharsets.UTF_8)) {
      input.write(source.currentLsn() + "\n");
    }
    assertThat(child.waitFor(3, TimeUnit.MINUTES)).as("the last child ends").isTrue();
    assertThat(output()).contains("applied").doesNotContain("not applied");
  }

  private Process child(TestDatabase source, String failpoint, int pass) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx128m",
            "-cp",
            System.getProperty("java.class.path"),
            CrashChild.class.getName(),
            url(source),
            directory.toString(),
            failpoint,
            Integer.toString(pass))
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("output").toFile())
        .start();
  }

  private static String url(TestDatabase source) {
    TestPostgres server = source.server();
    return source.jdbcUrl()
        + "?user="
        + server.username()
        + "&password="
        + server.password().reveal();
  }

  private String output() throws IOException {
    StringBuilder text = new StringBuilder();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Files.newInputStream(directory.resolve("output")), StandardCharsets.UTF_8))) {
      reader.lines().forEach(line -> text.append(line).append('\n'));
    }
    return text.toString();
  }

  private void verify(TestDatabase source, List<String> tables, int halted) throws IOException {
    DeliveryLog log = DeliveryLog.read(directory.resolve("log"));
    System.out.printf(
        "crash test: %d kills (%d at failpoints), %d events, %d repeated, %d tables%n",
        KILLS, halted, log.events(), log.repeated(), tables.size());
    assertThat(log.violations()).as("seed %d", SEED).isEmpty();
    for (String table : tables) {
      Map<String, List<@Nullable String>> expected = new TreeMap<>();
      source
          .query("select * from " + table)
          .forEach(row -> expected.put(String.valueOf(row.get(0)), row));
      String oid = source.value("select '" + table + "'::regclass::oid::text");
      assertThat(log.table(oid)).as("table %s, seed %d", table, SEED).isEqualTo(expected);
    }
  }
}

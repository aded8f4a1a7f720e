package dev.pgetl.benchmarks.subject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OlderBuildTest {
  @TempDir private Path folder;

  @BeforeEach
  void packaged() throws IOException {
    for (String module : new String[] {"etl-core", "etl-store-memory"}) {
      Path target = Files.createDirectories(folder.resolve(module).resolve("target"));
      for (String kind : new String[] {"", "-tests", "-sources", "-javadoc"}) {
        Files.createFile(target.resolve(module + "-0.1.0-SNAPSHOT" + kind + ".jar"));
      }
    }
  }

  @Test
  void replacesTheModulesAndKeepsTheRest() {
    assertThat(
            older(
                "benchmarks/target/classes",
                "/new/etl-core/target/etl-core-0.2.0-SNAPSHOT.jar",
                "/new/etl-core/target/etl-core-0.2.0-SNAPSHOT-tests.jar",
                "/new/etl-store-memory/target/classes",
                "/new/etl-store-memory/target/test-classes",
                "/lib/postgresql-42.7.jar"))
        .isEqualTo(
            path(
                "benchmarks/target/classes",
                jar("etl-core"),
                "/new/etl-core/target/etl-core-0.2.0-SNAPSHOT-tests.jar",
                jar("etl-store-memory"),
                "/new/etl-store-memory/target/test-classes",
                "/lib/postgresql-42.7.jar"));
  }

  @Test
  void aYoungerModuleIsReplacedIfTheOlderBuildHasIt() throws IOException {
    String younger = "etl-destination-postgres";
    String[] current = {
      "/new/etl-core/target/classes",
      "/new/etl-store-memory/target/classes",
      "/new/" + younger + "/target/classes"
    };
    assertThat(older(current)).endsWith(current[2]);

    Path target = Files.createDirectories(folder.resolve(younger).resolve("target"));
    Files.createFile(target.resolve(younger + "-0.1.0-SNAPSHOT.jar"));
    assertThat(older(current)).endsWith(jar(younger));
  }

  @Test
  void takesAReleaseToo() throws IOException {
    Path target = folder.resolve("etl-core/target");
    Files.move(target.resolve("etl-core-0.1.0-SNAPSHOT.jar"), target.resolve("etl-core-0.1.0.jar"));

    assertThat(older("/new/etl-core/target/classes", "/new/etl-store-memory/target/classes"))
        .startsWith(target.resolve("etl-core-0.1.0.jar").toString());
  }

  @Test
  void refusesAFolderThatIsNotPackaged() throws IOException {
    Files.delete(Path.of(jar("etl-store-memory")));

    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> older("/new/etl-core/target/classes", "/new/etl-store-memory/target/classes"))
        .withMessageContaining("expected one jar of etl-store-memory in " + folder)
        .withMessageContaining("found 0");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> OlderBuild.classPath(folder.resolve("none"), "/new/etl-core/target/classes"))
        .withMessageContaining("found 0");
  }

  @Test
  void refusesTwoVersionsAtOnce() throws IOException {
    Files.createFile(folder.resolve("etl-core/target/etl-core-0.0.9.jar"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> older("/new/etl-core/target/classes"))
        .withMessageContaining("found 2");
  }

  @Test
  void refusesAClassPathInWhichItWouldReplaceNothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> older("/repository/etl-core-0.2.0-SNAPSHOT.jar"))
        .withMessageContaining("expected one entry of etl-core in the class path");
  }

  @Test
  void compilesTheClientAndPutsItInFront() throws IOException {
    Path sources = client("class Client { java.util.List<String> names; }");
    Path classes = folder.resolve("classes");

    assertThat(OlderBuild.compileClient(sources, classes, "/lib/any.jar"))
        .isEqualTo(path(classes.toString(), "/lib/any.jar"));
    assertThat(classes.resolve("Client.class")).isNotEmptyFile();
  }

  @Test
  void refusesAnOlderBuildWithoutWhatTheClientUses() throws IOException {
    Path sources = client("class Client { dev.pgetl.Newer newer; }");

    assertThatIllegalStateException()
        .isThrownBy(() -> OlderBuild.compileClient(sources, folder.resolve("classes"), "any"))
        .withMessageContaining("does not suit the older build")
        .withMessageContaining("dev.pgetl.Newer newer");
  }

  private Path client(String source) throws IOException {
    Path sources = Files.createDirectories(folder.resolve("sources"));
    Files.writeString(sources.resolve("Client.java"), source);
    return sources;
  }

  private String older(String... entries) {
    return OlderBuild.classPath(folder, path(entries));
  }

  private String jar(String module) {
    return folder
        .resolve(module)
        .resolve("target")
        .resolve(module + "-0.1.0-SNAPSHOT.jar")
        .toString();
  }

  private static String path(String... entries) {
    return String.join(File.pathSeparator, entries);
  }
}

package dev.pgetl.examples.diagnose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.examples.ExampleProcess;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The doctor of the command line prints findings, and says by its exit status how bad they are. */
class DiagnoseSourceIT {
  @TempDir private Path folder;

  @Test
  void printsWhatIsWrongAndHowToFixIt() throws IOException, InterruptedException {
    try (TestDatabase database = TestPostgres.shared().createDatabase()) {
      database.execute(
          "create table users(id int primary key); create table orders(id int);"
              + " create role doctor_it login replication password '"
              + ExampleProcess.PASSWORD
              + "'; grant select on users, orders to doctor_it");
      try {
        assertThat(diagnosed(database))
            .startsWith("2\nERROR PUBLICATION_MISSING: ")
            .contains("\n    CREATE PUBLICATION \"pub\" FOR ALL TABLES;\n")
            .contains("1 errors, 0 warnings, ");
        database.execute("create publication pub for table users, orders");
        assertThat(diagnosed(database)).startsWith("1\nWARNING IDENTITY_MISSING: ");
        database.execute("alter table orders replica identity full");
        assertThat(diagnosed(database)).startsWith("0\nINFO ").contains("0 errors, 0 warnings, ");
      } finally {
        database.execute("drop owned by doctor_it; drop role doctor_it");
      }
    }
  }

  /** {@return the exit status, and what was printed} */
  private String diagnosed(TestDatabase database) throws IOException, InterruptedException {
    String url = database.jdbcUrl() + "?user=doctor_it";
    try (ExampleProcess example =
        ExampleProcess.start(
            folder, DiagnoseSource.class, "--source", url, "--publication", "pub", "--id", "it")) {
      return example.exitCode() + "\n" + example.output().replace(System.lineSeparator(), "\n");
    }
  }

  @Test
  void wrongArgumentsAreNoFinding() throws IOException, InterruptedException {
    try (ExampleProcess example = ExampleProcess.start(folder, DiagnoseSource.class, "--source")) {
      assertThat(example.exitCode()).isEqualTo(64);
    }
  }
}

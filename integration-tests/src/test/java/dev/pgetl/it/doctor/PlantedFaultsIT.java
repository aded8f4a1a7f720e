package dev.pgetl.it.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.diagnose.Severity;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each fault is found under its code, and gone once the printed fix has been carried out. */
class PlantedFaultsIT extends PatientScene {
  static Stream<Fault> faults() {
    return Faults.all(TestPostgres.shared().majorVersion());
  }

  @ParameterizedTest
  @MethodSource("faults")
  void isFoundAndFixed(Fault fault) {
    database.execute(fault.sql().replace("{db}", database.name()));
    List<Finding> right = Patient.await(database, found -> !of(found, fault).isEmpty());
    assertThat(right).doesNotHaveDuplicates().noneMatch(each -> each.toString().contains("secret"));
    if (fault.heals()) {
      patient.follow(database, of(right, fault));
      List<Finding> left = Patient.await(database, found -> of(found, fault).isEmpty());
      assertThat(left).isNotEqualTo(right);
    }
  }

  private static List<Finding> of(List<Finding> found, Fault fault) {
    return Patient.of(found, fault.code());
  }

  @Test
  void aTransactionThatIsOpenForLongIsFoundAndEnded() throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("insert into users values (1)");
      List<Finding> found = Patient.of(Patient.diagnose(database), FindingCode.OPEN_TRANSACTION);
      assertThat(found).singleElement().asString().contains("idle in transaction");
      patient.follow(database, found);
      assertThat(Patient.of(Patient.diagnose(database), FindingCode.OPEN_TRANSACTION)).isEmpty();
    }
  }

  @Test
  void anEncodingThatChecksNothingIsFound() {
    try (TestDatabase ascii =
        patient.database("encoding 'SQL_ASCII' template template0 locale 'C'")) {
      assertThat(Patient.of(Patient.diagnose(ascii), FindingCode.ENCODING)).hasSize(1);
    }
  }

  @Test
  void aServerThatIsHealthyHasNoFinding() {
    List<Finding> found =
        Patient.await(
            database, all -> all.stream().allMatch(each -> each.severity() == Severity.INFO));
    assertThat(found).extracting(Finding::code).containsExactly(FindingCode.WAL_UNLIMITED);
  }
}

package dev.pgetl.destination.postgres;

import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.destination.Destination;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A quarantine takes an event for a failure of kind {@code DESTINATION_REJECTED} that names its
 * table (rule D21), so only a row's values may be the reason of one.
 */
@ExtendWith(PostgresExtension.class)
class RefusalKindsIT {
  private static final TableSchema TABLE =
      TestTable.named("refusals").key("id", TestTable.INT4).column("a", TestTable.TEXT).build();

  private final TestDatabase database;
  private final Destination destination;

  RefusalKindsIT(TestDatabase database) {
    this.database = database;
    this.destination =
        PostgresDestination.builder(database.connectionConfig(), "refusals")
            .callTimeout(Duration.ofSeconds(4))
            .build();
    destination.startup();
    destination.truncateTable(null, TABLE);
    var unused =
        destination.writeEvents(TestTransaction.at(0x100).insert(row(TABLE, "1", "a")).commit());
  }

  @AfterEach
  void close() {
    destination.close();
    database.execute("drop table if exists refusals");
  }

  private EtlException failure() {
    EtlException failure =
        catchThrowableOfType(
            EtlException.class,
            () ->
                destination.writeEvents(
                    TestTransaction.at(0x200).insert(row(TABLE, "2", "bad")).commit()));
    assertThat(failure).isNotNull();
    return failure;
  }

  private void raise(String state) {
    database.execute(
        """
        create or replace function refusals_raise() returns trigger language plpgsql as
          $$ begin raise exception using errcode = '%s'; end $$;
        create trigger refusals before insert on refusals
          for each row execute function refusals_raise();
        alter table refusals enable always trigger refusals;
        """
            .formatted(state));
  }

  private void assertRejected() {
    EtlException failure = failure();
    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_REJECTED);
    assertThat(failure.retry()).isEqualTo(RetryDirective.MANUAL);
    assertThat(failure.tableOid()).hasValue(TABLE.id().oid());
    assertThat(destination.lastApplied(TABLE.id()).orElseThrow().commitLsn().value())
        .isEqualTo(0x100);
  }

  private void assertFailed() {
    EtlException failure = failure();
    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_FAILED);
    assertThat(failure.retry()).isEqualTo(RetryDirective.MANUAL);
    assertThat(failure.tableOid()).as("only the table stops").hasValue(TABLE.id().oid());
  }

  private void assertRetried() {
    EtlException failure = failure();
    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_UNAVAILABLE);
    assertThat(failure.retry()).isEqualTo(RetryDirective.TIMED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alter table refusals add check (a <> 'bad')",
        "create unique index on refusals ((a is not null))",
        "alter table refusals alter a type varchar(2)",
        "alter table refusals add b int not null default 0, alter a set not null;"
            + " alter table refusals alter b drop default"
      })
  void aRowThatDoesNotFitIsRejected(String sql) {
    database.execute(sql);
    assertRejected();
  }

  /** What a trigger raises by itself, a limit of a row, a check of a view. */
  @ParameterizedTest
  @ValueSource(strings = {"P0001", "54000", "44000", "22P05"})
  void aRowThatATriggerRefusesIsRejected(String state) {
    raise(state);
    assertRejected();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alter table refusals drop a",
        "alter table refusals rename a to b",
        "drop table refusals"
      })
  void aTableThatTakesNoRowHasFailed(String sql) {
    database.execute(sql);
    assertFailed();
  }

  /** A missing privilege, a feature that is missing, an error within the server. */
  @ParameterizedTest
  @ValueSource(strings = {"42501", "0A000", "XX000", "55006"})
  void aFaultOfTheTableIsNoRefusal(String state) {
    raise(state);
    assertFailed();
  }

  /** A full disk, too many connections, a deadlock, a lock, a standby, a cancelled statement. */
  @ParameterizedTest
  @ValueSource(strings = {"53100", "53300", "40P01", "55P03", "25006", "57014"})
  void whatPassesIsRetried(String state) {
    raise(state);
    assertRetried();
  }

  @Test
  void aLockIsNoRefusal() throws SQLException {
    try (Connection other = database.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      boolean unused = statement.execute("lock table refusals");
      assertRetried();
      other.rollback();
    }
  }
}

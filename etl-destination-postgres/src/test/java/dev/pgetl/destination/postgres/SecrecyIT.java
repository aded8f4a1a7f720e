package dev.pgetl.destination.postgres;

import static dev.pgetl.testkit.data.TestTable.ABSENT;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/** Failures and log lines quote neither values nor passwords, whatever the server says. */
@ExtendWith(PostgresExtension.class)
class SecrecyIT {
  private static final String SECRET = "s3cret-value";
  private static final TableSchema PEOPLE =
      TestTable.named("secrets")
          .key("id", TestTable.TEXT)
          .column("age", TestTable.TEXT)
          .column("mail", TestTable.TEXT)
          .build();

  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void record() {
    log.start();
    root.addAppender(log);
  }

  @AfterEach
  void stop() {
    root.detachAppender(log);
  }

  @Test
  void valuesAreNeitherInFailuresNorInLogs(TestDatabase database) {
    database.execute(
        """
        create schema secrecy;
        create table secrecy.secrets (id text primary key, age int check (age > 0), mail text unique);
        """);
    try (Destination destination =
        PostgresDestination.builder(database.connectionConfig(), "secrecy")
            .tableNames(name -> new dev.pgetl.schema.TableName("secrecy", name.name()))
            .build()) {
      destination.startup();
      destination.truncateTable(null, PEOPLE);
      var unused =
          destination.writeTableRows(
              PEOPLE, List.of(row(PEOPLE, "1", "1", SECRET), row(PEOPLE, "2", "2", "other")));
      for (Runnable call : refusedCalls(destination)) {
        EtlException failure = catchThrowableOfType(EtlException.class, call::run);
        assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_REJECTED);
        assertThat(failure.tableOid()).hasValue(PEOPLE.id().oid());
        assertThat(text(failure)).doesNotContain(SECRET).doesNotContain("-5");
      }
      assertThat(destination.removeRange(PEOPLE, new KeyRange("id", SECRET, null))).isTrue();
    }
    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .noneMatch(line -> line.contains(SECRET) && line.contains("pgetl"));
  }

  private static List<Runnable> refusedCalls(Destination destination) {
    List<Runnable> refused = new ArrayList<>();
    refused.add(() -> destination.writeTableRows(PEOPLE, List.of(row(PEOPLE, "3", SECRET, "x"))));
    refused.add(() -> destination.writeTableRows(PEOPLE, List.of(row(PEOPLE, "3", "3", SECRET))));
    refused.add(
        () ->
            destination.writeEvents(
                change(0x100).insert(row(PEOPLE, "4", "-5", SECRET + 2)).commit()));
    refused.add(
        () ->
            destination.writeEvents(change(0x100).insert(row(PEOPLE, "4", "4", SECRET)).commit()));
    refused.add(
        () ->
            destination.writeEvents(
                change(0x100).update(row(PEOPLE, "2", SECRET, ABSENT)).commit()));
    refused.add(
        () ->
            destination.writeEvents(
                change(0x100).update(row(PEOPLE, SECRET, "7", ABSENT)).commit()));
    return refused;
  }

  @Test
  void aPasswordIsInNoFailure(TestDatabase database) {
    Destination destination =
        PostgresDestination.builder(
                database.connection().password(SECRET).username("no_such_role").build(), "secrecy")
            .build();
    EtlException failure = catchThrowableOfType(EtlException.class, destination::startup);
    assertThat(failure.kind())
        .isIn(ErrorKind.DESTINATION_AUTHENTICATION, ErrorKind.DESTINATION_UNAVAILABLE);
    assertThat(text(failure)).doesNotContain(SECRET);
    destination.close();
  }

  private static TestTransaction change(long lsn) {
    return TestTransaction.at(lsn);
  }

  private static String text(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }
}

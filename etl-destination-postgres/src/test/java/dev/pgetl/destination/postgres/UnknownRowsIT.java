package dev.pgetl.destination.postgres;

import static dev.pgetl.testkit.data.TestTable.ABSENT;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.postgres.apply.EventWriter;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Rows that another session has removed or doubled; few in statements, many in a set. */
@ExtendWith(PostgresExtension.class)
class UnknownRowsIT {
  private static final TableSchema TABLE =
      TestTable.named("unknown_rows")
          .key("id", TestTable.INT4)
          .column("a", TestTable.TEXT)
          .column("b", TestTable.TEXT)
          .build();

  private final TestDatabase database;
  private final Destination destination;

  UnknownRowsIT(TestDatabase database) {
    this.database = database;
    this.destination = PostgresDestination.builder(database.connectionConfig(), "unknown").build();
    destination.startup();
    destination.truncateTable(null, TABLE);
    TestTransaction rows = TestTransaction.at(0x100);
    IntStream.rangeClosed(1, 100).forEach(id -> rows.insert(row(TABLE, "" + id, "a", "b")));
    var unused = destination.writeEvents(rows.commit());
  }

  @AfterEach
  void close() {
    destination.close();
  }

  private void update(int count, String b) {
    TestTransaction changes = TestTransaction.at(0x200);
    IntStream.rangeClosed(1, count).forEach(id -> changes.update(row(TABLE, "" + id, "new", b)));
    var unused = destination.writeEvents(changes.commit());
  }

  private void delete(int count) {
    TestTransaction changes = TestTransaction.at(0x200);
    IntStream.rangeClosed(1, count)
        .forEach(id -> changes.delete(row(TABLE, "" + id, ABSENT, ABSENT)));
    var unused = destination.writeEvents(changes.commit());
  }

  private String count(String condition) {
    return database.value("select count(*) from unknown_rows where " + condition);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 60})
  void aCompleteUpdateOfAMissingRowInsertsIt(int count) {
    database.execute("delete from unknown_rows where id = 2");
    update(count, "b");
    assertThat(count("a = 'new'")).isEqualTo("" + count);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 60})
  void aPartialUpdateOfAMissingRowStopsTheTable(int count) {
    database.execute("delete from unknown_rows where id = 2");
    EtlException failure = catchThrowableOfType(EtlException.class, () -> update(count, ABSENT));
    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_REJECTED);
    assertThat(failure.tableOid()).hasValue(TABLE.id().oid());
    assertThat(count("a = 'new'")).isEqualTo("0");
  }

  /** Of an update that moves a row into a row filter the server makes an insert. */
  @ParameterizedTest
  @ValueSource(ints = {3, 60})
  void aValueThatAnInsertLacksIsNull(int count) {
    TestTransaction changes = TestTransaction.at(0x200);
    for (int id = 1; id <= count; id++) {
      changes.insert(row(TABLE, "" + (200 + id), "new", ABSENT));
    }
    var unused = destination.writeEvents(changes.commit());
    assertThat(count("a = 'new' and b is null")).isEqualTo("" + count);
  }

  /** A deleted row that is not as the events had it: they are applied one by one. */
  @Test
  void aValueThatAnInsertLacksIsNullInTheOrderOfTheEvents() {
    TestTransaction changes = TestTransaction.at(0x200);
    changes.insert(row(TABLE, "200", "new", ABSENT)).insert(row(TABLE, "300", "new", "b"));
    changes.delete(row(TABLE, "300", "another", ABSENT));
    var unused = destination.writeEvents(changes.commit());
    assertThat(count("a = 'new' and b is null")).isEqualTo("1");
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 60})
  void aDeleteOfAMissingRowIsNoFailure(int count) {
    database.execute("delete from unknown_rows where id = 2");
    delete(count);
    assertThat(count("true")).isEqualTo("" + (100 - count));
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 60})
  void aKeyThatIsThereTwiceStopsTheTable(int count) {
    database.execute(
        """
        alter table unknown_rows drop constraint unknown_rows_pkey;
        create index on unknown_rows (id);
        insert into unknown_rows values (2, 'a', 'b');
        """);
    assertThat(catchThrowableOfType(EtlException.class, () -> update(count, "b")))
        .hasMessageContaining("has 2 rows of one key");
    assertThat(catchThrowableOfType(EtlException.class, () -> delete(count)))
        .hasMessageContaining("has 2 rows of one key");
    assertThat(count("true")).isEqualTo("101");
  }

  @Test
  void setsAreNotAppliedAgainInTheirOrder() {
    Logger logger = (Logger) LoggerFactory.getLogger(EventWriter.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    logger.setLevel(Level.DEBUG);
    TestTransaction changes = TestTransaction.at(0x200);
    IntStream.rangeClosed(1, 90).forEach(id -> changes.update(row(TABLE, "" + id, "x", ABSENT)));
    IntStream.rangeClosed(1, 30).forEach(id -> changes.delete(row(TABLE, "" + id, ABSENT, ABSENT)));
    IntStream.rangeClosed(1, 30).forEach(id -> changes.insert(row(TABLE, "" + id, "y", "z")));
    var unused = destination.writeEvents(changes.commit());
    logger.detachAppender(log);
    logger.setLevel(null);
    assertThat(log.list).extracting(ILoggingEvent::getFormattedMessage).isEmpty();
    assertThat(count("a = 'x'")).isEqualTo("60");
    assertThat(count("a = 'y'")).isEqualTo("30");
  }
}

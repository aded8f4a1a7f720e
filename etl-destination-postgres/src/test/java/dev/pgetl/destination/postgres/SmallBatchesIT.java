package dev.pgetl.destination.postgres;

import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.destination.Destination;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Few rows, which are sent together with the end of their transaction. */
@ExtendWith(PostgresExtension.class)
class SmallBatchesIT {
  private static final TableSchema FIRST = table("small_first", 7001);
  private static final TableSchema SECOND = table("small_second", 7002);

  private final TestDatabase database;
  private final Destination destination;

  SmallBatchesIT(TestDatabase database) {
    this.database = database;
    this.destination = PostgresDestination.builder(database.connectionConfig(), "small").build();
    destination.startup();
    destination.truncateTable(null, FIRST);
    destination.truncateTable(null, SECOND);
    write(
        TestTransaction.at(0x100)
            .insert(row(FIRST, "1", "10"))
            .insert(row(SECOND, "1", "10"))
            .commit());
  }

  private static TableSchema table(String name, long oid) {
    return TestTable.named(name)
        .id(oid)
        .key("id", TestTable.INT4)
        .column("n", TestTable.INT4)
        .build();
  }

  @AfterEach
  void close() {
    destination.close();
  }

  private void write(List<Event> events) {
    var unused = destination.writeEvents(events);
  }

  private EtlException failure(List<Event> events) {
    return catchThrowableOfType(EtlException.class, () -> write(events));
  }

  private List<List<String>> rows() {
    return List.of(
        database.query("select id || ':' || n from small_first order by id").stream()
            .map(row -> String.valueOf(row.get(0)))
            .toList(),
        database.query("select id || ':' || n from small_second order by id").stream()
            .map(row -> String.valueOf(row.get(0)))
            .toList());
  }

  @Test
  void aFailureIsThatOfItsTableAndNothingIsWritten() {
    database.execute("alter table small_second add constraint small check (n < 20)");
    List<Event> events =
        TestTransaction.at(0x200)
            .insert(row(FIRST, "2", "30"))
            .insert(row(SECOND, "2", "30"))
            .commit();

    EtlException failure = failure(events);

    assertThat(failure).hasMessageContaining("insert into public.small_second failed");
    assertThat(failure.tableOid()).hasValue(SECOND.id().oid());
    assertThat(rows()).containsExactly(List.of("1:10"), List.of("1:10"));

    database.execute("alter table small_second drop constraint small");
    write(events);
    write(events);
    assertThat(rows()).containsExactly(List.of("1:10", "2:30"), List.of("1:10", "2:30"));
  }
}

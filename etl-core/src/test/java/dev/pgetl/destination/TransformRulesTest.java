package dev.pgetl.destination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.Transaction;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A transform of a user that breaks its rules fails its table; nothing is put into a wrong place.
 */
class TransformRulesTest {
  private static final TableName NAME = new TableName("public", "users");
  private static final PgType TEXT = PgType.base(25, "text");
  private static final TableSchema USERS =
      TableSchema.builder(new TableId(7), NAME)
          .snapshotLsn(new Lsn(1))
          .columns(List.of(column("password"), column("name"), column("email")))
          .build();
  private static final TableSchema SHORT =
      USERS.toBuilder().columns(USERS.columns().subList(1, 3)).build();
  private static final TableRow ROW = TableRow.of(USERS, "secret", "Ann", "a@x");
  private static final Transaction TX = new Transaction(new Lsn(100), Instant.EPOCH, 7);

  private final List<TableRow> rows = new ArrayList<>();

  private static ColumnSchema column(String name) {
    return ColumnSchema.builder(name, TEXT).build();
  }

  /** A transform that describes another table, and returns rows of its own. */
  private record Custom(TableSchema table, UnaryOperator<TableRow> rows) implements RowTransform {
    @Override
    public TableRow apply(TableRow row) {
      return rows.apply(row);
    }
  }

  private Destination around(TableTransform transform) {
    return TransformingDestination.around(new Target()).transform(NAME, transform).build();
  }

  static Stream<TableTransform> transformsThatReturnOtherRows() {
    TableTransform same = source -> new Custom(SHORT, row -> row);
    return Stream.of(
        same,
        same.andThen(TableTransform.keepColumns("name")),
        TableTransform.keepColumns("password", "name", "email").andThen(same),
        source -> new Custom(USERS, row -> row.as(SHORT, 1, 2)));
  }

  @ParameterizedTest
  @MethodSource("transformsThatReturnOtherRows")
  void aRowHasTheColumnsOfItsTable(TableTransform transform) {
    Destination destination = around(transform);
    Event.OldRow old = new Event.OldRow(Event.OldRowKind.FULL, ROW);
    List<Event> update = List.of(new Event.Update(TX, 1, USERS, ROW, old));
    List<Event> delete = List.of(new Event.Delete(TX, 1, USERS, old));

    assertFails(() -> destination.writeTableRows(USERS, List.of(ROW)), "other columns");
    assertFails(() -> destination.writeEvents(update), "other columns");
    assertFails(() -> destination.writeEvents(delete), "other columns");
    assertThat(rows).isEmpty();
  }

  static Stream<TableSchema> otherTables() {
    return Stream.of(
        TableSchema.builder(new TableId(8), NAME)
            .snapshotLsn(new Lsn(1))
            .columns(USERS.columns())
            .build(),
        USERS.toBuilder().snapshotLsn(new Lsn(2)).build(),
        USERS.toBuilder().replicaIdentity(ReplicaIdentity.FULL).build());
  }

  @ParameterizedTest
  @MethodSource("otherTables")
  void t1_itIsTheSameTable(TableSchema other) {
    Destination destination = around(source -> new Custom(other, row -> row.as(other, 0, 1, 2)));

    assertFails(() -> destination.truncateTable(USERS), "id, version or replica identity");
    assertFails(() -> destination.writeTableRows(USERS, List.of(ROW)), "id, version");
  }

  @Test
  void aRowOfAnotherNameIsTheSame() {
    TableSchema renamed = USERS.toBuilder().name(new TableName("public", "people")).build();
    around(source -> new Custom(renamed, row -> row)).writeTableRows(USERS, List.of(ROW));
    assertThat(rows).hasSize(1);
  }

  private static void assertFails(Runnable call, String why) {
    EtlException failure = catchThrowableOfType(EtlException.class, call::run);
    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_FAILED);
    assertThat(failure.tableOid()).hasValue(7);
    assertThat(failure).hasMessageContaining(why).hasMessageNotContaining("secret");
  }

  private final class Target implements Destination {
    @Override
    public void truncateTable(TableSchema table) {}

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> written) {
      rows.addAll(written);
      return WriteResult.DURABLE;
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      for (Event event : events) {
        if (event instanceof Event.Update update) {
          rows.add(update.row());
        } else if (event instanceof Event.Delete delete) {
          rows.add(delete.oldRow().row());
        }
      }
      return WriteResult.DURABLE;
    }
  }
}

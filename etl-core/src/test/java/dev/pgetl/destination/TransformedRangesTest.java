package dev.pgetl.destination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Removals of ranges, by a destination that sees other rows than those of Postgres. */
class TransformedRangesTest {
  private static final TableName NAME = new TableName("public", "users");
  private static final KeyRange RANGE = new KeyRange("id", "5", "9");
  private static final TableSchema USERS = table("id", "name", "email");

  private final Removing target = new Removing();

  private boolean remove(TableTransform... transforms) {
    TransformingDestination.Builder around = TransformingDestination.around(target);
    for (TableTransform transform : transforms) {
      around.transform(NAME, transform);
    }
    return around.build().removeRange(USERS, RANGE);
  }

  @Test
  void passesTheQuestionForTheLastKeyOn() {
    Destination around =
        TransformingDestination.around(target)
            .transform(NAME, TableTransform.renameColumn("name", "who"))
            .build();
    assertThat(around.lastApplied(new TableId(7))).contains(new EventSequence(new Lsn(7), 3));
  }

  static Stream<TableTransform> transformsThatLeaveTheKey() {
    return Stream.of(
        TableTransform.renameTable(name -> new TableName("mirror", name.name())),
        TableTransform.renameColumn("name", "who"),
        TableTransform.renameColumn("id", "id"),
        TableTransform.dropColumns("email"),
        TableTransform.keepColumns("id"),
        TableTransform.keepColumns("email", "id"),
        TableTransform.maskColumn("name", text -> "#"),
        source -> new Custom(source, true),
        TableTransform.dropColumns("name")
            .andThen(TableTransform.maskColumn("email", text -> "#"))
            .andThen(TableTransform.renameColumn("email", "name")));
  }

  @ParameterizedTest
  @MethodSource("transformsThatLeaveTheKey")
  void passesTheRangeOnIfTheKeyStays(TableTransform transform) {
    assertThat(remove(transform)).isTrue();
    assertThat(target.ranges).containsExactly(RANGE);
    assertThat(target.schemas).containsExactly(transform.prepare(USERS).table());
  }

  static Stream<TableTransform> transformsThatChangeTheKey() {
    return Stream.of(
        TableTransform.renameColumn("id", "key"),
        TableTransform.dropColumns("id"),
        TableTransform.keepColumns("name"),
        TableTransform.maskColumn("id", text -> text),
        source -> new Custom(source, false),
        TableTransform.renameColumn("id", "key").andThen(TableTransform.renameColumn("key", "id")),
        TableTransform.dropColumns("id").andThen(TableTransform.renameColumn("name", "id")),
        TableTransform.renameColumn("name", "who")
            .andThen(source -> new Custom(source, false))
            .andThen(TableTransform.dropColumns("email")));
  }

  @ParameterizedTest
  @MethodSource("transformsThatChangeTheKey")
  void declinesIfTheKeyDoesNotStay(TableTransform transform) {
    assertThat(remove(transform)).isFalse();
    assertThat(target.ranges).isEmpty();
  }

  @Test
  void aColumnThatTookTheNameIsAnother() {
    RowTransform renaming = TableTransform.renameColumn("name", "who").prepare(USERS);
    RowTransform replacing =
        ColumnSelection.all(USERS)
            .where(column -> !column.name().equals("id"))
            .renamed("name", "id");

    assertThat(renaming.leavesUnchanged("who")).isFalse();
    assertThat(renaming.leavesUnchanged("name")).isFalse();
    assertThat(renaming.leavesUnchanged("email")).isTrue();
    assertThat(replacing.leavesUnchanged("id")).isFalse();
    assertThat(replacing.leavesUnchanged("email")).isTrue();
  }

  @Test
  void answersWhatTheTargetAnswers() {
    assertThat(remove()).isTrue();
    target.answer = false;
    assertThat(remove()).isFalse();
    assertThat(target.ranges).hasSize(2);
    assertThat(target.schemas).containsOnly(USERS);
  }

  @Test
  void filtersChangeNothing() {
    Destination filtering =
        TransformingDestination.around(target)
            .filter(NAME, event -> event instanceof Event.Delete)
            .build();

    assertThat(filtering.removeRange(USERS, RANGE)).isTrue();
  }

  /** Whose exception may quote a value. */
  @Test
  void blamesTheTable() {
    EtlException failure =
        catchThrowableOfType(
            EtlException.class,
            () ->
                remove(
                    source -> {
                      throw new IllegalStateException("secret");
                    }));

    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_FAILED);
    assertThat(failure.tableOid()).hasValue(16385);
    assertThat(failure).hasMessageNotContaining("secret");
  }

  private static TableSchema table(String... columns) {
    List<ColumnSchema> schemas = new ArrayList<>();
    for (String column : columns) {
      PgType type = column.equals("id") ? PgType.base(20, "int8") : PgType.base(25, "text");
      schemas.add(
          ColumnSchema.builder(column, type)
              .inReplicaIdentity(column.equals("id"))
              .primaryKeyOrdinal(column.equals("id") ? 1 : 0)
              .build());
    }
    return TableSchema.builder(new TableId(16385), NAME)
        .snapshotLsn(new Lsn(1))
        .columns(schemas)
        .build();
  }

  /**
   * A transform of a user.
   *
   * @param table what it was given
   * @param leaves whether it says that it changes nothing
   */
  private record Custom(TableSchema table, boolean leaves) implements RowTransform {
    @Override
    public TableRow apply(TableRow row) {
      return row;
    }

    @Override
    public boolean leavesUnchanged(String column) {
      return leaves || RowTransform.super.leavesUnchanged(column);
    }
  }

  private static final class Removing implements Destination {
    private final List<TableSchema> schemas = new ArrayList<>();
    private final List<KeyRange> ranges = new ArrayList<>();
    private boolean answer = true;

    @Override
    public boolean removeRange(TableSchema table, KeyRange range) {
      schemas.add(table);
      ranges.add(range);
      return answer;
    }

    @Override
    public Optional<EventSequence> lastApplied(TableId table) {
      return Optional.of(new EventSequence(new Lsn(table.oid()), 3));
    }

    @Override
    public void truncateTable(TableSchema table) {
      throw new UnsupportedOperationException();
    }

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      throw new UnsupportedOperationException();
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      throw new UnsupportedOperationException();
    }
  }
}

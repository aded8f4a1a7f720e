package dev.pgetl.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.pgetl.schema.SchemaChange.ColumnChange;
import dev.pgetl.wal.Lsn;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What differs between two versions of a table. */
class SchemaChangeTest {
  private static final PgType INT4 = PgType.base(23, "int4");
  private static final PgType TEXT = PgType.base(25, "text");

  private static ColumnSchema column(String name, int number, PgType type) {
    return ColumnSchema.builder(name, type).attributeNumber(number).build();
  }

  private static TableSchema table(ColumnSchema... columns) {
    return TableSchema.builder(new TableId(7), new TableName("public", "t"))
        .columns(List.of(columns))
        .build();
  }

  private static SchemaChange change(TableSchema before, TableSchema after) {
    return new SchemaChange(before, after);
  }

  @Test
  void namesColumnsThatWereAddedDroppedRenamedAndRetyped() {
    SchemaChange change =
        change(
            table(column("id", 1, INT4), column("a", 2, INT4), column("b", 3, INT4)),
            table(column("id", 1, TEXT), column("c", 3, INT4), column("d", 4, INT4)));

    assertThat(change.added()).containsExactly(column("d", 4, INT4));
    assertThat(change.dropped()).containsExactly(column("a", 2, INT4));
    assertThat(change.changed())
        .containsExactly(
            new ColumnChange(column("id", 1, INT4), column("id", 1, TEXT)),
            new ColumnChange(column("b", 3, INT4), column("c", 3, INT4)));
    assertThat(change.changed()).extracting(ColumnChange::isRetyped).containsExactly(true, false);
    assertThat(change.changed()).extracting(ColumnChange::isRenamed).containsExactly(false, true);
    assertThat(change)
        .hasToString(
            "public.t: column d added, column a dropped, column id changed from int4 to text,"
                + " column b renamed to c");
  }

  @Test
  void aColumnThatWasDroppedAndAddedAgainIsBoth() {
    SchemaChange change = change(table(column("a", 1, INT4)), table(column("a", 2, INT4)));

    assertThat(change.dropped()).containsExactly(column("a", 1, INT4));
    assertThat(change.added()).containsExactly(column("a", 2, INT4));
    assertThat(change.changed()).isEmpty();
  }

  /** A number is unknown where the stream is behind the catalogue. */
  @Test
  void columnsWithoutNumbersGoByTheirNames() {
    SchemaChange same = change(table(column("a", 1, INT4)), table(column("a", 0, INT4)));
    SchemaChange other = change(table(column("a", 1, INT4)), table(column("b", 0, INT4)));

    assertThat(same.isEmpty()).isTrue();
    assertThat(other.added()).extracting(ColumnSchema::name).containsExactly("b");
    assertThat(other.dropped()).extracting(ColumnSchema::name).containsExactly("a");
  }

  @Test
  void aHintThatDiffersIsAChange() {
    ColumnSchema before = column("a", 1, INT4);
    ColumnSchema after = before.toBuilder().nullable(false).build();
    SchemaChange change = change(table(before), table(after));

    assertThat(change.changed()).containsExactly(new ColumnChange(before, after));
    assertThat(change.changed().get(0).isRenamed()).isFalse();
    assertThat(change.changed().get(0).isRetyped()).isFalse();
    assertThat(change).hasToString("public.t: column a changed");
  }

  @Test
  void aModifierIsPartOfTheType() {
    ColumnSchema before = column("a", 1, INT4);
    SchemaChange change = change(table(before), table(before.toBuilder().modifier(12).build()));

    assertThat(change.changed().get(0).isRetyped()).isTrue();
    assertThat(change).hasToString("public.t: column a changed from int4 to int4(12)");
  }

  @Test
  void nameAndIdentityOfTheTableCount() {
    TableSchema before = table(column("a", 1, INT4));
    SchemaChange change =
        change(
            before,
            before.toBuilder()
                .name(new TableName("old", "t"))
                .replicaIdentity(ReplicaIdentity.FULL)
                .build());

    assertThat(change.isRenamed()).isTrue();
    assertThat(change.isIdentityChanged()).isTrue();
    assertThat(change.isEmpty()).isFalse();
    assertThat(change.table()).isEqualTo(new TableId(7));
    assertThat(change).hasToString("old.t: was public.t, replica identity DEFAULT to FULL");
  }

  @Test
  void positionScopeAndDifferenceDoNotCount() {
    TableSchema before = table(column("a", 1, INT4));
    SchemaChange change =
        change(before, before.toBuilder().snapshotLsn(new Lsn(9)).difference("why").build());

    assertThat(change.isEmpty()).isTrue();
    assertThat(change).hasToString("public.t: nothing changed");
  }

  @Test
  void versionsOfTwoTablesAreRefused() {
    TableSchema other = TableSchema.builder(new TableId(8), new TableName("public", "t")).build();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> change(table(), other))
        .withMessage("versions of tables 7 and 8 are no change of one");
  }
}

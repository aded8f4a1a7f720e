package dev.pgetl.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableSchemaTest {
  private static final PgType INT4 = PgType.base(23, "int4");
  private static final ColumnSchema A = column("a", 2, true);
  private static final ColumnSchema B = column("b", 0, false);
  private static final ColumnSchema C = column("c", 1, true);
  private static final TableSchema TABLE = table(A, B, C);

  private static ColumnSchema column(String name, int primaryKeyOrdinal, boolean identity) {
    return new ColumnSchema(name, INT4, -1, identity, 1, true, primaryKeyOrdinal, null);
  }

  private static TableSchema table(ColumnSchema... columns) {
    return new TableSchema(
        new TableId(7),
        new TableName("public", "t"),
        new Lsn(0x10),
        ReplicaIdentity.DEFAULT,
        List.of(columns));
  }

  @Test
  void findsColumnsByPlaceAndName() {
    assertThat(TABLE.columnCount()).isEqualTo(3);
    assertThat(TABLE.column(1)).isEqualTo(B);
    assertThat(TABLE.indexOf("c")).isEqualTo(2);
    assertThat(TABLE.indexOf("C")).isEqualTo(-1);
  }

  @Test
  void givesThePrimaryKeyInItsOwnOrder() {
    assertThat(TABLE.primaryKey()).containsExactly(C, A);
    assertThat(table(B).primaryKey()).isEmpty();
  }

  @Test
  void givesTheIdentityInTableOrder() {
    assertThat(TABLE.identityColumns()).containsExactly(A, C);
  }

  @Test
  void looksTheSameOnTheWireWhateverTheCatalogueAdds() {
    ColumnSchema hinted = new ColumnSchema("a", INT4, -1, true, 9, false, 0, "1");
    TableSchema other =
        new TableSchema(
            TABLE.id(), TABLE.name(), new Lsn(0x20), ReplicaIdentity.DEFAULT, List.of(hinted));

    assertThat(other.sameOnTheWire(table(A))).isTrue();
  }

  @Test
  void looksDifferentInEverythingTheStreamSends() {
    ColumnSchema a = ColumnSchema.of("a", INT4);
    TableSchema one = table(a);

    assertThat(one.sameOnTheWire(table(ColumnSchema.of("b", INT4)))).isFalse();
    assertThat(one.sameOnTheWire(table(ColumnSchema.of("a", PgType.base(20, "int8"))))).isFalse();
    assertThat(one.sameOnTheWire(table(a, a))).isFalse();
    assertThat(one.sameOnTheWire(table(new ColumnSchema("a", INT4, 4, false, 0, true, 0, null))))
        .isFalse();
    assertThat(one.sameOnTheWire(table(new ColumnSchema("a", INT4, -1, true, 0, true, 0, null))))
        .isFalse();
    assertThat(one.sameOnTheWire(with(one, new TableId(8), one.name(), one.replicaIdentity())))
        .isFalse();
    assertThat(
            one.sameOnTheWire(
                with(one, one.id(), new TableName("public", "u"), one.replicaIdentity())))
        .isFalse();
    assertThat(one.sameOnTheWire(with(one, one.id(), one.name(), ReplicaIdentity.FULL))).isFalse();
  }

  private static TableSchema with(
      TableSchema table, TableId id, TableName name, ReplicaIdentity identity) {
    return new TableSchema(id, name, table.snapshotLsn(), identity, table.columns());
  }

  @Test
  void doesNotChangeAfterwards() {
    List<ColumnSchema> columns = new ArrayList<>(List.of(A));
    TableSchema table =
        new TableSchema(TABLE.id(), TABLE.name(), Lsn.ZERO, ReplicaIdentity.DEFAULT, columns);
    columns.add(B);

    assertThat(table.columns()).containsExactly(A);
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> table.columns().add(B));
  }

  @Test
  void printsNoColumns() {
    assertThat(TABLE).hasToString("public.t (oid 7, version 0/10, 3 columns)");
  }
}

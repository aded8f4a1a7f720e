package dev.pgetl.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.pgetl.ValueEquality;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableSchemaTest {
  private static final PgType INT4 = PgType.base(23, "int4");
  private static final ColumnSchema A = column("a", 2, true);
  private static final ColumnSchema B = column("b", 0, false);
  private static final ColumnSchema C = column("c", 1, true);
  private static final TableSchema TABLE = table(A, B, C);
  private static final TableName OTHER_NAME = new TableName("public", "u");

  private static ColumnSchema column(String name, int primaryKeyOrdinal, boolean identity) {
    return ColumnSchema.builder(name, INT4)
        .inReplicaIdentity(identity)
        .attributeNumber(1)
        .primaryKeyOrdinal(primaryKeyOrdinal)
        .build();
  }

  private static TableSchema table(ColumnSchema... columns) {
    return TableSchema.builder(new TableId(7), new TableName("public", "t"))
        .snapshotLsn(new Lsn(0x10))
        .columns(List.of(columns))
        .build();
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
    ColumnSchema hinted =
        A.toBuilder()
            .attributeNumber(9)
            .nullable(false)
            .primaryKeyOrdinal(0)
            .defaultExpression("1")
            .build();
    TableSchema other =
        TABLE.toBuilder().snapshotLsn(new Lsn(0x20)).columns(List.of(hinted)).build();

    assertThat(other.sameOnTheWire(table(A))).isTrue();
  }

  @Test
  void looksDifferentInEverythingTheStreamSends() {
    ColumnSchema a = ColumnSchema.of("a", INT4);
    TableSchema one = table(a);

    assertThat(one.sameOnTheWire(table(ColumnSchema.of("b", INT4)))).isFalse();
    assertThat(one.sameOnTheWire(table(ColumnSchema.of("a", PgType.base(20, "int8"))))).isFalse();
    assertThat(one.sameOnTheWire(table(a, a))).isFalse();
    assertThat(one.sameOnTheWire(table(a.toBuilder().modifier(4).build()))).isFalse();
    assertThat(one.sameOnTheWire(table(a.toBuilder().inReplicaIdentity(true).build()))).isFalse();
    assertThat(
            one.sameOnTheWire(
                TableSchema.builder(new TableId(8), one.name()).columns(List.of(a)).build()))
        .isFalse();
    assertThat(one.sameOnTheWire(one.toBuilder().name(OTHER_NAME).build())).isFalse();
    assertThat(one.sameOnTheWire(one.toBuilder().replicaIdentity(ReplicaIdentity.FULL).build()))
        .isFalse();
  }

  @Test
  void doesNotChangeAfterwards() {
    List<ColumnSchema> columns = new ArrayList<>(List.of(A));
    TableSchema table = TABLE.toBuilder().columns(columns).build();
    columns.add(B);

    assertThat(table.columns()).containsExactly(A);
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> table.columns().add(B));
  }

  @Test
  void hasNoColumnsAndHoldsFromTheBeginningUnlessToldOtherwise() {
    TableSchema table = TableSchema.builder(TABLE.id(), TABLE.name()).build();

    assertThat(table.id()).isEqualTo(TABLE.id());
    assertThat(table.name()).isEqualTo(TABLE.name());
    assertThat(table.snapshotLsn()).isEqualTo(Lsn.ZERO);
    assertThat(table.replicaIdentity()).isEqualTo(ReplicaIdentity.DEFAULT);
    assertThat(table.columns()).isEmpty();
  }

  @Test
  void isEqualIfEveryPartIs() {
    ValueEquality.check(
        () -> table(A, B, C),
        () -> TableSchema.builder(TABLE.id(), TABLE.name()).build(),
        () -> TableSchema.builder(new TableId(8), TABLE.name()).build(),
        () -> TABLE.toBuilder().name(OTHER_NAME).build(),
        () -> TABLE.toBuilder().snapshotLsn(new Lsn(0x20)).build(),
        () -> TABLE.toBuilder().replicaIdentity(ReplicaIdentity.FULL).build(),
        () -> TABLE.toBuilder().columns(List.of(C, B, A)).build());
    assertThat(TABLE.toBuilder().build()).isEqualTo(TABLE);
  }

  @Test
  @SuppressWarnings("NullAway") // what a caller without NullAway may do
  void saysWhatIsMissing() {
    assertThatNullPointerException()
        .isThrownBy(() -> TableSchema.builder(null, TABLE.name()))
        .withMessage("id");
    assertThatNullPointerException()
        .isThrownBy(() -> TABLE.toBuilder().snapshotLsn(null))
        .withMessage("snapshotLsn");
    assertThatNullPointerException()
        .isThrownBy(() -> TABLE.toBuilder().columns(Collections.singletonList(null)));
  }

  @Test
  void printsNoColumns() {
    assertThat(TABLE).hasToString("public.t (oid 7, version 0/10, 3 columns)");
  }
}

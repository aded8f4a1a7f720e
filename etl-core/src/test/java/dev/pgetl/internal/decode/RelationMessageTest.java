package dev.pgetl.internal.decode;

import static dev.pgetl.internal.decode.DecoderSession.assertRejected;
import static dev.pgetl.internal.decode.DecoderSession.assertTakesNothingButTheWhole;
import static dev.pgetl.internal.decode.PgOutputBytes.begin;
import static dev.pgetl.internal.decode.PgOutputBytes.insert;
import static dev.pgetl.internal.decode.PgOutputBytes.relation;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.event.Event;
import dev.pgetl.internal.decode.PgOutputBytes.WireColumn;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import org.junit.jupiter.api.Test;

/** What a Relation message says of a table. When it becomes an event: {@link AnnouncementTest}. */
class RelationMessageTest {
  private static TableSchema described(byte[] relation, byte[] change) {
    return new DecoderSession()
        .decode(begin(0x100), relation, change)
        .only(Event.Relation.class)
        .table();
  }

  @Test
  void describesTheTable() {
    byte[] relation =
        relation(
            7,
            "orders",
            'i',
            new WireColumn("id", 20, -1, true),
            new WireColumn("total", 1700, 655_366, false));

    TableSchema table = described(relation, insert(7, "1", "2"));

    assertThat(table.id()).isEqualTo(new TableId(7));
    assertThat(table.name()).isEqualTo(new TableName("public", "orders"));
    assertThat(table.replicaIdentity()).isEqualTo(ReplicaIdentity.INDEX);
    assertThat(table.columns())
        .containsExactly(
            ColumnSchema.builder("id", PgType.base(20, "int8")).inReplicaIdentity(true).build(),
            ColumnSchema.builder("total", PgType.base(1700, "numeric")).modifier(655_366).build());
  }

  @Test
  void readsAnEmptySchemaAsTheCatalogue() {
    byte[] relation =
        PgOutputBytes.of('R').int32(7).string("").string("t").int8('d').int16(0).bytes();

    assertThat(described(relation, insert(7)).name()).isEqualTo(new TableName("pg_catalog", "t"));
  }

  @Test
  void readsNamesAsUtf8AndTypesUnsigned() {
    byte[] relation = relation(7, "größe", 'n', new WireColumn("名", 0xFFFFFFFFL, -1, false));

    TableSchema table = described(relation, insert(7, "x"));

    assertThat(table.name().name()).isEqualTo("größe");
    assertThat(table.column(0).name()).isEqualTo("名");
    assertThat(table.column(0).type().oid()).isEqualTo(0xFFFFFFFFL);
  }

  @Test
  void knowsEveryReplicaIdentity() {
    for (ReplicaIdentity identity : ReplicaIdentity.values()) {
      byte[] relation = relation(7, "t", identity.code());
      assertThat(described(relation, insert(7)).replicaIdentity()).isEqualTo(identity);
    }
  }

  @Test
  void takesOnlyTheLowestFlagForTheKey() {
    byte[] relation =
        PgOutputBytes.of('R')
            .int32(7)
            .string("s")
            .string("t")
            .int8('d')
            .int16(2)
            .int8(0xFE)
            .string("a")
            .int32(25)
            .int32(-1)
            .int8(0xFF)
            .string("b")
            .int32(25)
            .int32(-1)
            .bytes();

    assertThat(described(relation, insert(7, "1", "2")).columns())
        .extracting(ColumnSchema::inReplicaIdentity)
        .containsExactly(false, true);
  }

  @Test
  void isNoEventByItself() {
    DecoderSession session =
        new DecoderSession().decode(begin(0x100), relation(7, "t", 'd', WireColumn.key("id")));

    assertThat(session.events()).isEmpty();
    assertThat(session.asked()).isEmpty();
  }

  @Test
  void isRefusedWithAnUnknownIdentity() {
    assertRejected(relation(7, "t", 'x'));
    assertRejected(relation(7, "t", '\u00FF'));
  }

  @Test
  void isRefusedWithoutAnOid() {
    assertRejected(relation(0, "t", 'd'));
  }

  @Test
  void isRefusedWithMoreColumnsThanItHolds() {
    assertRejected(
        PgOutputBytes.of('R').int32(7).string("s").string("t").int8('d').int16(0xFFFF).bytes());
  }

  @Test
  void isRefusedUnlessWhole() {
    assertTakesNothingButTheWhole(
        relation(7, "orders", 'f', WireColumn.key("id"), WireColumn.text("note")));
  }
}

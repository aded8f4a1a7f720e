package dev.pgetl.internal.decode;

import static dev.pgetl.internal.decode.DecoderSession.assertRejected;
import static dev.pgetl.internal.decode.DecoderSession.assertTakesNothingButTheWhole;
import static dev.pgetl.internal.decode.PgOutputBytes.begin;
import static dev.pgetl.internal.decode.PgOutputBytes.commit;
import static dev.pgetl.internal.decode.PgOutputBytes.insert;
import static dev.pgetl.internal.decode.PgOutputBytes.relation;
import static dev.pgetl.internal.decode.PgOutputBytes.truncate;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.event.Event;
import dev.pgetl.internal.decode.PgOutputBytes.WireColumn;
import dev.pgetl.schema.TableId;
import org.junit.jupiter.api.Test;

class TruncateMessageTest {
  private static final byte[] BEGIN = begin(0x100);
  private static final byte[] A = relation(7, "a", 'd', WireColumn.key("id"));
  private static final byte[] B = relation(8, "b", 'd', WireColumn.key("id"));
  private static final byte[] C = relation(9, "c", 'd', WireColumn.key("id"));

  private static DecoderSession session() {
    return new DecoderSession().decode(BEGIN, A, B, C);
  }

  private static long[] oids(Event.Truncate truncate) {
    return truncate.tables().stream().mapToLong(table -> table.id().oid()).toArray();
  }

  @Test
  void givesItsTablesInOneEvent() {
    Event.Truncate truncate = session().decode(truncate(0, 8, 7)).only(Event.Truncate.class);

    assertThat(oids(truncate)).containsExactly(8, 7);
    assertThat(truncate.concerns(new TableId(7))).isTrue();
    assertThat(truncate.concerns(new TableId(9))).isFalse();
  }

  @Test
  void saysWhetherItCascadedAndRestartedSequences() {
    assertThat(session().decode(truncate(0, 7)).only(Event.Truncate.class))
        .returns(false, Event.Truncate::cascade)
        .returns(false, Event.Truncate::restartIdentity);
    assertThat(session().decode(truncate(1, 7)).only(Event.Truncate.class))
        .returns(true, Event.Truncate::cascade)
        .returns(false, Event.Truncate::restartIdentity);
    assertThat(session().decode(truncate(2, 7)).only(Event.Truncate.class))
        .returns(false, Event.Truncate::cascade)
        .returns(true, Event.Truncate::restartIdentity);
  }

  @Test
  void leavesOutTablesThatAreNotCarried() {
    DecoderSession session = session().accepting(7, 9).decode(truncate(0, 7, 8, 9));

    assertThat(oids(session.only(Event.Truncate.class))).containsExactly(7, 9);
  }

  @Test
  void isNoEventIfNoTableIsCarried() {
    DecoderSession session = session().accepting().decode(truncate(0, 7, 8), commit(0x100, 0x130));

    assertThat(session.events()).isEmpty();
  }

  @Test
  void announcesEveryTableUnderAKeyOfItsOwn() {
    DecoderSession session = session().decode(truncate(0, 7, 8), commit(0x100, 0x130));

    assertThat(session.kinds())
        .containsExactly("Begin", "Relation", "Relation", "Truncate", "Commit");
    assertThat(session.ordinals()).containsExactly(0L, 1L, 3L, 4L, 6L);
  }

  @Test
  void countsTablesThatAreNotCarried() {
    DecoderSession all = session().decode(truncate(0, 7, 8), insert(9, "1"));
    DecoderSession one = session().accepting(9).decode(truncate(0, 7, 8), insert(9, "1"));

    assertThat(one.only(Event.Insert.class).sequence())
        .isEqualTo(all.only(Event.Insert.class).sequence());
  }

  @Test
  void isRefusedWithMoreTablesThanItHolds() {
    assertRejected(PgOutputBytes.of('T').int32(3).int8(0).int32(7).int32(8).bytes(), BEGIN, A, B);
    assertRejected(
        PgOutputBytes.of('T').int32(Integer.MAX_VALUE).int8(0).int32(7).bytes(), BEGIN, A);
  }

  @Test
  void isRefusedWithANegativeNumberOfTables() {
    assertRejected(PgOutputBytes.of('T').int32(-1).int8(0).bytes(), BEGIN);
    assertRejected(PgOutputBytes.of('T').int32(Integer.MIN_VALUE).int8(0).bytes(), BEGIN);
  }

  @Test
  void isRefusedIfATableWasNotDescribed() {
    assertRejected(truncate(0, 7, 8), BEGIN, A);
  }

  @Test
  void isRefusedOutsideATransaction() {
    assertRejected(truncate(0, 7), A);
    assertRejected(truncate(0), A);
  }

  @Test
  void isRefusedUnlessWhole() {
    assertTakesNothingButTheWhole(truncate(3, 7, 8), BEGIN, A, B);
  }
}

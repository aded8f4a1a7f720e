package dev.pgetl.internal.decode;

import static dev.pgetl.internal.decode.DecoderSession.assertRejected;
import static dev.pgetl.internal.decode.DecoderSession.assertTakesNothingButTheWhole;
import static dev.pgetl.internal.decode.PgOutputBytes.begin;
import static dev.pgetl.internal.decode.PgOutputBytes.commit;
import static dev.pgetl.internal.decode.PgOutputBytes.insert;
import static dev.pgetl.internal.decode.PgOutputBytes.relation;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.event.Event;
import dev.pgetl.event.Transaction;
import dev.pgetl.internal.decode.PgOutputBytes.WireColumn;
import dev.pgetl.wal.Lsn;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class BeginMessageTest {
  private static final byte[] TABLE = relation(7, "t", 'd', WireColumn.key("id"));

  @Test
  void givesTheTransactionToItsEvents() {
    DecoderSession session =
        new DecoderSession().decode(begin(0x100), TABLE, insert(7, "1"), commit(0x100, 0x130));

    assertThat(session.events())
        .hasSize(4)
        .allSatisfy(
            event ->
                assertThat(event.transaction())
                    .isEqualTo(
                        new Transaction(
                            new Lsn(0x100),
                            Instant.parse("2026-01-01T00:00:00Z"),
                            PgOutputBytes.XID)));
    assertThat(session.events().get(0)).isInstanceOf(Event.Begin.class);
  }

  @Test
  void readsTheTransactionIdUnsigned() {
    byte[] begin = PgOutputBytes.of('B').int64(0x100).int64(0).int32(0xFFFFFFFEL).bytes();

    DecoderSession session = new DecoderSession().decode(begin, TABLE, insert(7, "1"));

    assertThat(session.only(Event.Begin.class).transaction().xid()).isEqualTo(0xFFFFFFFEL);
  }

  @Test
  void readsTimesBeforeTheYear2000() {
    byte[] begin = PgOutputBytes.of('B').int64(0x100).int64(-1).int32(9).bytes();

    DecoderSession session = new DecoderSession().decode(begin, TABLE, insert(7, "1"));

    assertThat(session.only(Event.Begin.class).transaction().commitTime())
        .isEqualTo("1999-12-31T23:59:59.999999Z");
  }

  @Test
  void isNoEventBeforeSomethingOfTheTransactionIs() {
    DecoderSession session = new DecoderSession().decode(begin(0x100));

    assertThat(session.events()).isEmpty();
    assertThat(session.decoder().inTransaction()).isTrue();
    assertThat(session.begun()).containsExactly(new Lsn(0x100));
  }

  @Test
  void dropsTransactionsCommittedBeforeTheStart() {
    DecoderSession session =
        new DecoderSession(new Lsn(0x100))
            .decode(begin(0xFF), TABLE, insert(7, "1"), commit(0xFF, 0x100));

    assertThat(session.events()).isEmpty();
    assertThat(session.begun()).isEmpty();
    assertThat(session.asked()).isEmpty();
    assertThat(session.boundaries()).isEmpty();
    assertThat(session.decoder().inTransaction()).isFalse();
  }

  @Test
  void givesTheTransactionCommittedAtTheStart() {
    DecoderSession session =
        new DecoderSession(new Lsn(0x100))
            .decode(begin(0x100), TABLE, insert(7, "1"), commit(0x100, 0x130));

    assertThat(session.kinds()).containsExactly("Begin", "Relation", "Insert", "Commit");
  }

  @Test
  void remembersTablesDescribedInADroppedTransaction() {
    DecoderSession session =
        new DecoderSession(new Lsn(0x200))
            .decode(begin(0x100), TABLE, insert(7, "1"), commit(0x100, 0x130))
            .decode(begin(0x200), insert(7, "2"), commit(0x200, 0x230));

    assertThat(session.kinds()).containsExactly("Begin", "Relation", "Insert", "Commit");
    assertThat(session.only(Event.Insert.class).row().text(0)).isEqualTo("2");
  }

  @Test
  void comparesTheStartUnsigned() {
    DecoderSession session =
        new DecoderSession(new Lsn(0x7FFFFFFFFFFFFFFFL))
            .decode(begin(0x8000000000000000L), TABLE, insert(7, "1"));

    assertThat(session.all(Event.Insert.class)).hasSize(1);
  }

  @Test
  void isRefusedInsideAnotherTransaction() {
    assertRejected(begin(0x200), begin(0x100));
  }

  @Test
  void isRefusedUnlessWhole() {
    assertTakesNothingButTheWhole(begin(0x100));
  }
}

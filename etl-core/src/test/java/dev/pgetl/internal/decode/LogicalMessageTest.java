package dev.pgetl.internal.decode;

import static dev.pgetl.internal.decode.DecoderSession.assertRejected;
import static dev.pgetl.internal.decode.DecoderSession.assertTakesNothingButTheWhole;
import static dev.pgetl.internal.decode.PgOutputBytes.begin;
import static dev.pgetl.internal.decode.PgOutputBytes.commit;
import static dev.pgetl.internal.decode.PgOutputBytes.insert;
import static dev.pgetl.internal.decode.PgOutputBytes.logical;
import static dev.pgetl.internal.decode.PgOutputBytes.relation;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.internal.decode.PgOutputBytes.WireColumn;
import dev.pgetl.wal.Lsn;
import org.junit.jupiter.api.Test;

class LogicalMessageTest {
  private static final byte[] TABLE = relation(7, "t", 'd', WireColumn.key("id"));

  private static DecoderSession session(Lsn from) {
    return new DecoderSession(from).acceptingMessages("audit");
  }

  @Test
  void givesAMessageOfATransaction() {
    DecoderSession session =
        session(Lsn.ZERO)
            .decode(begin(0x100), logical(true, 0x90, "audit", "who"), commit(0x100, 0x130));

    Event.Message message = session.only(Event.Message.class);
    assertThat(message.transactional()).isTrue();
    assertThat(message.lsn()).isEqualTo(new Lsn(0x90));
    assertThat(message.prefix()).isEqualTo("audit");
    assertThat(message.text()).isEqualTo("who");
    assertThat(message.content().isReadOnly()).isTrue();
    assertThat(message.sequence()).isEqualTo(new EventSequence(new Lsn(0x100), 2));
    assertThat(session.kinds()).containsExactly("Begin", "Message", "Commit");
  }

  @Test
  void givesAMessageThatIsPartOfNoTransaction() {
    DecoderSession session = session(Lsn.ZERO).decode(logical(false, 0x90, "audit", "who"));

    Event.Message message = session.only(Event.Message.class);
    assertThat(message.transactional()).isFalse();
    assertThat(message.transaction().xid()).isZero();
    assertThat(message.lsn()).isEqualTo(new Lsn(0x90));
    assertThat(message.sequence()).isEqualTo(new EventSequence(new Lsn(0x8F), 0));
    assertThat(session.kinds()).containsExactly("Message");
    assertThat(session.boundaries()).containsExactly(new Lsn(0x90));
  }

  /** The commit record begins where that of the message ends. */
  @Test
  void hasAnotherKeyThanTheTransactionBehindIt() {
    DecoderSession session =
        session(Lsn.ZERO)
            .decode(logical(false, 0x100, "audit", "who"))
            .decode(begin(0x100), TABLE, insert(7, "1"), commit(0x100, 0x130));

    assertThat(session.kinds()).startsWith("Message", "Begin").endsWith("Insert", "Commit");
    assertThat(session.events()).extracting(Event::sequence).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void dropsAMessageFromBeforeTheStart() {
    assertThat(session(new Lsn(0x90)).decode(logical(false, 0x8F, "audit", "")).events()).isEmpty();
    assertThat(session(new Lsn(0x90)).decode(logical(false, 0x90, "audit", "")).events())
        .hasSize(1);
    assertThat(
            session(new Lsn(0x101))
                .decode(begin(0x100), logical(true, 0x200, "audit", ""), commit(0x100, 0x130))
                .events())
        .isEmpty();
  }

  @Test
  void dropsPrefixesNobodyAskedFor() {
    DecoderSession session =
        session(Lsn.ZERO)
            .decode(logical(false, 0x80, "other", "x"))
            .decode(begin(0x100), logical(true, 0x90, "other", "x"), commit(0x100, 0x130));

    assertThat(session.events()).isEmpty();
  }

  @Test
  void countsDroppedMessagesOfATransaction() {
    DecoderSession session =
        session(Lsn.ZERO)
            .decode(begin(0x100), TABLE, logical(true, 0x90, "other", "x"), insert(7, "1"));

    assertThat(session.only(Event.Insert.class).txOrdinal()).isEqualTo(4);
  }

  @Test
  void countsTheBytesOfItsMessage() {
    byte[] message = logical(false, 0x90, "audit", "x".repeat(1000));

    DecoderSession session = session(Lsn.ZERO).decode(message);

    assertThat(session.sizeOf(session.only(Event.Message.class)))
        .isBetween(message.length, message.length + 500);
  }

  @Test
  void isRefusedOutsideATransactionItBelongsTo() {
    assertRejected(logical(true, 0x90, "audit", "x"));
  }

  @Test
  void isRefusedWithContentOfNegativeLength() {
    assertRejected(PgOutputBytes.of('M').int8(0).int64(0x90).string("audit").int32(-1).bytes());
  }

  @Test
  void isRefusedUnlessWhole() {
    assertTakesNothingButTheWhole(logical(false, 0x90, "audit", "content"));
    assertTakesNothingButTheWhole(logical(true, 0x90, "audit", "content"), begin(0x100));
  }
}

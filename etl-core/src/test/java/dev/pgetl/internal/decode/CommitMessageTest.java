package dev.pgetl.internal.decode;

import static dev.pgetl.internal.decode.DecoderSession.assertRejected;
import static dev.pgetl.internal.decode.DecoderSession.assertTakesNothingButTheWhole;
import static dev.pgetl.internal.decode.PgOutputBytes.begin;
import static dev.pgetl.internal.decode.PgOutputBytes.commit;
import static dev.pgetl.internal.decode.PgOutputBytes.insert;
import static dev.pgetl.internal.decode.PgOutputBytes.relation;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.event.Event;
import dev.pgetl.internal.decode.PgOutputBytes.WireColumn;
import dev.pgetl.wal.Lsn;
import org.junit.jupiter.api.Test;

class CommitMessageTest {
  private static final byte[] TABLE = relation(7, "t", 'd', WireColumn.key("id"));

  @Test
  void endsTheTransactionBehindItsLastChange() {
    DecoderSession session =
        new DecoderSession()
            .decode(begin(0x100), TABLE, insert(7, "1"), insert(7, "2"), commit(0x100, 0x130));

    Event.Commit commit = session.only(Event.Commit.class);
    assertThat(commit.endLsn()).isEqualTo(new Lsn(0x130));
    assertThat(commit.txOrdinal()).isEqualTo(6);
    assertThat(session.events()).last().isEqualTo(commit);
    assertThat(session.decoder().inTransaction()).isFalse();
  }

  @Test
  void isABoundaryAtItsEnd() {
    DecoderSession session =
        new DecoderSession()
            .decode(begin(0x100), TABLE, insert(7, "1"), commit(0x100, 0x130))
            .decode(begin(0x130), insert(7, "2"), commit(0x130, 0x160));

    assertThat(session.boundaries()).containsExactly(new Lsn(0x130), new Lsn(0x160));
  }

  @Test
  void isOnlyABoundaryIfNothingOfTheTransactionWasGiven() {
    DecoderSession session =
        new DecoderSession()
            .accepting(8)
            .decode(begin(0x100), commit(0x100, 0x130))
            .decode(begin(0x130), TABLE, insert(7, "1"), commit(0x130, 0x160));

    assertThat(session.events()).isEmpty();
    assertThat(session.boundaries()).containsExactly(new Lsn(0x130), new Lsn(0x160));
  }

  @Test
  void isRefusedOutsideATransaction() {
    assertRejected(commit(0x100, 0x130));
    assertRejected(commit(0x100, 0x130), begin(0x100), commit(0x100, 0x130));
  }

  @Test
  void isRefusedUnlessWhole() {
    assertTakesNothingButTheWhole(commit(0x100, 0x130), begin(0x100));
  }
}

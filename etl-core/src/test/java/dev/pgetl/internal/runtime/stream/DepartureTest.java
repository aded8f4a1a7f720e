package dev.pgetl.internal.runtime.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.capture.WalEnd;
import dev.pgetl.internal.capture.facts.OpenTransactions;
import dev.pgetl.wal.Lsn;
import org.junit.jupiter.api.Test;

/** A table leaves at position 0x100; the next transaction then is number 10. */
class DepartureTest {
  private static final Lsn SEEN = new Lsn(0x100);
  private static final Departure LEAVES =
      Departure.begin(new OpenTransactions(7, 10, Lsn.ZERO), new WalEnd(1, SEEN));
  private static final WalEnd LATER = new WalEnd(1, new Lsn(0x200));

  @Test
  void itEndsBehindTheTransactionsThatHadBegun() {
    assertThat(LEAVES.at(new OpenTransactions(9, 20, Lsn.ZERO), LATER).end()).isNull();
    assertThat(LEAVES.at(new OpenTransactions(10, 20, Lsn.ZERO), LATER).end())
        .isEqualTo(LATER.position());
  }

  @Test
  void theEndStays() {
    Departure ended = LEAVES.at(new OpenTransactions(10, 20, Lsn.ZERO), LATER);

    assertThat(ended.at(new OpenTransactions(30, 40, SEEN), new WalEnd(1, new Lsn(0x300))))
        .isSameAs(ended);
  }

  /** A standby knows no transaction that is younger than the last one that has ended. */
  @Test
  void onAStandbyItEndsOnceTheSlotNeedsNothingFromBefore() {
    Departure leaves =
        Departure.begin(new OpenTransactions(7, Long.MAX_VALUE, Lsn.ZERO), new WalEnd(1, SEEN));

    assertThat(leaves.at(new OpenTransactions(99, Long.MAX_VALUE, SEEN.plus(-1)), LATER).end())
        .isNull();
    assertThat(leaves.at(new OpenTransactions(99, Long.MAX_VALUE, SEEN), LATER).end())
        .isEqualTo(LATER.position());
  }

  /** A prepared transaction may have ended on the old timeline, and be open on the new one. */
  @Test
  void onAnotherTimelineItBeginsAgain() {
    Departure ended = LEAVES.at(new OpenTransactions(10, 20, Lsn.ZERO), LATER);
    WalEnd promoted = new WalEnd(2, new Lsn(0x300));

    assertThat(ended.at(new OpenTransactions(8, 30, Lsn.ZERO), promoted))
        .isEqualTo(new Departure(30, promoted.position(), 2, null));
  }
}

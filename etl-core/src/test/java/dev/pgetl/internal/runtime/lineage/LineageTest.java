package dev.pgetl.internal.runtime.lineage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.wal.Lsn;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LineageTest {
  private static final SourceFacts FACTS = new SourceFacts("7123", 1, new Lsn(0x1000));
  private static final ReplicationProgress PROGRESS =
      new ReplicationProgress("s", new SlotLineage("7123", 1, new Lsn(0x50)), new Lsn(0x100));

  private static SlotState slot(long confirmed, String walStatus, String invalidation) {
    return new SlotState(
        "s", 0, new Lsn(confirmed), walStatus, invalidation, "pgoutput", false, false);
  }

  private static EtlException lost(
      Optional<SlotState> slot, ReplicationProgress progress, SourceFacts facts) {
    EtlException lost =
        assertThatExceptionOfType(EtlException.class)
            .isThrownBy(() -> Lineage.resume("s", slot, progress, Lsn.ZERO, facts))
            .actual();
    assertThat(lost.kind()).isEqualTo(ErrorKind.SLOT_LOST);
    assertThat(lost.retry()).isEqualTo(RetryDirective.MANUAL);
    assertThat(lost.fix()).isNotEmpty();
    return lost;
  }

  /** After a restart it replays again what had been read from it. */
  @Test
  void aStandbyThatEndsEarlierIsWaitedFor() {
    SourceFacts behind = new SourceFacts("7123", 1, new Lsn(0xFF), true);
    EtlException waits =
        assertThatExceptionOfType(EtlException.class)
            .isThrownBy(
                () ->
                    Lineage.resume(
                        "s", Optional.of(slot(0x80, "reserved", "")), PROGRESS, Lsn.ZERO, behind))
            .actual();
    assertThat(waits.kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE);
    assertThat(Lineage.isSetBack(PROGRESS, Lsn.ZERO, behind)).isFalse();
  }

  @Test
  void continuesFromTheRememberedPositionWhereverTheSlotIsBehindIt() {
    for (long confirmed : new long[] {0x50, 0xFF, 0x100}) {
      assertThat(
              Lineage.resume(
                  "s", Optional.of(slot(confirmed, "reserved", "")), PROGRESS, Lsn.ZERO, FACTS))
          .isEqualTo(new Lsn(0x100));
    }
  }

  @Test
  void refusesASlotThatIsAheadOfTheRememberedPosition() {
    assertThat(lost(Optional.of(slot(0x101, "reserved", "")), PROGRESS, FACTS))
        .hasMessageContaining("0/101")
        .hasMessageContaining("0/100");
  }

  @Test
  void refusesAServerThatEndsBeforeWhatIsKnownOfIt() {
    Optional<SlotState> slot = Optional.of(slot(0x50, "reserved", ""));
    SourceFacts setBack = new SourceFacts("7123", 1, new Lsn(0xFF));
    assertThat(lost(slot, PROGRESS, setBack))
        .hasMessageContaining("0/FF")
        .hasMessageContaining("0/100")
        .hasMessageContaining("set back");

    SourceFacts there = new SourceFacts("7123", 1, new Lsn(0x100));
    assertThat(Lineage.resume("s", slot, PROGRESS, Lsn.ZERO, there)).isEqualTo(new Lsn(0x100));
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> Lineage.resume("s", slot, PROGRESS, new Lsn(0x101), there))
        .withMessageContaining("0/101");
  }

  @Test
  void refusesToGoOnWithoutTheSlot() {
    assertThat(lost(Optional.empty(), PROGRESS, FACTS)).hasMessageContaining("does not exist");
  }

  @Test
  void refusesASlotTheServerHasInvalidated() {
    assertThat(lost(Optional.of(slot(0x50, "lost", "")), PROGRESS, FACTS))
        .hasMessageContainingAll("(lost)", "max_slot_wal_keep_size", "RECREATE");
    assertThat(lost(Optional.of(slot(0x50, "reserved", "idle_timeout")), PROGRESS, FACTS))
        .hasMessageContainingAll("(idle_timeout)", "idle_replication_slot_timeout", "RECREATE");
  }

  @Test
  void refusesAPositionOfAnotherCluster() {
    SourceFacts other = new SourceFacts("8000", 1, new Lsn(0x1000));

    assertThat(lost(Optional.of(slot(0x50, "reserved", "")), PROGRESS, other))
        .hasMessageContaining("7123")
        .hasMessageContaining("8000");
  }

  @Test
  void refusesAPositionOfAnotherTimeline() {
    SourceFacts promoted = new SourceFacts("7123", 2, new Lsn(0x1000));

    assertThat(lost(Optional.of(slot(0x50, "reserved", "")), PROGRESS, promoted))
        .hasMessageContaining("timeline 1")
        .hasMessageContaining("timeline 2");
  }

  @Test
  void isTheClusterTheTimelineAndWhereTheSlotBegan() {
    assertThat(Lineage.of(FACTS, new Lsn(0x50))).isEqualTo(PROGRESS.lineage());
  }
}

package dev.pgetl.internal.runtime.lineage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.internal.capture.TimelineHistory;
import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PromotionTest {
  private static final TableId TABLE = new TableId(7);
  private static final Lsn BRANCH = new Lsn(0x300);
  private static final SourceFacts FACTS = new SourceFacts("7123", 2, new Lsn(0x500));
  private static final TimelineHistory HISTORY = new TimelineHistory(2, Map.of(1, BRANCH));

  private @Nullable EventSequence answer;
  private boolean accept;
  private boolean ofStandby;

  private static ReplicationProgress stored(long position) {
    SlotLineage lineage = new SlotLineage("7123", 1, new Lsn(0x50));
    return new ReplicationProgress("s", lineage, new Lsn(position));
  }

  private static Optional<SlotState> slot(long confirmed) {
    return slot(confirmed, false);
  }

  private static Optional<SlotState> slot(long confirmed, boolean synced) {
    return Optional.of(
        new SlotState("s", 0, new Lsn(confirmed), "reserved", "", "pgoutput", false, synced));
  }

  /** Answers what the test says. */
  private final class Answering implements Destination {
    @Override
    public void truncateTable(TableSchema table) {}

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      return WriteResult.DURABLE;
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      return WriteResult.DURABLE;
    }

    @Override
    public Optional<EventSequence> lastApplied(TableId table) {
      assertThat(table).isEqualTo(TABLE);
      return Optional.ofNullable(answer);
    }
  }

  /** What a process has delivered that has run since the log ended at a position. */
  private Given delivered(long key, long since) {
    Given given =
        Given.from(LastKeys.of(new Answering(), TABLE, () -> {}), new Lsn(0x60), new Lsn(since));
    given.delivering(List.of());
    given.reached(new Lsn(key).plus(1));
    return given;
  }

  private Given unknown(long known) {
    return Given.byOthers(LastKeys.of(new Answering(), TABLE, () -> {}), new Lsn(known));
  }

  private ReplicationProgress follow(long stored, Optional<SlotState> slot, Given given) {
    try {
      return new Promotion(HISTORY, FACTS, accept, ofStandby).follow(stored(stored), slot, given);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private EtlException refused(ErrorKind kind, long stored, long confirmed, Given given) {
    EtlException refused =
        assertThatExceptionOfType(EtlException.class)
            .isThrownBy(() -> follow(stored, slot(confirmed), given))
            .actual();
    assertThat(refused.kind()).isEqualTo(kind);
    assertThat(refused.fix()).contains("RECREATE");
    return refused;
  }

  @Test
  void continuesAtItsPositionOnTheNewTimeline() {
    ReplicationProgress next = follow(0x200, slot(0x100), delivered(0x2FF, 0));
    assertThat(next.flushedLsn()).isEqualTo(new Lsn(0x200));
    assertThat(next.lineage()).isEqualTo(new SlotLineage("7123", 2, new Lsn(0x50)));
  }

  /** The stream of a standby continues when that is promoted, so it has read the new timeline. */
  @Test
  void aServerHasEverythingThatCameFromItsSlotIfThatWasMadeOnAStandby() {
    ofStandby = true;
    for (Given given : List.of(delivered(0x400, 0), unknown(0x400))) {
      ReplicationProgress next = follow(0x350, slot(0x340), given);
      assertThat(next.flushedLsn()).isEqualTo(new Lsn(0x350));
      assertThat(next.lineage().timeline()).isEqualTo(2);
    }
    EtlException missing =
        assertThatExceptionOfType(EtlException.class)
            .isThrownBy(() -> follow(0x200, Optional.empty(), unknown(0x200)))
            .actual();
    assertThat(missing.kind()).isEqualTo(ErrorKind.SLOT_LOST);
  }

  /** It may have been read from the server that is gone. */
  @Test
  void aSlotThatWasCopiedFromAPrimarySaysNothingOfThatKind() {
    ofStandby = true;
    EtlException diverged =
        assertThatExceptionOfType(EtlException.class)
            .isThrownBy(() -> follow(0x200, slot(0x100, true), delivered(0x300, 0)))
            .actual();
    assertThat(diverged.kind()).isEqualTo(ErrorKind.DIVERGED);
  }

  @Test
  void aTransactionThatBeginsWhereTheTimelineEndedIsNotOnTheServer() {
    EtlException refused = refused(ErrorKind.DIVERGED, 0x200, 0x100, delivered(0x300, 0));
    assertThat(refused)
        .hasMessageContainingAll("0/300", "0/200", "timeline 1", "timeline 2", "ends at 0/300");
  }

  /** Empty log moves the position, too; it is not read again from the other timeline. */
  @Test
  void aPositionBehindTheEndGoesBackToIt() {
    assertThat(follow(0x400, slot(0x300), delivered(0x2FF, 0)).flushedLsn()).isEqualTo(BRANCH);
    assertThat(refused(ErrorKind.SLOT_LOST, 0x400, 0x301, delivered(0x2FF, 0)))
        .hasMessageContaining("0/301");
  }

  @Test
  void copiedRowsMayEndWhereTheTimelineDid() {
    Given copied =
        Given.from(LastKeys.of(new Answering(), TABLE, () -> {}), new Lsn(0x60), Lsn.ZERO);
    copied.reached(BRANCH);
    assertThat(follow(0x200, slot(0x100), copied).flushedLsn()).isEqualTo(new Lsn(0x200));
    copied.reached(BRANCH.plus(1));
    refused(ErrorKind.DIVERGED, 0x200, 0x100, copied);
  }

  @Test
  void aMissingSlotOrOneThatIsAheadIsLost() {
    refused(ErrorKind.SLOT_LOST, 0x200, 0x201, delivered(0x200, 0));
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> follow(0x200, Optional.empty(), delivered(0x200, 0)))
        .matches(e -> e.kind() == ErrorKind.SLOT_LOST);
  }

  @Test
  void theDestinationIsAskedForWhatAnEarlierProcessDelivered() {
    answer = new EventSequence(new Lsn(0x2FF), 9);
    assertThat(follow(0x200, slot(0x100), unknown(0x200)).flushedLsn()).isEqualTo(new Lsn(0x200));
    answer = EventSequence.NONE;
    assertThat(follow(0x200, slot(0x100), unknown(0x200)).flushedLsn()).isEqualTo(new Lsn(0x200));
    answer = new EventSequence(new Lsn(0x300), 0);
    refused(ErrorKind.DIVERGED, 0x200, 0x100, unknown(0x200));
  }

  @Test
  void whatIsUnknownIsRefusedUnlessItIsAccepted() {
    assertThat(refused(ErrorKind.DIVERGED, 0x200, 0x100, unknown(0x200)))
        .hasMessageContainingAll("unknown", "acceptUnknownDivergence");
    accept = true;
    assertThat(follow(0x200, slot(0x100), unknown(0x200)).flushedLsn()).isEqualTo(new Lsn(0x200));
    answer = new EventSequence(new Lsn(0x300), 0);
    refused(ErrorKind.DIVERGED, 0x200, 0x100, unknown(0x200));
  }

  /** Its rows may have been copied behind the end, and it has had no event since. */
  @Test
  void aStoredPositionBehindTheEndLeavesItUnknown() {
    answer = EventSequence.NONE;
    assertThat(refused(ErrorKind.DIVERGED, 0x301, 0x100, unknown(0x301)))
        .hasMessageContaining("unknown");
    assertThat(follow(0x300, slot(0x100), unknown(0x300)).flushedLsn()).isEqualTo(BRANCH);
    accept = true;
    assertThat(follow(0x301, slot(0x100), unknown(0x301)).flushedLsn()).isEqualTo(BRANCH);
    answer = new EventSequence(new Lsn(0x300), 0);
    refused(ErrorKind.DIVERGED, 0x301, 0x100, unknown(0x301));
  }

  /** Until it has read up to there again it does not know what was delivered before it. */
  @Test
  void aProcessKnowsWhatTheOneBeforeItDeliveredOnceItHasReadTheSame() {
    refused(ErrorKind.DIVERGED, 0x200, 0x100, delivered(0x210, 0x400));
    assertThat(follow(0x400, slot(0x100), delivered(0x2FF, 0x400)).flushedLsn()).isEqualTo(BRANCH);
    assertThat(follow(0x200, slot(0x100), delivered(0x210, 0x300)).flushedLsn())
        .isEqualTo(new Lsn(0x200));
  }

  @Test
  void aServerThatDoesNotComeFromTheTimelineIsNotRead() {
    SourceFacts old = new SourceFacts("7123", 1, new Lsn(0x500));
    ReplicationProgress second =
        new ReplicationProgress("s", new SlotLineage("7123", 2, new Lsn(0x50)), new Lsn(0x200));
    assertThat(Promotion.happened(second.lineage(), old)).isTrue();
    Promotion back = new Promotion(TimelineHistory.unknown(1), old, true, false);
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> back.follow(second, slot(0x100), delivered(0x200, 0)))
        .matches(e -> e.kind() == ErrorKind.DIVERGED)
        .withMessageContaining("old primary");
  }

  @Test
  void severalSwitchesEndAtTheFirst() {
    TimelineHistory twice = new TimelineHistory(3, Map.of(1, BRANCH, 2, new Lsn(0x380)));
    SourceFacts third = new SourceFacts("7123", 3, new Lsn(0x500));
    Promotion promotion = new Promotion(twice, third, false, false);
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> promotion.follow(stored(0x200), slot(0x100), delivered(0x310, 0)))
        .matches(e -> e.kind() == ErrorKind.DIVERGED);
  }

  @Test
  void afterOneSwitchTheNextNeedsNoAnswer() throws InterruptedException {
    Given given = delivered(0x210, 0x300);
    assertThat(given.end(BRANCH, new Lsn(0x200))).isPresent();
    given.compared();
    assertThat(given.end(new Lsn(0x380), new Lsn(0x200))).isPresent();
  }

  @Test
  void anotherClusterIsNoPromotion() {
    SourceFacts other = new SourceFacts("8000", 2, new Lsn(0x500));
    assertThat(Promotion.happened(stored(0x200).lineage(), other)).isFalse();
    assertThat(Promotion.happened(stored(0x200).lineage(), FACTS)).isTrue();
  }
}

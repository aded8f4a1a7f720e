package dev.pgetl.testkit.contract;

import static dev.pgetl.testkit.contract.Stores.assertFailsWhole;
import static dev.pgetl.testkit.contract.Stores.inThreads;
import static dev.pgetl.testkit.contract.Stores.restart;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.schema.TableId;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * The rules of {@link dev.pgetl.store.CopyStore}. Most are not tested if {@link #keepsCopyRanges}
 * returns false.
 */
public interface CopyStoreContract extends StoreContract {
  /** A table. */
  TableId COPIED = new TableId(16384);

  /** Another table, whose OID does not fit into an {@code int}. */
  TableId ALSO_COPIED = new TableId(4_000_000_000L);

  /** Texts of odd characters, but without U+0000. */
  List<String> ODD_RANGES =
      List.of(
          "",
          " ",
          "\n",
          "two lines\r\nand a third\n",
          " \t blanks around \t ",
          "\"double\" 'single' `back` \\ \\n \\\\ $$ $1 ? :name {x} %s ; --",
          "{\"change\":\"ranges\",\"table\":1,\"ranges\":\"\\u0041\"}",
          "\u0001\b\f\u001b\u001f\u007f\u0085\u00a0\u2028\u2029\ufeff\ufffd",
          "\u00fc\u20ac\u4e2d\ud83d\ude00 e\u0301 \u00e9");

  private PipelineStore openKeeping() {
    assumeThat(keepsCopyRanges()).as("the store keeps the ranges of copies").isTrue();
    return openStore();
  }

  /** R1: what is not known is empty. */
  @Test
  default void r1_unknownRangesAreEmpty() {
    PipelineStore store = openStore();
    assertThat(store.loadCopyRanges()).isZero();
    assertThat(store.getCopyRanges(COPIED)).isEmpty();
  }

  /** R1: look-ups need no I/O. */
  @Test
  default void r1_lookUpsAnswerFromMemory() {
    assumeThat(canBreakPersistence()).as("the persistent layer can be broken").isTrue();
    PipelineStore store = openKeeping();
    store.storeCopyRanges(COPIED, "a to b");
    breakPersistence(true);
    assertThat(store.getCopyRanges(COPIED)).contains("a to b");
    assertThat(store.getCopyRanges(ALSO_COPIED)).isEmpty();
    breakPersistence(false);
  }

  /** R2: they are durable; each table has its own. */
  @Test
  default void r2_rangesSurviveARestart() {
    PipelineStore store = openKeeping();
    store.storeCopyRanges(COPIED, "a to b");
    store.storeCopyRanges(ALSO_COPIED, "c to d");
    assertThat(store.getCopyRanges(COPIED)).contains("a to b");
    PipelineStore reopened = restart(this, store);
    assertThat(reopened.getCopyRanges(COPIED)).contains("a to b");
    assertThat(reopened.getCopyRanges(ALSO_COPIED)).contains("c to d");
  }

  /** R2: a deletion is durable. */
  @Test
  default void r2_deletedRangesStayAway() {
    PipelineStore store = openKeeping();
    store.storeCopyRanges(COPIED, "a to b");
    store.deleteCopyRanges(COPIED);
    assertThat(store.getCopyRanges(COPIED)).isEmpty();
    PipelineStore reopened = restart(this, store);
    assertThat(reopened.getCopyRanges(COPIED)).isEmpty();
    reopened.storeCopyRanges(COPIED, "c to d");
    assertThat(restart(this, reopened).getCopyRanges(COPIED)).contains("c to d");
  }

  /** R2: a writer reads its own writes, despite other writers. */
  @Test
  default void r2_rangesOfManyThreadsAllStay() {
    PipelineStore store = openKeeping();
    inThreads(
        4,
        thread -> {
          TableId own = new TableId(20_000 + thread);
          for (int i = 1; i <= 50; i++) {
            store.storeCopyRanges(own, "ranges " + i);
            assertThat(store.getCopyRanges(own)).contains("ranges " + i);
          }
        });
    PipelineStore reopened = restart(this, store);
    for (int thread = 0; thread < 4; thread++) {
      assertThat(reopened.getCopyRanges(new TableId(20_000 + thread))).contains("ranges 50");
    }
  }

  /** R2: what one thread wrote every other thread sees, and never something older again. */
  @Test
  default void r2_otherThreadsSeeRangesInOrder() {
    PipelineStore store = openKeeping();
    store.storeCopyRanges(COPIED, "0");
    Phaser everyThreadHasRead = new Phaser(3);
    AtomicBoolean done = new AtomicBoolean();
    inThreads(
        3,
        thread -> {
          int last = rangesAsNumber(store);
          everyThreadHasRead.arriveAndAwaitAdvance();
          for (int i = 1; thread == 0 && i <= 200; i++) {
            store.storeCopyRanges(COPIED, Integer.toString(i));
          }
          if (thread == 0) {
            done.set(true);
          }
          boolean finished;
          do {
            finished = done.get();
            int seen = rangesAsNumber(store);
            assertThat(seen).isGreaterThanOrEqualTo(last);
            last = seen;
          } while (!finished);
          assertThat(last).isEqualTo(200);
        });
  }

  private static int rangesAsNumber(PipelineStore store) {
    return Integer.parseInt(store.getCopyRanges(COPIED).orElseThrow());
  }

  /** R3: nothing of the text before is left. */
  @Test
  default void r3_theTextIsReplacedAsAWhole() {
    PipelineStore store = openKeeping();
    for (String ranges : List.of("a to b\nb to c\n", "c", "a to b\nb to c\nc to d\n")) {
      store.storeCopyRanges(COPIED, ranges);
      assertThat(store.getCopyRanges(COPIED)).contains(ranges);
      store = restart(this, store);
      assertThat(store.getCopyRanges(COPIED)).contains(ranges);
    }
  }

  /** R3: characters are neither lost nor changed. */
  @Test
  default void r3_anyCharactersComeBack() {
    PipelineStore store = openKeeping();
    for (int i = 0; i < ODD_RANGES.size(); i++) {
      store.storeCopyRanges(new TableId(i + 1), ODD_RANGES.get(i));
    }
    for (PipelineStore shown : List.of(store, restart(this, store))) {
      for (int i = 0; i < ODD_RANGES.size(); i++) {
        assertThat(shown.getCopyRanges(new TableId(i + 1))).contains(ODD_RANGES.get(i));
      }
    }
  }

  /** R3: a million characters, of one byte to four. */
  @Test
  default void r3_aLongTextComesBack() {
    PipelineStore store = openKeeping();
    StringBuilder text = new StringBuilder();
    for (int i = 0; text.length() < 1_000_000; i++) {
      text.append(i).append(" to \u00fc\u20ac\ud83d\ude00\n");
    }
    store.storeCopyRanges(COPIED, text.toString());
    assertSame(store.getCopyRanges(COPIED), text.toString());
    assertSame(restart(this, store).getCopyRanges(COPIED), text.toString());
  }

  /** Without printing the texts. */
  private static void assertSame(Optional<String> found, String expected) {
    assertThat(found.map(String::length)).contains(expected.length());
    assertThat(found.filter(expected::equals)).as("the text that was stored").isPresent();
  }

  /** R4: a first text that could not be stored. */
  @Test
  default void r4_aFailedFirstTextIsNotThereOrWhole() {
    assertFailsWhole(
        this,
        openKeeping(),
        failing -> failing.storeCopyRanges(COPIED, "a to b"),
        shown -> shown.getCopyRanges(COPIED));
  }

  /** R4: a text that could not be replaced. */
  @Test
  default void r4_aFailedTextIsTheOldOneOrWhole() {
    PipelineStore store = openKeeping();
    store.storeCopyRanges(COPIED, "a to b");
    store.storeCopyRanges(ALSO_COPIED, "c to d");
    assertFailsWhole(
        this,
        store,
        failing -> failing.storeCopyRanges(COPIED, "e to f"),
        shown -> List.of(shown.getCopyRanges(COPIED), shown.getCopyRanges(ALSO_COPIED)));
  }

  /** R4: a deletion that could not be stored. */
  @Test
  default void r4_aFailedDeletionIsNotDoneOrWhole() {
    PipelineStore store = openKeeping();
    store.storeCopyRanges(COPIED, "a to b");
    assertFailsWhole(
        this,
        store,
        failing -> failing.deleteCopyRanges(COPIED),
        shown -> shown.getCopyRanges(COPIED));
  }

  /** R5: loading returns the number of tables, and changes nothing that was stored. */
  @Test
  default void r5_loadingFindsWhatWasStored() {
    PipelineStore store = openKeeping();
    store.storeCopyRanges(COPIED, "a to b");
    store.storeCopyRanges(COPIED, "b to c");
    store.storeCopyRanges(ALSO_COPIED, "c to d");
    for (int i = 0; i < 2; i++) {
      assertThat(store.loadCopyRanges()).isEqualTo(2);
      assertThat(store.getCopyRanges(COPIED)).contains("b to c");
      assertThat(store.getCopyRanges(ALSO_COPIED)).contains("c to d");
    }
  }

  /** R5: what is no longer persistent is removed. */
  @Test
  default void r5_loadingReplacesWhatIsInMemory() {
    assumeThat(canBeShared()).as("two stores can be open at once").isTrue();
    PipelineStore store = openKeeping();
    store.storeCopyRanges(COPIED, "a to b");
    store.storeCopyRanges(ALSO_COPIED, "c to d");
    PipelineStore other = Stores.loaded(openStore());
    other.deleteCopyRanges(COPIED);
    other.storeCopyRanges(ALSO_COPIED, "e to f");
    assertThat(store.loadCopyRanges()).isEqualTo(1);
    assertThat(store.getCopyRanges(COPIED)).isEmpty();
    assertThat(store.getCopyRanges(ALSO_COPIED)).contains("e to f");
  }

  /** R6: repeated, and for an unknown table. */
  @Test
  default void r6_deletingIsIdempotent() {
    PipelineStore store = openKeeping();
    store.deleteCopyRanges(COPIED);
    store.storeCopyRanges(COPIED, "a to b");
    store.deleteCopyRanges(COPIED);
    store.deleteCopyRanges(COPIED);
    store.deleteCopyRanges(new TableId(1));
    assertThat(store.getCopyRanges(COPIED)).isEmpty();
    assertThat(restart(this, store).loadCopyRanges()).isZero();
  }

  /** R6: the ranges of other tables stay, and so does everything else about this one. */
  @Test
  default void r6_deletingLeavesEverythingElse() {
    PipelineStore store = openKeeping();
    store.updateTableReplicationState(COPIED, new DataSync());
    store.storeTableMapping(COPIED, "copied");
    store.storeCopyRanges(COPIED, "a to b");
    store.storeCopyRanges(ALSO_COPIED, "c to d");
    store.deleteCopyRanges(COPIED);
    for (PipelineStore shown : List.of(store, restart(this, store))) {
      assertThat(shown.getCopyRanges(ALSO_COPIED)).contains("c to d");
      assertThat(shown.getTableReplicationState(COPIED)).contains(new DataSync());
      assertThat(shown.getTableMapping(COPIED)).contains("copied");
    }
  }

  /** R6: the ranges go with everything about their table, also if nothing else is known of it. */
  @Test
  default void r6_cleanupRemovesTheRangesOfItsTable() {
    PipelineStore store = openKeeping();
    TableId ofRangesOnly = new TableId(1);
    store.updateTableReplicationState(COPIED, new DataSync());
    for (TableId id : List.of(COPIED, ALSO_COPIED, ofRangesOnly)) {
      store.storeCopyRanges(id, "ranges of " + id);
    }
    store.cleanupTableState(COPIED);
    store.cleanupTableState(ofRangesOnly);
    for (PipelineStore shown : List.of(store, restart(this, store))) {
      assertThat(shown.getCopyRanges(COPIED)).isEmpty();
      assertThat(shown.getCopyRanges(ofRangesOnly)).isEmpty();
      assertThat(shown.getCopyRanges(ALSO_COPIED)).contains("ranges of " + ALSO_COPIED);
    }
  }
}

package dev.pgetl.internal.runtime.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.rows.CopySpeed;
import dev.pgetl.internal.runtime.table.SyncRun;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which tables the next sync worker gets. */
class SyncQueueTest {
  private static final int MANY = 1_000;

  private final Tables tables = new GroupScene().tables;
  private final CopySpeed speed = new CopySpeed(Platform.jvm());
  private int ids;

  /** A worker that a test need not end. */
  static final class Running implements SyncRun {
    @Override
    public void stop() {}

    @Override
    public void giveUp() {}

    @Override
    public boolean cancel() {
      return true;
    }

    @Override
    public boolean await(long nanos) {
      return true;
    }
  }

  private Table small() {
    ids++;
    return tables.add(new TableId(ids), GroupScene.name(ids));
  }

  private Table large() {
    Table table = small();
    table.notes().copyAlone();
    return table;
  }

  private Table copied() {
    ids++;
    tables.known(new TableId(ids), GroupScene.name(ids), new FinishedCopy());
    return Objects.requireNonNull(tables.find(new TableId(ids)));
  }

  private List<Table> small(int count) {
    return IntStream.range(0, count).mapToObj(each -> small()).toList();
  }

  /**
   * {@return a new table whose size is known} A worker copies 30 MiB a second, as far as is known.
   */
  private Table sized(long mebibytes) {
    Table table = small();
    table.notes().copy().sized(mebibytes << 20, -1);
    return table;
  }

  private SyncQueue queue(int workers, int tablesPerWorker, List<Table> waiting) {
    SyncQueue queue = new SyncQueue(workers, tablesPerWorker, speed, false);
    waiting.forEach(queue::add);
    return queue;
  }

  /** {@return how many tables each worker gets, as long as there is one} */
  private static List<Integer> takeAll(SyncQueue queue) {
    List<Integer> sizes = new ArrayList<>();
    for (List<Table> next = queue.take(); !next.isEmpty(); next = queue.take()) {
      sizes.add(next.size());
    }
    return sizes;
  }

  // ---- how many one worker gets ----

  /** A worker's share, but not few tables, and not more than it may have. */
  @ParameterizedTest
  @CsvSource({
    "1, 4, 100, 1",
    "2, 4, 100, 1",
    "4, 4, 100, 1",
    "5, 4, 100, 5",
    "16, 4, 100, 16",
    "17, 4, 100, 16",
    "64, 4, 100, 16",
    "65, 4, 100, 17",
    "68, 4, 100, 17",
    "401, 4, 100, 100",
    "50, 1, 100, 50",
    "50, 4, 10, 10",
    "50, 4, 2, 2",
    "50, 4, 1, 1"
  })
  void smallTablesAreDividedAmongWorkers(int tables, int workers, int most, int share) {
    List<Table> waiting = small(tables);

    assertThat(queue(workers, most, waiting).take())
        .containsExactlyElementsOf(waiting.subList(0, share));
  }

  @Test
  void whatIsLeftIsDividedAgain() {
    assertThat(takeAll(queue(4, 100, small(80)))).containsExactly(20, 16, 16, 16);
  }

  @Test
  void everyTableComesAloneIfThatIsTheSetting() {
    assertThat(takeAll(queue(3, 1, small(5)))).containsExactly(1, 1, 1);
  }

  /** As long as nothing is copied together, tables come in the order in which they came. */
  @Test
  void theOrderIsThatOfArrivalIfThatIsTheSetting() {
    Table fresh = small();
    Table copied = copied();
    SyncQueue queue = queue(1, 1, List.of(copied, fresh));

    assertThat(queue.take()).containsExactly(copied);
    queue.ended(List.of(copied));
    assertThat(queue.take()).containsExactly(fresh);
  }

  @Test
  void aTableThatIsAddedAgainKeepsItsPlace() {
    Table first = large();
    SyncQueue queue = queue(MANY, 1, List.of(first, large(), first));

    assertThat(queue.take()).containsExactly(first);
  }

  @Test
  void aTableThatIsFlaggedComesAlone() {
    Table first = large();
    Table second = large();
    SyncQueue queue = queue(MANY, MANY, List.of(first, second));

    assertThat(queue.take()).containsExactly(first);
    assertThat(queue.take()).containsExactly(second);
    assertThat(queue.take()).isEmpty();
  }

  @Test
  void aTableThatIsCopiedComesAlone() {
    Table first = copied();
    Table second = copied();
    SyncQueue queue = queue(MANY, MANY, List.of(first, second));

    assertThat(queue.take()).containsExactly(first);
    assertThat(queue.take()).containsExactly(second);
  }

  // ---- which come first ----

  @Test
  void oneWorkerIsKeptForSmallTablesWhileAnyWait() {
    List<Table> large = List.of(large(), large(), large());
    List<Table> small = small(20);
    SyncQueue queue = queue(3, 16, large);
    small.forEach(queue::add);

    assertThat(queue.take()).containsExactly(large.get(0));
    assertThat(queue.take()).containsExactly(large.get(1));
    assertThat(queue.take()).as("kept").hasSize(16).isSubsetOf(small);
    queue.ended(small.subList(0, 16));
    assertThat(queue.take()).as("some still wait").hasSize(4).isSubsetOf(small);
    queue.ended(small.subList(16, 20));
    queue.ended(large.subList(0, 1));

    assertThat(queue.take()).as("none wait").containsExactly(large.get(2));
  }

  @Test
  void noWorkerIsKeptIfNoSmallTableWaits() {
    assertThat(takeAll(queue(2, 16, List.of(large(), large(), large())))).containsExactly(1, 1);
  }

  @Test
  void smallTablesComeFirstIfThereIsOneWorker() {
    Table large = large();
    List<Table> small = small(20);
    SyncQueue queue = queue(1, 16, List.of(large));
    small.forEach(queue::add);

    assertThat(queue.take()).isEqualTo(small.subList(0, 16));
    queue.ended(small.subList(0, 16));
    assertThat(queue.take()).isEqualTo(small.subList(16, 20));
    queue.ended(small.subList(16, 20));

    assertThat(queue.take()).containsExactly(large);
  }

  // ---- by size ----

  @Test
  void theLargestTableComesFirst() {
    Table first = sized(200);
    Table last = sized(100);
    SyncQueue queue = queue(MANY, 1, List.of(last, first, sized(150)));

    assertThat(queue.take()).containsExactly(first);
    first = sized(300);
    queue.add(first);
    assertThat(queue.take()).as("came later").containsExactly(first);
    assertThat(takeAll(queue)).containsExactly(1, 1);
  }

  @Test
  void ofEquallyLargeTablesTheFirstComesFirst() {
    List<Table> equal = List.of(sized(200), sized(200), sized(200));
    SyncQueue queue = queue(MANY, 1, equal);

    assertThat(queue.take()).containsExactly(equal.get(0));
    assertThat(queue.take()).containsExactly(equal.get(1));
    assertThat(queue.take()).containsExactly(equal.get(2));
  }

  /** Its slot holds WAL until it has caught up. */
  @Test
  void aTableThatIsCopiedComesBeforeAllOthers() {
    Table copied = copied();
    SyncQueue queue = queue(1, 16, small(20));
    queue.add(sized(5_000));
    queue.add(copied);

    assertThat(queue.take()).containsExactly(copied);
  }

  @Test
  void aTableIsNotCopiedTogetherIfItIsKnownNotToBeSmall() {
    List<Table> waiting = new ArrayList<>(small(20));
    waiting.forEach(table -> table.notes().copy().sized(1 << 20, -1));
    Table larger = small();
    larger.notes().copy().sized((1 << 20) + 1, -1);
    waiting.add(larger);
    SyncQueue queue = queue(2, 100, waiting);

    assertThat(queue.take()).containsExactly(larger);
    assertThat(queue.take()).hasSize(16).doesNotContain(larger);
  }

  @Test
  void oneWorkerIsKeptForShortTablesEvenIfNoneWaits() {
    List<Table> large = List.of(sized(5_000), sized(4_000), sized(3_700));
    SyncQueue queue = queue(3, 16, large);
    assertThat(queue.take()).containsExactly(large.get(0));
    assertThat(queue.take()).containsExactly(large.get(1));
    assertThat(queue.take()).as("kept").isEmpty();

    Table later = sized(200);
    queue.add(later);
    assertThat(queue.take()).containsExactly(later);
    queue.ended(List.of(later));
    assertThat(queue.take()).isEmpty();

    queue.ended(large.subList(0, 1));
    assertThat(queue.take()).containsExactly(large.get(2));
  }

  @Test
  void theKeptWorkerTakesTheLargestShortTable() {
    Table shortest = sized(20);
    Table largest = sized(299);
    SyncQueue queue = queue(2, 1, List.of(sized(9_000), sized(8_000), shortest, largest));
    assertThat(takeAll(queue)).hasSize(2);
    queue.ended(List.of(largest));

    assertThat(queue.take()).containsExactly(shortest);
  }

  /** Large tables are not copied one after the other while a worker has nothing to do. */
  @Test
  void theKeptWorkerTakesALargeTableThatIsCopiedInTwoMinutes() {
    Table smallest = sized(3_500);
    List<Table> large = List.of(sized(9_000), sized(3_599), smallest, sized(3_600));
    SyncQueue queue = queue(2, 16, large);
    assertThat(queue.take()).containsExactly(large.get(0));

    assertThat(queue.take()).containsExactly(smallest);

    queue.ended(List.of(smallest));
    assertThat(queue.take()).containsExactly(large.get(1));
    queue.ended(large.subList(1, 2));
    assertThat(queue.take()).as("two minutes").isEmpty();
  }

  @Test
  void whatIsShortFollowsFromTheSpeedOfTheCopiesBefore() {
    Table table = sized(6_000);
    SyncQueue queue = queue(2, 16, List.of(sized(100_000), table));
    assertThat(queue.take()).hasSize(1);
    assertThat(queue.take()).isEmpty();

    speed.copied(100L << 30, 100_000_000_000L);

    assertThat(queue.take()).containsExactly(table);
  }

  @Test
  void aTableThatIsLongCountsAsThatUntilItsWorkerHasEnded() {
    Table first = sized(5_000);
    Table second = sized(4_900);
    SyncQueue queue = queue(2, 16, List.of(first, second));
    assertThat(queue.take()).containsExactly(first);
    first.notes().copy().sized(1, -1);
    assertThat(queue.take()).isEmpty();

    queue.ended(List.of(first));

    assertThat(queue.take()).containsExactly(second);
  }

  /** So that small ones do not wait for hours; which one is last makes no difference. */
  @Test
  void aSingleWorkerTakesTheSmallestFirst() {
    Table large = sized(100_000);
    Table middle = sized(100);
    Table small = sized(50);
    SyncQueue queue = queue(1, 16, List.of(middle, large, small));

    assertThat(queue.take()).containsExactly(small);
    queue.ended(List.of(small));
    assertThat(queue.take()).containsExactly(middle);
    queue.ended(List.of(middle));
    assertThat(queue.take()).containsExactly(large);
  }

  @Test
  void aTableWhoseSizeIsNotKnownIsTakenForASmallOne() {
    Table unknown = large();
    SyncQueue queue = queue(2, 16, List.of(sized(5_000), sized(4_000), unknown));
    assertThat(queue.take()).hasSize(1);

    assertThat(queue.take()).containsExactly(unknown);
  }

  // ---- who is left out ----

  @Test
  void aTableThatHasAWorkerIsNotTaken() {
    List<Table> small = small(4);
    Table large = large();
    SyncQueue queue = queue(3, MANY, small);
    queue.add(large);
    small.get(1).syncRun(new Running());
    large.syncRun(new Running());

    assertThat(queue.take()).containsExactly(small.get(0), small.get(2), small.get(3));
    assertThat(queue.take()).isEmpty();
    small.get(1).syncRun(null);
    large.syncRun(null);

    assertThat(queue.take()).containsExactly(large);
    assertThat(queue.take()).containsExactly(small.get(1));
  }

  @Test
  void aTableThatIsAddedTwiceIsTakenOnce() {
    Table table = small();

    assertThat(takeAll(queue(MANY, MANY, List.of(table, table)))).containsExactly(1);
  }

  @Test
  void aTableThatIsRemovedIsNotTaken() {
    Table small = small();
    Table large = large();
    Table left = small();
    SyncQueue queue = queue(MANY, MANY, List.of(small, large, left));

    queue.remove(small);
    queue.remove(large);

    assertThat(queue.take()).containsExactly(left);
    assertThat(queue.take()).isEmpty();
  }

  @Test
  void nothingWaitsInAQueueThatWasCleared() {
    SyncQueue queue = queue(MANY, MANY, small(2));
    queue.add(large());

    queue.clear();

    assertThat(queue.take()).isEmpty();
  }

  // ---- how many run ----

  @Test
  void thereAreNoMoreWorkersThanConfiguredUntilOneHasEnded() {
    SyncQueue queue = queue(2, 16, small(40));
    List<Table> first = queue.take();
    List<Table> second = queue.take();
    assertThat(first).hasSize(16).doesNotContainAnyElementsOf(second);
    assertThat(queue.take()).isEmpty();

    queue.ended(first);

    assertThat(queue.take()).hasSize(8);
    assertThat(queue.take()).isEmpty();
  }

  /** What was not taken does not count. */
  @Test
  void anEmptyQueueTakesNoWorkers() {
    SyncQueue queue = queue(1, 16, List.of());
    assertThat(queue.take()).isEmpty();
    assertThat(queue.take()).isEmpty();

    queue.add(small());

    assertThat(queue.take()).hasSize(1);
  }

  @Test
  void aWorkerThatHadATableAloneMakesRoomForTheNext() {
    List<Table> large = List.of(large(), large());
    SyncQueue queue = queue(2, 16, large);
    queue.add(small());
    assertThat(queue.take()).containsExactly(large.get(0));

    queue.ended(large.subList(0, 1));

    assertThat(queue.take()).containsExactly(large.get(1));
  }
}

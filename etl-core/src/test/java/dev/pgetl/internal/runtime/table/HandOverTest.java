package dev.pgetl.internal.runtime.table;

import static dev.pgetl.internal.decode.StreamTables.NOT_OURS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.internal.platform.ManualPlatform;
import dev.pgetl.internal.platform.OneThreadPlatform;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.table.TableEvent.CaughtUp;
import dev.pgetl.internal.runtime.table.TableEvent.CopyFinished;
import dev.pgetl.internal.runtime.table.TableEvent.CopyStarted;
import dev.pgetl.internal.runtime.table.TableEvent.FenceSet;
import dev.pgetl.internal.runtime.table.TableEvent.HandedOver;
import dev.pgetl.internal.runtime.table.TableEvent.Resync;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a table passes from its sync worker to the apply worker, and back. */
class HandOverTest {
  private static final TableId TABLE = new TableId(7);
  private static final TableId OTHER = new TableId(8);
  private static final TableName NAME = new TableName("public", "orders");
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final OneThreadPlatform clock = new OneThreadPlatform();
  private final Tables tables =
      new Tables(new FakeStateStore(), PipelineListener.NONE, Platform.jvm());
  private final Tables timeless = new Tables(new FakeStateStore(), PipelineListener.NONE, clock);

  @BeforeEach
  void theApplyWorkerStarts() {
    tables.startAt(new Lsn(0x100));
  }

  private Table known(TableReplicationPhase phase) {
    return known(tables, TABLE, phase);
  }

  private static Table known(Tables in, TableId id, TableReplicationPhase phase) {
    in.known(id, NAME, phase);
    return Objects.requireNonNull(in.find(id));
  }

  private long generation(TableId table, long commitLsn) throws InterruptedException {
    return tables.generation(
        table,
        new Lsn(commitLsn),
        () -> {
          throw new AssertionError("the apply worker waits");
        });
  }

  private boolean delivers(TableId table, long commitLsn) throws InterruptedException {
    return generation(table, commitLsn) != NOT_OURS;
  }

  /** The apply worker meets a change of the table and waits for the sync worker. */
  private FutureTask<Boolean> waitingFor(long commitLsn) {
    FutureTask<Boolean> waiting =
        new FutureTask<>(
            () -> tables.generation(TABLE, new Lsn(commitLsn), () -> true) != NOT_OURS);
    Thread reader = new Thread(waiting, "apply worker");
    reader.setDaemon(true);
    reader.start();
    await().until(() -> reader.getState() == Thread.State.TIMED_WAITING);
    return waiting;
  }

  /** The sync worker's stream reaches a position and asks for the fence. */
  private static Lsn fence(Table table, long position) {
    table.move(new CaughtUp(new Lsn(position)));
    Lsn fence = table.meet(() -> {});
    table.move(new FenceSet(fence));
    return fence;
  }

  /** A table that was copied is handed over at a position, and that is stored. */
  private static void handOver(Table table, long end) {
    Lsn unused = fence(table, end);
    assertThat(table.agree(new Lsn(end))).isTrue();
    table.move(new HandedOver(new Lsn(end)));
  }

  private static void copy(Table table) {
    assertThat(table.passed(table.state().leftAt())).isTrue();
    table.move(new CopyStarted());
    table.move(new CopyFinished());
  }

  // ---- who delivers a change ----

  @Test
  void aTableNobodyKnowsIsNotDelivered() throws InterruptedException {
    assertThat(delivers(TABLE, 0x100)).isFalse();
  }

  @Test
  void aTableThatIsReadyIsDeliveredWhateverThePosition() throws InterruptedException {
    known(new Ready());

    assertThat(delivers(TABLE, 1)).isTrue();
    assertThat(delivers(OTHER, 1)).isFalse();
    assertThat(tables.hasPending()).isFalse();
  }

  @Test
  void aTableIsDeliveredFromWhereItsSyncWorkerEnded() throws InterruptedException {
    known(new SyncDone(new Lsn(0x120)));

    assertThat(delivers(TABLE, 0x11F)).isFalse();
    assertThat(delivers(TABLE, 0x120)).isTrue();
  }

  @Test
  void aTableThatIsCopiedIsNotDelivered() throws InterruptedException {
    known(new FinishedCopy());

    assertThat(delivers(TABLE, 0x150)).isFalse();
  }

  @Test
  void theFenceIsBehindTheLastTransactionTheApplyWorkerBegan() {
    Table table = known(new FinishedCopy());
    assertThat(table.meet(() -> {})).isEqualTo(new Lsn(0x100));

    tables.begin(new Lsn(0x150));

    assertThat(table.meet(() -> {})).isEqualTo(new Lsn(0x151));
  }

  @Test
  void aReplayDoesNotMoveTheFenceBack() {
    tables.begin(new Lsn(0x150));
    tables.begin(new Lsn(0x120));
    tables.startAt(new Lsn(0x110));

    assertThat(tables.lastBegun()).isEqualTo(new Lsn(0x150));
  }

  @Test
  void beforeTheFenceChangesAreTheSyncWorkers() throws InterruptedException {
    Table table = known(new FinishedCopy());
    tables.begin(new Lsn(0x150));
    table.meet(() -> {});

    assertThat(delivers(TABLE, 0x150)).isFalse();
  }

  @Test
  void behindTheFenceTheApplyWorkerWaitsForTheEndOfTheSyncWorker() throws Exception {
    Table table = known(new FinishedCopy());
    table.meet(() -> {});
    FutureTask<Boolean> before = waitingFor(0x100);
    FutureTask<Boolean> behind = waitingFor(0x120);

    table.agree(new Lsn(0x120));

    assertThat(before.get(30, TimeUnit.SECONDS)).isFalse();
    assertThat(behind.get(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void theApplyWorkerDoesNotWaitForATableThatBeginsFromTheStart() throws Exception {
    Table table = known(new FinishedCopy());
    table.meet(() -> {});
    FutureTask<Boolean> waiting = waitingFor(0x100);

    table.restart();

    assertThat(waiting.get(30, TimeUnit.SECONDS)).isFalse();
  }

  @Test
  void theApplyWorkerDoesNotWaitOnceTheFenceIsWithdrawn() throws Exception {
    Table table = known(new FinishedCopy());
    table.meet(() -> {});
    FutureTask<Boolean> waiting = waitingFor(0x100);

    table.withdraw();

    assertThat(waiting.get(30, TimeUnit.SECONDS)).isFalse();
    assertThat(table.agree(new Lsn(0x120))).isFalse();
  }

  @Test
  void theApplyWorkerStopsWaitingWhenItIsToldTo() throws InterruptedException {
    known(new FinishedCopy()).meet(() -> {});

    assertThat(tables.generation(TABLE, new Lsn(0x100), () -> false)).isEqualTo(NOT_OURS);
  }

  @Test
  void otherTablesDoNotWait() throws InterruptedException {
    known(new FinishedCopy()).meet(() -> {});
    known(tables, OTHER, new Ready());

    assertThat(delivers(OTHER, 0x120)).isTrue();
  }

  @Test
  void aTableThatLeftIsNotDelivered() throws InterruptedException {
    known(new Ready()).restart();

    assertThat(delivers(TABLE, 0x150)).isFalse();
  }

  @Test
  void theGenerationChangesWheneverTheTableChangesHands() throws InterruptedException {
    Table table = known(new Ready());
    long first = generation(TABLE, 0x150);
    assertThat(generation(TABLE, 0x151)).isEqualTo(first);

    table.restart();
    copy(table);
    handOver(table, 0x160);

    assertThat(generation(TABLE, 0x160)).isNotIn(first, NOT_OURS);
  }

  // ---- patience ----

  /** One wait is enough for tables that are handed over together. */
  @Test
  void tablesThatMeetTogetherLoseTheirFencesTogether() throws InterruptedException {
    List<Table> group =
        List.of(
            known(timeless, TABLE, new FinishedCopy()), known(timeless, OTHER, new FinishedCopy()));
    group.forEach(table -> table.meet(() -> group.forEach(Table::withdraw)));

    assertThat(patience(group.get(0))).isEqualTo(SECOND.multipliedBy(5));
    long since = clock.nanos();

    assertThat(timeless.generation(OTHER, new Lsn(0x200), () -> true)).isEqualTo(NOT_OURS);
    assertThat(clock.nanos()).isEqualTo(since);
    assertThat(group.get(1).agree(new Lsn(0x200))).isFalse();
  }

  /** What it runs then may hold the whole stream of a sync worker. */
  @Test
  void theCallbackIsKeptNoLongerThanTheFence() throws InterruptedException {
    for (String end : List.of("agreed", "withdrawn", "taken", "resynced")) {
      Table table = known(timeless, TABLE, new FinishedCopy());
      List<String> called = new ArrayList<>();
      table.meet(() -> called.add(end));
      assertThat(callbacks(table)).as(end).isEqualTo(1);
      switch (end) {
        case "agreed" -> assertThat(table.agree(new Lsn(0x200))).isTrue();
        case "withdrawn" -> table.withdraw();
        case "taken" -> assertThat(patience(table)).isPositive();
        default -> table.restart();
      }
      assertThat(callbacks(table)).as(end).isZero();
      assertThat(called).isEqualTo(end.equals("taken") ? List.of(end) : List.of());
    }
  }

  private static long callbacks(Table table) {
    return Reachable.classesFrom(table, Tables.class, PipelineListener.class).stream()
        .filter(name -> name.contains("$Lambda"))
        .count();
  }

  /** {@return how long the apply worker waited before it took the fence away} */
  private Duration patience(Table table) throws InterruptedException {
    long since = clock.nanos();
    assertThat(timeless.generation(TABLE, new Lsn(0x200), () -> true)).isEqualTo(NOT_OURS);
    assertThat(table.agree(new Lsn(0x200))).isFalse();
    return Duration.ofNanos(clock.nanos() - since);
  }

  /** The states of all tables wake all who wait: their number says nothing of time. */
  @Test
  void patienceIsTimeHoweverOftenTheWaitIsDisturbed() throws InterruptedException {
    Restless restless = new Restless();
    Tables busy = new Tables(new FakeStateStore(), PipelineListener.NONE, restless);
    Table table = known(busy, TABLE, new FinishedCopy());
    table.meet(() -> {});
    restless.disturbed = busy;
    AtomicInteger waits = new AtomicInteger();

    long generation =
        busy.generation(
            TABLE,
            new Lsn(0x200),
            () -> {
              restless.advance(Duration.ofMillis(1));
              return waits.incrementAndGet() < 1_000;
            });

    assertThat(generation).isEqualTo(NOT_OURS);
    assertThat(waits).hasValue(1_000);
    assertThat(table.agree(new Lsn(0x200))).isTrue();
  }

  /** Each look at its clock ends the waits of all tables. */
  private static final class Restless extends ManualPlatform {
    private @Nullable Tables disturbed;

    Restless() {
      super(0);
    }

    @Override
    public long nanos() {
      if (disturbed != null) {
        disturbed.changed().raise();
      }
      return super.nanos();
    }
  }

  @Test
  void theApplyWorkerContinuesWithoutATableThatDoesNotComeInTime() throws InterruptedException {
    Table table = known(timeless, TABLE, new FinishedCopy());
    table.meet(() -> {});

    assertThat(patience(table)).isEqualTo(SECOND.multipliedBy(5));
    assertThat(timeless.generation(TABLE, new Lsn(0x200), () -> false)).isEqualTo(NOT_OURS);
  }

  @Test
  void theApplyWorkerChecksTenTimesASecondWhetherToWait() throws InterruptedException {
    Table table = known(timeless, TABLE, new FinishedCopy());
    table.meet(() -> {});
    List<Long> asked = new ArrayList<>();

    long unused = timeless.generation(TABLE, new Lsn(0x200), () -> asked.add(clock.nanos()));

    assertThat(asked).hasSize(50);
    assertThat(asked.get(1) - asked.get(0)).isEqualTo(SECOND.toNanos() / 10);
  }

  /** A sync worker that needs longer than the apply worker waits would never get there. */
  @Test
  void theApplyWorkerWaitsTwiceAsLongForTheNextFence() throws InterruptedException {
    Table table = known(timeless, TABLE, new FinishedCopy());
    List<Long> seconds = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      table.meet(() -> {});
      seconds.add(patience(table).toSeconds());
    }

    assertThat(seconds).containsExactly(5L, 10L, 20L, 40L);
  }

  @Test
  void theApplyWorkerForgetsItsPatienceOnceTheTableIsHandedOver() throws InterruptedException {
    Table table = known(timeless, TABLE, new FinishedCopy());
    table.meet(() -> {});
    patience(table);
    table.restart();
    copy(table);
    table.meet(() -> {});
    assertThat(patience(table)).isEqualTo(SECOND.multipliedBy(10));

    handOver(table, 0x120);
    table.restart();
    copy(table);
    table.meet(() -> {});

    assertThat(patience(table)).isEqualTo(SECOND.multipliedBy(5));
  }

  @Test
  void theApplyWorkerIsNotMorePatientIfTheSyncWorkerWithdrew() throws InterruptedException {
    Table table = known(timeless, TABLE, new FinishedCopy());
    table.meet(() -> {});
    table.withdraw();
    table.meet(() -> {});

    assertThat(patience(table)).isEqualTo(SECOND.multipliedBy(5));
  }

  // ---- the agreement ----

  @Test
  void whatWasAgreedIsDeliveredAtOnceAndCannotBeWithdrawn() throws InterruptedException {
    Table table = known(new FinishedCopy());
    table.meet(() -> {});

    assertThat(table.agree(new Lsn(0x120))).isTrue();
    table.withdraw();

    assertThat(delivers(TABLE, 0x11F)).isFalse();
    assertThat(delivers(TABLE, 0x120)).isTrue();
  }

  @Test
  void nothingIsAgreedWithoutAFence() throws InterruptedException {
    Table table = known(new FinishedCopy());

    assertThat(table.agree(new Lsn(0x120))).isFalse();
    assertThat(delivers(TABLE, 0x120)).isFalse();
    assertThat(tables.acknowledgeable(new Lsn(0x150))).isEqualTo(new Lsn(0x150));
  }

  @Test
  void aTableThatIsBeingHandedOverWaitsForNoPosition() {
    Lsn unused = fence(known(new FinishedCopy()), 0x100);

    assertThat(tables.isReached(new Lsn(Long.MAX_VALUE))).isFalse();
  }

  // ---- what the apply worker still holds ----

  @Test
  void remembersWhatTheApplyWorkerMayStillHoldOfATableThatLeft() {
    Table table = known(new Ready());
    assertThat(table.state().leftAt()).isNull();
    tables.begin(new Lsn(0x150));

    table.restart();
    tables.begin(new Lsn(0x160));
    table.restart();
    assertThat(table.state().leftAt()).isEqualTo(new Lsn(0x150));

    copy(table);
    handOver(table, 0x170);
    assertThat(table.state().leftAt()).isNull();
  }

  @Test
  void theApplyWorkerHoldsNothingOfATableThatWasNotHandedOver() {
    Table table = known(new FinishedCopy());
    table.meet(() -> {});

    table.move(new Resync());

    assertThat(table.state().leftAt()).isNull();
  }

  /** What was agreed is delivered before it is stored. */
  @Test
  void theApplyWorkerMayHoldChangesOfATableThatLeavesBeforeTheEndWasStored() {
    Table table = known(new FinishedCopy());
    Lsn unused = fence(table, 0x100);
    table.agree(new Lsn(0x120));
    tables.begin(new Lsn(0x150));

    table.restart();

    assertThat(table.state().leftAt()).isEqualTo(new Lsn(0x150));
  }
}

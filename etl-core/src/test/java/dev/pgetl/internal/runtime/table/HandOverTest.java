package dev.pgetl.internal.runtime.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HandOverTest {
  private static final TableId TABLE = new TableId(7);
  private static final TableId OTHER = new TableId(8);

  private final HandOver handOver = new HandOver();

  @BeforeEach
  void theMainStreamStarts() {
    handOver.startAt(new Lsn(0x100));
  }

  private boolean carries(TableId table, long commitLsn) throws InterruptedException {
    return handOver.accepts(
        table,
        new Lsn(commitLsn),
        () -> {
          throw new AssertionError("the main stream waits");
        });
  }

  /** The main stream meets a change of the table and waits for its own stream. */
  private FutureTask<Boolean> waitingFor(long commitLsn) {
    FutureTask<Boolean> waiting =
        new FutureTask<>(() -> handOver.accepts(TABLE, new Lsn(commitLsn), () -> true));
    Thread reader = new Thread(waiting, "main stream");
    reader.setDaemon(true);
    reader.start();
    await().until(() -> reader.getState() == Thread.State.TIMED_WAITING);
    return waiting;
  }

  @Test
  void aTableNobodyKnowsIsNotCarried() throws InterruptedException {
    assertThat(carries(TABLE, 0x100)).isFalse();
  }

  @Test
  void aTableThatIsReadyIsCarriedWhateverItsPosition() throws InterruptedException {
    handOver.carried(TABLE);

    assertThat(carries(TABLE, 1)).isTrue();
    assertThat(carries(OTHER, 1)).isFalse();
    assertThat(handOver.hasPending()).isFalse();
  }

  @Test
  void aTableIsCarriedFromWhereItsOwnStreamEnded() throws InterruptedException {
    handOver.done(TABLE, new Lsn(0x120));

    assertThat(carries(TABLE, 0x11F)).isFalse();
    assertThat(carries(TABLE, 0x120)).isTrue();
  }

  @Test
  void theFenceIsBehindTheLastTransactionTheMainStreamBegan() {
    assertThat(handOver.meet(TABLE)).isEqualTo(new Lsn(0x100));

    handOver.begin(new Lsn(0x150));

    assertThat(handOver.meet(TABLE)).isEqualTo(new Lsn(0x151));
  }

  @Test
  void aReplayDoesNotMoveTheFenceBack() {
    handOver.begin(new Lsn(0x150));
    handOver.begin(new Lsn(0x120));
    handOver.startAt(new Lsn(0x110));

    assertThat(handOver.lastBegun()).isEqualTo(new Lsn(0x150));
  }

  @Test
  void beforeTheFenceChangesAreItsOwnStreams() throws InterruptedException {
    handOver.begin(new Lsn(0x150));
    handOver.meet(TABLE);

    assertThat(carries(TABLE, 0x150)).isFalse();
  }

  @Test
  void behindTheFenceTheMainStreamWaitsForTheEndOfItsOwn() throws Exception {
    handOver.meet(TABLE);
    FutureTask<Boolean> before = waitingFor(0x100);
    FutureTask<Boolean> behind = waitingFor(0x120);

    handOver.done(TABLE, new Lsn(0x120));

    assertThat(before.get(30, TimeUnit.SECONDS)).isFalse();
    assertThat(behind.get(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void theMainStreamDoesNotWaitForATableThatLeaves() throws Exception {
    handOver.meet(TABLE);
    FutureTask<Boolean> waiting = waitingFor(0x100);

    handOver.leave(TABLE);

    assertThat(waiting.get(30, TimeUnit.SECONDS)).isFalse();
  }

  @Test
  void theMainStreamGivesUpWaitingWhenItIsTold() throws InterruptedException {
    handOver.meet(TABLE);

    assertThat(handOver.accepts(TABLE, new Lsn(0x100), () -> false)).isFalse();
  }

  @Test
  void theMainStreamGoesOnWithoutATableThatDoesNotComeInTime() throws Exception {
    handOver.meet(TABLE);

    assertThat(waitingFor(0x100).get(30, TimeUnit.SECONDS)).isFalse();
    assertThat(handOver.agree(TABLE)).isFalse();
    assertThat(carries(TABLE, 0x100)).isFalse();
  }

  /** {@return how often the main stream looked again before it took the fence away} */
  private static int patience(HandOver handOver) throws InterruptedException {
    AtomicInteger waits = new AtomicInteger();
    boolean accepted =
        handOver.accepts(
            TABLE,
            new Lsn(0x200),
            () -> {
              waits.incrementAndGet();
              return true;
            });
    assertThat(accepted).isFalse();
    assertThat(handOver.agree(TABLE)).isFalse();
    return waits.get();
  }

  /** Whoever needs longer than the main stream waits would never get there. */
  @Test
  void theMainStreamWaitsTwiceAsLongForTheNextFence() throws InterruptedException {
    HandOver timeless = new HandOver(0);
    List<Integer> waits = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      timeless.meet(TABLE);
      waits.add(patience(timeless));
    }

    assertThat(waits).containsExactly(50, 100, 200, 400);
  }

  @Test
  void theMainStreamForgetsItsPatienceOnceTheTableIsHandedOver() throws InterruptedException {
    HandOver timeless = new HandOver(0);
    timeless.meet(TABLE);
    patience(timeless);
    timeless.leave(TABLE);
    timeless.meet(TABLE);

    assertThat(patience(timeless)).isEqualTo(100);

    timeless.done(TABLE, new Lsn(0x120));
    timeless.meet(TABLE);

    assertThat(patience(timeless)).isEqualTo(50);
  }

  @Test
  void theMainStreamIsNotMorePatientIfTheTableItselfWithdrew() throws InterruptedException {
    HandOver timeless = new HandOver(0);
    timeless.meet(TABLE);
    assertThat(timeless.withdraw(TABLE)).isTrue();
    timeless.meet(TABLE);

    assertThat(patience(timeless)).isEqualTo(50);
  }

  @Test
  void whatWasAgreedIsAwaited() throws Exception {
    handOver.meet(TABLE);

    assertThat(handOver.agree(TABLE)).isTrue();
    assertThat(handOver.withdraw(TABLE)).isFalse();
    FutureTask<Boolean> waiting = waitingFor(0x120);
    handOver.done(TABLE, new Lsn(0x120));
    assertThat(waiting.get(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void otherTablesDoNotWait() throws InterruptedException {
    handOver.meet(TABLE);
    handOver.carried(OTHER);

    assertThat(carries(OTHER, 0x120)).isTrue();
  }

  @Test
  void aTableIsReadyOnceTheMainStreamReachedTheEndOfItsOwn() {
    handOver.done(TABLE, new Lsn(0x120));
    assertThat(handOver.hasPending()).isTrue();
    assertThat(handOver.reached(new Lsn(0x11F))).isEmpty();
    assertThat(handOver.reached(new Lsn(0x120))).isEqualTo(Map.of(TABLE, new Lsn(0x120)));
    assertThat(handOver.reached(new Lsn(0x121))).isEqualTo(Map.of(TABLE, new Lsn(0x120)));

    handOver.ready(TABLE, new Lsn(0x120));

    assertThat(handOver.reached(new Lsn(0x121))).isEmpty();
    assertThat(handOver.hasPending()).isFalse();
  }

  @Test
  void whatWasReachedBeforeATableLeftSaysNothingOfItsReturn() {
    handOver.done(TABLE, new Lsn(0x120));
    handOver.leave(TABLE);
    handOver.ready(TABLE, new Lsn(0x120));
    assertThat(handOver.hasPending()).isFalse();

    handOver.done(TABLE, new Lsn(0x140));
    handOver.ready(TABLE, new Lsn(0x120));

    assertThat(handOver.reached(new Lsn(0x140))).containsKey(TABLE);
  }

  @Test
  void aTableThatIsHandedOverIsNotReady() {
    handOver.meet(TABLE);

    assertThat(handOver.hasPending()).isFalse();
    assertThat(handOver.reached(new Lsn(Long.MAX_VALUE))).isEmpty();
  }

  @Test
  void aTableThatLeftIsNotCarried() throws InterruptedException {
    handOver.carried(TABLE);
    handOver.leave(TABLE);

    assertThat(carries(TABLE, 0x150)).isFalse();
  }

  @Test
  void remembersWhatTheMainStreamMayStillHoldOfATableThatLeft() {
    assertThat(handOver.leftAt(TABLE)).isNull();
    handOver.carried(TABLE);
    handOver.begin(new Lsn(0x150));

    handOver.leave(TABLE);
    handOver.begin(new Lsn(0x160));
    handOver.leave(TABLE);

    assertThat(handOver.leftAt(TABLE)).isEqualTo(new Lsn(0x150));
    handOver.done(TABLE, new Lsn(0x170));
    assertThat(handOver.leftAt(TABLE)).isNull();
  }

  @Test
  void theMainStreamHoldsNothingOfATableThatWasNotHandedOver() {
    handOver.meet(TABLE);

    handOver.leave(TABLE);

    assertThat(handOver.leftAt(TABLE)).isNull();
  }
}

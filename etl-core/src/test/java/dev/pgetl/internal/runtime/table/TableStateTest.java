package dev.pgetl.internal.runtime.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.runtime.table.Gate.Closed;
import dev.pgetl.internal.runtime.table.Gate.Fenced;
import dev.pgetl.internal.runtime.table.Gate.Open;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Catchup;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TableStateTest {
  private static final Lsn END = new Lsn(0x120);
  private static final Lsn BEGUN = new Lsn(0x150);
  private static final Runnable TAKEN = TableStateTest::taken;
  private static final Errored ERRORED = new Errored("broken", "", RetryDirective.TIMED, 1);

  private static void taken() {}

  private static TableState starting(TableReplicationPhase phase) {
    return TableState.starting(TableLife.in(phase), 1);
  }

  private static TableState enter(TableState state, TableReplicationPhase phase) {
    return state.entered(TableLife.in(phase), BEGUN);
  }

  private static TableState agreed() {
    return starting(new FinishedCopy()).fencing(TAKEN).fenced(new Lsn(0x110)).handedOver(END);
  }

  @Test
  void atTheStartTheApplyWorkerOwnsWhatItOwned() {
    assertThat(starting(new Ready()).gate()).isEqualTo(new Open(Lsn.ZERO));
    assertThat(starting(new SyncDone(END)).gate()).isEqualTo(new Open(END));
    for (TableReplicationPhase other :
        List.of(new Init(), new DataSync(), new FinishedCopy(), ERRORED)) {
      assertThat(starting(other).gate()).isEqualTo(new Closed());
    }
    assertThat(starting(new Ready()).generation()).isPositive();
  }

  @Test
  void aFenceIsSetInTwoSteps() {
    TableState fencing = starting(new FinishedCopy()).fencing(TAKEN);
    long patience = Duration.ofSeconds(5).toNanos();
    assertThat(fencing.gate()).isEqualTo(new Fenced(Lsn.ZERO, patience, TAKEN));

    assertThat(fencing.fenced(END).gate()).isEqualTo(new Fenced(END, patience, TAKEN));
  }

  @Test
  void aFenceThatWasTakenAwayMeanwhileStaysAway() {
    TableState lost = starting(new FinishedCopy()).fencing(TAKEN).fenceLost();

    assertThat(lost.fenced(END)).isEqualTo(lost);
    assertThat(lost.handedOver(END)).isEqualTo(lost);
    assertThat(lost.fencesLost()).isEqualTo(1);
  }

  @Test
  void patienceDoublesWithEveryFenceThatWasLostAndNeverOverflows() {
    TableState state = starting(new FinishedCopy());
    for (int i = 0; i < 100; i++) {
      state = state.fencing(TAKEN).fenceLost();
    }

    assertThat(state.fencing(TAKEN).gate())
        .isEqualTo(new Fenced(Lsn.ZERO, Duration.ofSeconds(5L << 20).toNanos(), TAKEN));
  }

  @Test
  void withdrawingIsNoLoss() {
    TableState before = starting(new FinishedCopy());

    assertThat(before.fencing(TAKEN).withoutFence()).isEqualTo(before);
  }

  /** Whatever comes too late changes nothing: the two sides have agreed. */
  @Test
  void anOpenGateKnowsNoFence() {
    TableState agreed = agreed();
    List<UnaryOperator<TableState>> late =
        List.of(
            TableState::withoutFence,
            TableState::fenceLost,
            state -> state.fenced(BEGUN),
            state -> state.handedOver(BEGUN));

    assertThat(late).allSatisfy(step -> assertThat(step.apply(agreed)).isEqualTo(agreed));
  }

  @Test
  void handingOverOpensTheGateForAnotherGeneration() {
    TableState agreed = agreed();
    assertThat(agreed.gate()).isEqualTo(new Open(END));
    assertThat(agreed.generation()).isEqualTo(2);
    assertThat(agreed.unstored()).isNull();
    assertThat(agreed.fencesLost()).isZero();

    Stream.of(enter(agreed, new Catchup(END)), enter(agreed, new SyncDone(END)))
        .forEach(
            moved -> {
              assertThat(moved.unstored()).isNull();
              assertThat(moved.gate()).isEqualTo(agreed.gate());
              assertThat(moved.generation()).isEqualTo(agreed.generation());
            });
  }

  @Test
  void leavingClosesTheGateAndRemembersWhatTheApplyWorkerMayHold() {
    Stream.of(agreed(), starting(new Ready()), starting(new SyncDone(END)))
        .forEach(
            owned ->
                Stream.of(new Init(), new FinishedCopy(), ERRORED)
                    .map(phase -> enter(owned, phase))
                    .forEach(
                        left -> {
                          assertThat(left.gate()).isEqualTo(new Closed());
                          assertThat(left.leftAt()).isEqualTo(BEGUN);
                          assertThat(left.unstored()).isNull();
                          assertThat(left.generation()).isEqualTo(owned.generation() + 1);
                        }));
  }

  @Test
  void aTableThatIsNotOwnedDoesNotLeaveAgain() {
    TableState left = enter(starting(new Ready()), new Init());

    TableState copying = left.entered(TableLife.in(new DataSync()), new Lsn(0x160));

    assertThat(copying.leftAt()).isEqualTo(BEGUN);
    assertThat(copying.generation()).isEqualTo(left.generation());
  }

  @Test
  void aRefusalLimitsFromWhereTheApplyWorkerHasAcknowledged() {
    TableState refused = starting(new Ready()).refusedAfter(BEGUN);

    assertThat(refused.refused()).isTrue();
    assertThat(refused.unstored()).isEqualTo(BEGUN);
    assertThat(refused.refusedAfter(new Lsn(0x160))).isEqualTo(refused);
  }

  @Test
  void aRefusalBetweenAgreeingAndStoringKeepsTheLimitUntilItIsStoredItself() {
    Lsn durable = new Lsn(0x110);
    TableState refused = agreed().refusedAfter(durable);
    assertThat(refused.unstored()).isEqualTo(durable);

    TableState done = enter(refused, new SyncDone(END));
    assertThat(done.unstored()).isEqualTo(durable);
    assertThat(done.refused()).isTrue();

    TableState failed = enter(done, ERRORED);
    assertThat(failed.unstored()).isNull();
    assertThat(failed.refused()).as("the apply worker may hold more").isTrue();
    assertThat(failed.passed(failed.leftAt()).refused()).isFalse();
  }

  @Test
  void aRefusalOfATableThatLeftLimitsNothing() {
    TableState left = enter(starting(new Ready()), new Init()).refusedAfter(BEGUN);

    assertThat(left.refused()).isTrue();
    assertThat(left.unstored()).isNull();
  }
}

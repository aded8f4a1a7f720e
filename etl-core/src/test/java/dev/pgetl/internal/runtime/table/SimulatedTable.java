package dev.pgetl.internal.runtime.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.runtime.HandOverSimulation.Change;
import dev.pgetl.internal.runtime.HandOverSimulation.Tx;
import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table's way from its copy to the main stream, and what its rows in the destination have seen:
 * every change behind the copy once and in order, but for repetitions after a reconnect. Each call
 * of the destination takes some steps; what is read meanwhile waits for the next one.
 */
final class SimulatedTable {
  private enum State {
    INIT,
    CATCHING_UP,
    DONE,
    READY
  }

  private final HandOverSimulation world;
  private final int number;
  private final int stepsPerCall;
  private final int readsPerStep;
  private final List<Change> history = new ArrayList<>();

  private State state = State.INIT;
  private long copiedAt;
  private int seen;
  private boolean repeating;

  private long position;
  private long remembered;
  private long current;
  private @Nullable Lsn fence;
  private boolean withdrawn;
  private long from;

  /** What was read and is not in a call yet, and what is; each with where it ends. */
  private final List<Change> gathered = new ArrayList<>();

  private final List<Change> inCall = new ArrayList<>();
  private long inCallTo;
  private int stepsLeft;

  SimulatedTable(HandOverSimulation world, int number, int stepsPerCall, int readsPerStep) {
    this.world = world;
    this.number = number;
    this.stepsPerCall = stepsPerCall;
    this.readsPerStep = readsPerStep;
  }

  TableId id() {
    return new TableId(number + 1L);
  }

  /** The server has committed a change. */
  void changed(Change change) {
    history.add(change);
  }

  boolean isComplete() {
    return state == State.READY && seen == history.size();
  }

  /** Whether the main stream has to wait before it knows whose a change is. */
  boolean mustBeAwaited(long commitLsn) {
    return state == State.CATCHING_UP && fence != null && !withdrawn && commitLsn >= fence.value();
  }

  /** The main stream has other reasons not to wait. */
  void withdraw() {
    withdrawn = world.handOver().withdraw(id());
    assertThat(withdrawn).isTrue();
  }

  /** The main stream has waited long enough. */
  void fenceIsGone() {
    withdrawn = true;
  }

  boolean isCarried() {
    return state == State.DONE || state == State.READY;
  }

  void step() {
    if (state == State.INIT) {
      Lsn leftAt = world.handOver().leftAt(id());
      if (leftAt == null || world.durable() > leftAt.value()) {
        copy();
      }
    } else if (state == State.CATCHING_UP) {
      catchUp();
    }
  }

  /** The destination is emptied and holds everything committed before the snapshot. */
  private void copy() {
    copiedAt = world.written();
    seen = (int) history.stream().filter(change -> change.commitLsn() < copiedAt).count();
    remembered = copiedAt;
    beginCatchUp();
  }

  private void beginCatchUp() {
    state = State.CATCHING_UP;
    position = remembered;
    current = world.written();
    fence = null;
    withdrawn = false;
    repeating = true;
    gathered.clear();
    inCall.clear();
    inCallTo = position;
    stepsLeft = 0;
  }

  /** The destination takes a step, and the reader, which is quicker, some. */
  private void catchUp() {
    deliver();
    for (int i = 0; i < readsPerStep && state == State.CATCHING_UP && readsOn(); i++) {
      read();
    }
  }

  /** Ends the stream where CatchUp does. Whether there is more to read before. */
  private boolean readsOn() {
    if (fence == null
        && (position >= current || new Lsn(position).isAfter(world.handOver().lastBegun()))) {
      if (!isSettled()) {
        return false;
      }
      fence = world.handOver().meet(id());
    }
    if (fence == null || position < fence.value()) {
      return true;
    }
    if (isSettled()) {
      end();
    }
    return false;
  }

  private void read() {
    Tx tx = nextTransaction();
    if (tx == null) {
      position = world.written();
    } else {
      tx.changes().stream().filter(change -> change.table() == number).forEach(gathered::add);
      position = tx.endLsn();
    }
  }

  /** {@return whether everything read is durable, which is remembered then} */
  private boolean isSettled() {
    boolean settled = gathered.isEmpty() && inCall.isEmpty();
    if (settled) {
      remembered = position;
    }
    return settled;
  }

  private void deliver() {
    if (!inCall.isEmpty() && --stepsLeft <= 0) {
      inCall.forEach(this::delivered);
      inCall.clear();
      if (world.random().nextInt(3) == 0) {
        remembered = inCallTo;
      }
    }
    if (inCall.isEmpty() && !gathered.isEmpty()) {
      inCall.addAll(gathered);
      gathered.clear();
      inCallTo = position;
      stepsLeft = stepsPerCall;
    }
  }

  /** The call under way may have been made, in part too. */
  private void breakOff() {
    int made = world.random().nextInt(inCall.size() + 1);
    inCall.subList(0, made).forEach(this::delivered);
    inCall.clear();
  }

  private void end() {
    if (!world.handOver().agree(id())) {
      world.handOver().leave(id());
      beginCatchUp();
      return;
    }
    from = position;
    state = State.DONE;
    world.handOver().done(id(), new Lsn(from));
  }

  private @Nullable Tx nextTransaction() {
    return world.wal().stream().filter(tx -> tx.commitLsn() >= position).findFirst().orElse(null);
  }

  /** The table's own stream breaks; it is tried again from what is remembered. */
  void fail() {
    if (state == State.CATCHING_UP) {
      breakOff();
      world.handOver().leave(id());
      beginCatchUp();
    }
  }

  /** Somebody wants a new copy, or the destination refused a change. */
  void copyAgain() {
    world.handOver().leave(id());
    state = State.INIT;
  }

  void ready(long end) {
    assertThat(state).isIn(State.DONE, State.READY);
    assertThat(end).isEqualTo(from);
    assertThat(world.durable()).isGreaterThanOrEqualTo(from);
    state = State.READY;
  }

  void restart() {
    switch (state) {
      case CATCHING_UP -> {
        breakOff();
        beginCatchUp();
      }
      case DONE -> world.handOver().done(id(), new Lsn(from));
      case READY -> world.handOver().carried(id());
      case INIT -> {
        // is copied again
      }
    }
  }

  /** The main stream starts again behind the last transaction that is remembered. */
  void mayBeRepeated() {
    repeating = true;
  }

  void deliveredByMainStream(Change change) {
    if (state == State.INIT) {
      return; // the rows are thrown away before the next copy
    }
    assertThat(change.commitLsn())
        .as("a change of table %s, whose own stream ended at %s", number, from)
        .isGreaterThanOrEqualTo(from);
    assertThat(state).isIn(State.DONE, State.READY);
    delivered(change);
  }

  private void delivered(Change change) {
    assertThat(change.commitLsn()).isGreaterThanOrEqualTo(copiedAt);
    int place = history.indexOf(change);
    if (repeating && place < seen) {
      seen = place;
      repeating = false;
    }
    assertThat(place).as("the next change of table %s", number).isEqualTo(seen);
    seen++;
  }
}

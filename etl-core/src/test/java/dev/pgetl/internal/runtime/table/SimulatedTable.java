package dev.pgetl.internal.runtime.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.decode.StreamTables;
import dev.pgetl.internal.runtime.table.Gate.Fenced;
import dev.pgetl.internal.runtime.table.HandOverSimulation.Change;
import dev.pgetl.internal.runtime.table.HandOverSimulation.Tx;
import dev.pgetl.internal.runtime.table.Table.Wish;
import dev.pgetl.internal.runtime.table.TableEvent.CaughtUp;
import dev.pgetl.internal.runtime.table.TableEvent.CopyFinished;
import dev.pgetl.internal.runtime.table.TableEvent.CopyStarted;
import dev.pgetl.internal.runtime.table.TableEvent.Failed;
import dev.pgetl.internal.runtime.table.TableEvent.FenceLost;
import dev.pgetl.internal.runtime.table.TableEvent.FenceSet;
import dev.pgetl.internal.runtime.table.TableEvent.HandedOver;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A table's way from its copy to the apply worker, and what its rows in the destination have seen:
 * every change behind the copy once and in order, but for repetitions after a reconnect. Each call
 * of the destination takes some steps; what is read meanwhile waits for the next one.
 */
final class SimulatedTable {
  /** What the table's sync worker does. */
  private enum SyncWorker {
    NONE,
    CATCHES_UP,
    HANDS_OVER
  }

  private static final Errored BROKEN = new Errored("broken", "", RetryDirective.TIMED, 1);

  private final HandOverSimulation world;
  private final int number;
  private final int stepsPerCall;
  private final int readsPerStep;
  private final List<Change> history = new ArrayList<>();
  private final EtlException refused = new EtlException(ErrorKind.DESTINATION_REJECTED, "refused");

  private SyncWorker worker = SyncWorker.NONE;
  private long copiedAt;
  private int seen;
  private boolean repeating;
  private long refusalToStore = StreamTables.NOT_OURS;

  private long position;
  private long remembered;
  private long current;
  private @Nullable Lsn fence;
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

  private Table table() {
    return Objects.requireNonNull(world.tables().find(id()));
  }

  /** The server has committed a change. */
  void changed(Change change) {
    history.add(change);
  }

  boolean isComplete() {
    return table().phase() instanceof Ready && !table().isRefused() && seen == history.size();
  }

  boolean isApplied() {
    return table().life().isApplied();
  }

  /** Whether the apply worker has to wait before it knows whose a change is. */
  boolean mustBeAwaited(long commitLsn) {
    return table().state().gate() instanceof Fenced fenced && commitLsn >= fenced.fence().value();
  }

  /** The sync worker is asked to stop, say, so that the apply worker need not wait. */
  void withdraw() {
    table().withdraw();
    assertThat(table().state().gate()).isNotInstanceOf(Fenced.class);
  }

  // ---- the sync worker ----

  void step() {
    switch (worker) {
      case NONE -> begin();
      case CATCHES_UP -> catchUp();
      case HANDS_OVER -> handOver();
    }
  }

  /** The operator resyncs what needs it. */
  void calmStep() throws InterruptedException {
    if (refusalToStore != StreamTables.NOT_OURS) {
      storeRefusal();
    } else if (table().life().needsManualRetry()) {
      copyAgain();
    } else {
      step();
    }
  }

  private void begin() {
    AtomicBoolean work = new AtomicBoolean();
    if (!world.stored(() -> work.set(table().prepareRun())) || !work.get()) {
      return;
    }
    Lsn leftAt = table().state().leftAt();
    if (leftAt != null && world.durable() <= leftAt.value()) {
      return;
    }
    if (!table().passed(leftAt)) {
      return;
    }
    if (table().phase() instanceof FinishedCopy) {
      beginCatchUp();
    } else {
      copy();
    }
  }

  /** The destination is emptied and holds everything committed before the snapshot. */
  private void copy() {
    if (!world.stored(() -> table().move(new CopyStarted()))) {
      return;
    }
    copiedAt = world.written();
    seen = (int) history.stream().filter(change -> change.commitLsn() < copiedAt).count();
    remembered = copiedAt;
    if (world.stored(() -> table().move(new CopyFinished()))) {
      beginCatchUp();
    }
  }

  private void beginCatchUp() {
    worker = SyncWorker.CATCHES_UP;
    position = remembered;
    current = world.written();
    fence = null;
    repeating = true;
    gathered.clear();
    inCall.clear();
    inCallTo = position;
    stepsLeft = 0;
  }

  /** The destination takes a step, and the reader, which is quicker, some. */
  private void catchUp() {
    deliver();
    for (int i = 0; i < readsPerStep && worker == SyncWorker.CATCHES_UP && readsOn(); i++) {
      read();
    }
  }

  /** Ends the stream where CatchUp does. Whether there is more to read before. */
  private boolean readsOn() {
    if (fence == null
        && (position >= current || new Lsn(position).isAfter(world.tables().lastBegun()))) {
      table().move(new CaughtUp(new Lsn(position)));
      if (!isSettled()) {
        return false;
      }
      fence = table().meet(() -> {});
      table().move(new FenceSet(fence));
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

  private @Nullable Tx nextTransaction() {
    return world.wal().stream().filter(tx -> tx.commitLsn() >= position).findFirst().orElse(null);
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

  private void end() {
    if (table().agree(new Lsn(position))) {
      from = position;
      worker = SyncWorker.HANDS_OVER;
      return;
    }
    worker = SyncWorker.NONE;
    if (world.stored(() -> table().move(new FenceLost()))) {
      beginCatchUp();
    }
  }

  /** The apply worker delivers the table from the end on; that is stored until it succeeds. */
  private void handOver() {
    if (world.stored(() -> table().move(new HandedOver(new Lsn(from))))) {
      worker = SyncWorker.NONE;
    }
  }

  /** The sync worker fails; the failure is stored or not. */
  void fail() {
    if (worker == SyncWorker.NONE) {
      return;
    }
    breakOff();
    table().withdraw();
    boolean unused =
        world.stored(
            () -> {
              boolean moved = table().moveIf(now -> now.life().mayRetry(), new Failed(BROKEN));
              assertThat(moved).isTrue();
            });
  }

  /** The call in progress may have been made, in part too. */
  private void breakOff() {
    int made = world.random().nextInt(inCall.size() + 1);
    inCall.subList(0, made).forEach(this::delivered);
    inCall.clear();
    worker = SyncWorker.NONE;
  }

  /** An operator wants a new copy. */
  void copyAgain() throws InterruptedException {
    table().wish(Wish.RESYNC);
    breakOff();
    table().withdraw();
    boolean unused = world.stored(table()::beginResync);
  }

  /** The process dies. */
  void die() {
    breakOff();
    refusalToStore = StreamTables.NOT_OURS;
  }

  // ---- the apply worker ----

  void deliveredByApplyWorker(Change change) {
    if (table().isRefused()) {
      return;
    }
    if (world.faulty() && world.random().nextInt(40) == 0) {
      refusalToStore = table().refuse(new Lsn(world.durable()));
      return;
    }
    TableLife life = table().life();
    if (!life.isApplied() && !(life.resumable() instanceof FinishedCopy)) {
      return; // the rows are thrown away before the next copy
    }
    assertThat(change.commitLsn())
        .as("a change of table %s, whose sync worker ended at %s", number, from)
        .isGreaterThanOrEqualTo(from);
    delivered(change);
  }

  /** That the destination refused a change is stored, perhaps; if not, it is tried again. */
  void storeRefusal() {
    if (refusalToStore != StreamTables.NOT_OURS) {
      boolean unused = world.stored(this::storeKnownRefusal);
    }
  }

  private void storeKnownRefusal() {
    if (Refusals.store(table(), refusalToStore, refused)) {
      refusalToStore = StreamTables.NOT_OURS;
    }
  }

  /** The apply worker starts again behind the last transaction that is remembered. */
  void mayBeRepeated() {
    repeating = true;
  }

  void checkReady() {
    if (table().phase() instanceof Ready) {
      assertThat(world.durable()).isGreaterThanOrEqualTo(from);
    }
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

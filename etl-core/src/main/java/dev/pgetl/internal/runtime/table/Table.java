package dev.pgetl.internal.runtime.table;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.decode.StreamTables;
import dev.pgetl.internal.runtime.table.Gate.Fenced;
import dev.pgetl.internal.runtime.table.Gate.Leaving;
import dev.pgetl.internal.runtime.table.Gate.Open;
import dev.pgetl.internal.runtime.table.TableEvent.Resync;
import dev.pgetl.internal.runtime.worker.Trouble;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Everything a pipeline knows of one table. Thread-safe.
 *
 * <p>What streams ask of it is an immutable {@link TableState}, read without a lock. Moves from
 * phase to phase are made under the table's lock, the store first; so a store that hangs in one
 * table's write delays only moves of that very table. Lock order: the table's lock, then the store.
 * Listener and destination are never called under it.
 */
public final class Table {
  private static final long WAIT_NANOS = 100_000_000;

  /** What shall become of the table once it has no sync worker. */
  public enum Wish {
    NONE,
    RESYNC,
    PAUSE,
    /** It is paused, and copied once it is resumed. */
    PAUSE_BEFORE_RESYNC,
    FORGET;

    /** {@return whether the table is to be paused} */
    public boolean isPause() {
      return this == PAUSE || this == PAUSE_BEFORE_RESYNC;
    }
  }

  private final TableId id;
  private final TableName firstName;
  private final Tables tables;
  private final Lock lock;
  private final AtomicReference<TableState> state;
  private final Trouble trouble;
  private final TableNotes notes = new TableNotes();
  private volatile TableName name;
  private volatile @Nullable SyncRun syncRun;
  private volatile Wish wish = Wish.NONE;

  Table(TableId id, TableName name, TableLife life, Tables tables) {
    this.id = id;
    this.firstName = name;
    this.name = name;
    this.tables = tables;
    this.lock = tables.platform().newLock();
    this.trouble = new Trouble(tables.listener(), tables.platform());
    this.state = new AtomicReference<>(TableState.starting(life, tables.firstGeneration()));
    if (life.phase() instanceof Errored errored) {
      trouble.known(errored);
    }
  }

  /** {@return the table's identity} */
  public TableId id() {
    return id;
  }

  /** {@return what it is called at the moment} */
  public TableName name() {
    return name;
  }

  /** {@return what it was called when this process met it: what is set by name goes by this} */
  public TableName firstName() {
    return firstName;
  }

  /** {@return where it is in its life} */
  public TableLife life() {
    return state().life();
  }

  /** {@return its phase} */
  public TableReplicationPhase phase() {
    return life().phase();
  }

  /** {@return whether the apply worker owns the table} */
  public boolean isApplied() {
    return life().isApplied();
  }

  /** {@return what fails in its copy or its own stream} */
  public Trouble trouble() {
    return trouble;
  }

  /** {@return whether nothing helps but what an operator has not asked for} */
  boolean standsStill() {
    return (life().needsManualRetry() || life().isPaused()) && wish != Wish.RESYNC;
  }

  public TableState state() {
    return Objects.requireNonNull(state.get());
  }

  /** {@return a snapshot} */
  public TableStatus status() {
    return notes.addTo(TableStatus.builder(id, name, phase())).failure(trouble.now()).build();
  }

  // ---- moves: under the lock, the store first ----

  /**
   * Moves the table on.
   *
   * @throws IllegalStateException if that is no legal move
   * @throws dev.pgetl.error.EtlException if it could not be stored; the table has not moved then
   */
  public void move(TableEvent event) {
    boolean unused = moveIf(now -> true, event);
  }

  /** Moves the table on if it is where the caller thinks; {@code false} if it is not. */
  public boolean moveIf(Predicate<TableState> still, TableEvent event) {
    return !tables.moves().make(List.of(this), table -> still.test(state()), event).isEmpty();
  }

  Tables tables() {
    return tables;
  }

  /** {@return what a move holds} */
  Lock lock() {
    return lock;
  }

  /** {@return whether nothing speaks against a move; asked under the lock} */
  boolean mayMove(TableEvent event) {
    return wish != Wish.FORGET || event instanceof Resync;
  }

  /** The store knows where the table is; called under the lock. */
  void enter(TableLife next) {
    TableState after = update(now -> now.entered(next, tables.lastBegun()));
    tables.entered(this, after);
  }

  TableState update(UnaryOperator<TableState> change) {
    return Objects.requireNonNull(state.updateAndGet(change));
  }

  /**
   * The table begins from the start: everything that was copied is out of date. A paused one begins
   * once it is resumed.
   */
  public void restart() {
    if (life().isPaused()) {
      Wishes.pauseBeforeCopy(this);
    } else {
      move(new Resync());
    }
  }

  /**
   * Its rows are not copied before the apply worker has passed a position: what comes before it may
   * be changes of another table, which had the name.
   */
  public void copyAfter(Lsn position) {
    TableState unused = update(now -> now.behind(position.plus(-1)));
  }

  /** The apply worker holds no transaction behind this one: the server it reads from lacks them. */
  void endAt(Lsn transaction) {
    TableState unused = update(now -> now.endingAt(transaction));
  }

  /** {@return whether a slot of its own may hold what the table still needs} */
  public boolean needsSlot() {
    return life().needsSlot(tables.store().getCopyRanges(id).isPresent());
  }

  /** The table is called so from now on; {@code false} if it was before. */
  public boolean rename(TableName now) {
    boolean changed = !name.equals(now);
    name = now;
    return changed;
  }

  /** {@return what is known of it beside its phase} */
  public TableNotes notes() {
    return notes;
  }

  // ---- the hand-over from the sync worker to the apply worker ----

  /**
   * {@return the table's generation if the apply worker delivers the changes of a transaction,
   * {@link StreamTables#NOT_OURS} if not} Waits while the table is handed over, for five seconds
   * the first time. Called by the apply worker's reader.
   *
   * @param waiting asked about ten times a second; false to wait no longer
   */
  public long generation(Lsn commitLsn, BooleanSupplier waiting) throws InterruptedException {
    long since = tables.platform().nanos();
    while (true) {
      long seen = tables.changed().count();
      TableState now = state();
      if (now.gate() instanceof Open open) {
        return commitLsn.isBefore(open.from()) ? StreamTables.NOT_OURS : now.generation();
      }
      if (now.gate() instanceof Leaving leaving) {
        if (leaving.isDecided()) {
          return leaving.lets(commitLsn) ? now.generation() : StreamTables.NOT_OURS;
        }
      } else if (!(now.gate() instanceof Fenced fenced)
          || commitLsn.isBefore(fenced.fence())
          || (isOver(fenced, since) && takeFence())) {
        return StreamTables.NOT_OURS;
      }
      tables.changed().await(seen, WAIT_NANOS);
      if (!waiting.getAsBoolean()) {
        return StreamTables.NOT_OURS;
      }
    }
  }

  private boolean isOver(Fenced fenced, long since) {
    return tables.platform().nanos() - since >= fenced.patienceNanos();
  }

  private boolean takeFence() {
    Gate before = Objects.requireNonNull(state.getAndUpdate(TableState::fenceLost)).gate();
    if (before instanceof Fenced lost) {
      lost.whenTaken().run();
    }
    return !(before instanceof Open);
  }

  /**
   * The sync worker asks where to meet; it has to deliver everything committed before the answer.
   * The gate is closed first: a transaction whose changes the apply worker skipped before that lies
   * before the fence.
   *
   * @param taken is run by the apply worker's reader if it does not wait any longer
   */
  public Lsn meet(Runnable taken) {
    TableState unused = update(now -> now.fencing(taken));
    Lsn fence = tables.lastBegun().plus(1);
    TableState unusedToo = update(now -> now.fenced(fence));
    return fence;
  }

  /**
   * The apply worker does not wait any longer, unless it knows by now; the sync worker continues.
   */
  public void withdraw() {
    TableState unused = update(TableState::withoutFence);
    tables.changed().raise();
  }

  /**
   * The sync worker has delivered everything committed before a position, which is about to be
   * stored; the apply worker delivers the rest.
   *
   * @return false if the fence was taken away: the two have to meet again
   */
  public boolean agree(Lsn end) {
    tables.delivered(end);
    boolean agreed = update(now -> now.handedOver(end)).gate() instanceof Open;
    tables.changed().raise();
    return agreed;
  }

  // ---- what the delivery leaves out ----

  /**
   * The destination refused a change of the table, which the apply worker leaves out from now on.
   * Until that is stored nothing behind it is acknowledged.
   *
   * @param durable up to where the apply worker has acknowledged
   * @return the generation to {@linkplain Refusals#store store} it for; {@link
   *     StreamTables#NOT_OURS} if the table has left since: its next copy brings the change
   */
  public long refuse(Lsn durable) {
    TableState now = update(before -> before.refusedAfter(durable));
    tables.limitBy(this); // afterwards: a move that is made meanwhile does not lift the limit
    tables.refused(this, true);
    return now.leftAt() == null ? now.generation() : StreamTables.NOT_OURS;
  }

  /** {@return whether the delivery of the apply worker leaves its events out} */
  public boolean isRefused() {
    return state().refused();
  }

  /**
   * The apply worker has passed what it held of the table when it left.
   *
   * @param leftAt as the caller knows it
   * @return false if the table has left again meanwhile
   */
  public boolean passed(@Nullable Lsn leftAt) {
    boolean passed = update(now -> now.passed(leftAt)).leftAt() == null;
    if (passed) {
      tables.refused(this, false);
    }
    return passed;
  }

  // ---- its sync worker ----

  /** {@return the sync worker; null if there is none} */
  public @Nullable SyncRun syncRun() {
    return syncRun;
  }

  /** The table has this sync worker from now on; null for none. Called by the sync workers. */
  public void syncRun(@Nullable SyncRun now) {
    syncRun = now;
  }

  public Wish wish() {
    return wish;
  }

  /** Says what shall become of the table; nothing else is done with it from then on. */
  public void wish(Wish now) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      wish = now;
    } finally {
      lock.unlock();
    }
  }

  /** Another act is asked for, or none any more; called under the lock. */
  void wishIsNow(Wish now) {
    wish = now;
  }

  /** The table begins from the start, if that was asked for and has not been done yet. */
  public void beginResync() {
    Wishes.beginResync(this);
  }

  /**
   * The table is paused, if that was asked for and has not been done yet.
   *
   * @return false if the apply worker owns the table, which has to leave first
   */
  public boolean beginPause() {
    return Wishes.beginPause(this);
  }

  /** The table has left the apply worker for a slot of its own, and is paused unless resumed. */
  public void leavePaused() {
    Wishes.leavePaused(this);
  }

  /**
   * The table is paused no longer, or is not to be.
   *
   * @throws EtlException if it could not be stored; it is paused then
   */
  public void unpause() {
    Wishes.unpause(this);
  }

  /** {@return whether it has to leave the apply worker} */
  public boolean isToLeave() {
    return isApplied() && (wish.isPause() || notes.rangeAgain() != null);
  }

  /**
   * {@return whether there is work for a sync worker} If so, the table is where the worker can
   * begin.
   */
  public boolean prepareRun() {
    return Wishes.prepareRun(this);
  }

  /** The destination has taken some more rows. Called by the one thread that writes them. */
  public void copied(int rows, long bytes) {
    notes.copy().copied(rows, bytes);
    tables.listener().onRowsCopied(id, rows, bytes);
  }
}

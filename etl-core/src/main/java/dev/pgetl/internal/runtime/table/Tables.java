package dev.pgetl.internal.runtime.table;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.decode.StreamTables;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.platform.Signal;
import dev.pgetl.internal.runtime.table.TableEvent.Resync;
import dev.pgetl.internal.runtime.worker.LogContext;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.wal.Lsn;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables of a pipeline, and where the apply worker is among them. Thread-safe.
 *
 * <p>The apply worker publishes each transaction it begins before it asks for the gate of any table
 * in it. A sync worker that has caught up closes the gate and then asks for a <em>fence</em>, the
 * first position the apply worker has not passed. So a transaction whose changes were skipped lies
 * before the fence and is the sync worker's; one behind the fence is decided by where the sync
 * worker ends.
 */
public final class Tables {
  private static final Logger LOG = LoggerFactory.getLogger(Tables.class);
  private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final PipelineStore store;
  private final PipelineListener listener;
  private final Platform platform;
  private final Signal changed;
  private final ConcurrentMap<TableId, Table> byId;
  private final TableMoves moves = new TableMoves(this);
  private final AwaitedEnds ends = new AwaitedEnds();
  private final Set<Table> limiting = ConcurrentHashMap.newKeySet();
  private final Set<Table> refused = ConcurrentHashMap.newKeySet();
  private final AtomicReference<Lsn> furthestEnd = new AtomicReference<>(Lsn.ZERO);
  private final AtomicLong taken = new AtomicLong();
  private volatile Lsn lastBegun = Lsn.ZERO;

  /**
   * Creates an empty registry.
   *
   * @param context whose store keeps phases and whose listener is notified
   */
  public Tables(PipelineContext context) {
    this(context.store(), context.listener(), context.platform());
  }

  Tables(PipelineStore store, PipelineListener listener, Platform platform) {
    this(store, listener, platform, new ConcurrentHashMap<>());
  }

  /** A registry that keeps its tables in a map, which has none yet. */
  Tables(
      PipelineStore store,
      PipelineListener listener,
      Platform platform,
      ConcurrentMap<TableId, Table> byId) {
    this.byId = byId;
    this.store = store;
    this.listener = listener;
    this.platform = platform;
    this.changed = new Signal(platform);
  }

  PipelineStore store() {
    return store;
  }

  PipelineListener listener() {
    return listener;
  }

  Platform platform() {
    return platform;
  }

  /** {@return is raised whenever a table's phase or gate has changed} */
  Signal changed() {
    return changed;
  }

  /**
   * {@return the generation of a table that is new to the registry} None that the table had before,
   * should it have left and come back.
   */
  long firstGeneration() {
    return taken.incrementAndGet() << Integer.SIZE;
  }

  // ---- the registry ----

  /** A table the store knows. */
  public void known(TableId id, TableName name, TableReplicationPhase phase) {
    put(new Table(id, name, TableLife.in(phase), this));
  }

  /** A table the store knows, which failed and is retried from the phase before. */
  public void known(TableId id, TableName name, Errored errored, TableReplicationPhase before) {
    put(new Table(id, name, TableLife.in(before).interrupted(errored), this));
  }

  private void put(Table table) {
    byId.put(table.id(), table);
    entered(table, table.state());
  }

  /** {@return a table the store does not know yet} */
  public Table add(TableId id, TableName name) {
    return add(Map.of(id, name), null).get(0);
  }

  /**
   * {@return tables the store does not know yet}
   *
   * @param names their names, in the order in which they are added
   * @param position see {@link Table#copyAfter}; null if nothing may come before their rows
   * @throws EtlException if they could not be stored; none has been added then
   */
  public List<Table> add(Map<TableId, TableName> names, @Nullable Lsn position) {
    TableLife first = TableLife.in(new Resync().leadsTo());
    moves.store(names.keySet(), first.phase());
    List<Table> added = new ArrayList<>();
    names.forEach((id, name) -> added.add(new Table(id, name, first, this)));
    for (Table table : added) {
      if (position != null) {
        table.copyAfter(position);
      }
      put(table);
      announce(table, first.phase());
    }
    return added;
  }

  /**
   * Moves several tables, with one write to the store; those that are to be forgotten stay.
   *
   * @throws IllegalStateException if that is no legal move for one of them
   * @throws EtlException if it could not be stored; no table has moved then
   */
  public void move(Collection<Table> movers, TableEvent event) {
    List<Table> unused = moves.make(movers, table -> true, event);
  }

  TableMoves moves() {
    return moves;
  }

  /** The store has forgotten the table; the apply worker waits for nothing of it. */
  public void remove(Table table) {
    byId.remove(table.id(), table);
    ends.remove(table);
    limiting.remove(table);
    refused.remove(table);
    changed.raise();
  }

  /** {@return a table; null if it is not one of the pipeline's} */
  public @Nullable Table find(TableId id) {
    return byId.get(id);
  }

  /** {@return all tables, in the order of their ids} */
  public List<Table> all() {
    return byId.values().stream().sorted(Comparator.comparingLong(t -> t.id().oid())).toList();
  }

  /** {@return a snapshot of every table} */
  public Map<TableId, TableStatus> status() {
    return byId.values().stream()
        .collect(Collectors.toUnmodifiableMap(Table::id, Table::status, (a, b) -> b));
  }

  /**
   * {@return whether tables were all where a caller wants them in time} Does not wait for one that
   * has failed for good; the log names it.
   *
   * @param arrived whether a table is there, or is of no interest
   * @param ended ends the wait early
   */
  public boolean await(Predicate<Table> arrived, long nanos, BooleanSupplier ended)
      throws InterruptedException {
    long since = platform.nanos();
    while (true) {
      Deque<Table> missing = new ArrayDeque<>(all());
      missing.removeIf(arrived);
      long left = nanos - (platform.nanos() - since);
      if (missing.isEmpty() || left <= 0 || ended.getAsBoolean() || stand(missing, arrived)) {
        return missing.isEmpty();
      }
      await(missing, arrived, Math.min(left, WAIT_NANOS));
    }
  }

  /** Asks one table at a time: each phase of each of thousands wakes the caller. */
  private void await(Deque<Table> missing, Predicate<Table> arrived, long nanos)
      throws InterruptedException {
    long until = platform.nanos() + nanos;
    while (!missing.isEmpty()) {
      long seen = changed.count();
      long left = until - platform.nanos();
      if (arrived.test(missing.getLast())) {
        missing.removeLast();
      } else if (left > 0) {
        changed.await(seen, left);
      } else {
        return;
      }
    }
  }

  /** One that has failed since it was missing may be where the caller wants it. */
  private static boolean stand(Collection<Table> missing, Predicate<Table> arrived) {
    List<Table> failed =
        missing.stream().filter(table -> table.standsStill() && !arrived.test(table)).toList();
    failed.forEach(table -> PhaseLog.log(table.name(), table.phase()));
    return !failed.isEmpty();
  }

  /** Names the tables that have failed and come back only by a resync. */
  public void logFailed() {
    boolean unused = stand(all(), table -> false);
  }

  // ---- where the apply worker is ----

  /** The apply worker starts at a position: everything committed before it has passed. */
  public void startAt(Lsn position) {
    lastBegun = Lsn.max(lastBegun, position.plus(-1));
  }

  /** The apply worker begins a transaction. Called by its reader only. */
  public void begin(Lsn commitLsn) {
    if (commitLsn.isAfter(lastBegun)) {
      lastBegun = commitLsn;
    }
  }

  /** The history that was read ends at a position, because the server was promoted. */
  public void endAt(Lsn position) {
    Lsn before = position.plus(-1);
    lastBegun = lastBegun.isAfter(before) ? before : lastBegun;
    byId.values().forEach(table -> table.endAt(before)); // afterwards: none takes the old one then
    Lsn unused = furthestEnd.updateAndGet(end -> end.isAfter(position) ? position : end);
  }

  /** All tables begin again, on a history that those who handed them over did not read. */
  public void forgetEnds() {
    ends.clear();
    furthestEnd.set(Lsn.ZERO);
  }

  /** {@return the last transaction the apply worker began} */
  public Lsn lastBegun() {
    return lastBegun;
  }

  /** A sync worker has delivered everything committed before a position. */
  void delivered(Lsn end) {
    Lsn unused = furthestEnd.accumulateAndGet(end, Lsn::max);
  }

  /** {@return up to where sync workers have delivered at most} */
  public Lsn furthestEnd() {
    return Objects.requireNonNull(furthestEnd.get());
  }

  /** {@return up to where the server's history is known to this process} */
  public Lsn seen() {
    return Lsn.max(lastBegun, furthestEnd());
  }

  /**
   * {@return whether the apply worker delivers the changes a transaction made to a table, see
   * {@link Table#generation}}
   */
  public long generation(TableId id, Lsn commitLsn, BooleanSupplier waiting)
      throws InterruptedException {
    Table table = byId.get(id);
    return table == null ? StreamTables.NOT_OURS : table.generation(commitLsn, waiting);
  }

  /** {@return whether tables wait for the apply worker to reach a position, or it for a store} */
  public boolean hasPending() {
    return !ends.isEmpty() || !limiting.isEmpty();
  }

  /** {@return whether a table waits for a position that has been reached} */
  public boolean isReached(Lsn durable) {
    return ends.isReached(durable);
  }

  /**
   * Makes every table {@code Ready} whose end has been reached.
   *
   * @throws EtlException if one could not be stored; the next call tries it again
   */
  public void settle(Lsn durable) {
    ends.settle(durable, moves);
  }

  // ---- what the apply worker must not acknowledge yet ----

  /** From now on the apply worker asks the table what it may acknowledge. */
  void limitBy(Table table) {
    limiting.add(table);
  }

  /**
   * {@return up to where the apply worker may acknowledge}
   *
   * @param position up to where everything it read is durable
   */
  public Lsn acknowledgeable(Lsn position) {
    Lsn limit = position;
    for (Table table : limiting) {
      Lsn unstored = table.state().unstored();
      if (unstored != null && unstored.isBefore(limit)) {
        limit = unstored;
      }
    }
    return limit;
  }

  // ---- what the delivery leaves out ----

  /** The delivery leaves out the events of a table, or does not any longer. */
  void refused(Table table, boolean leftOut) {
    boolean unused = leftOut ? refused.add(table) : refused.remove(table);
  }

  /** {@return whether the delivery leaves out the events of any table} */
  public boolean anyRefused() {
    return !refused.isEmpty();
  }

  // ---- what follows from a move ----

  /** A table has entered a phase. Called under its lock. */
  void entered(Table table, TableState now) {
    if (now.life().phase() instanceof SyncDone done) {
      delivered(done.lsn());
      ends.add(done.lsn(), table);
    }
    if (now.unstored() == null && limiting.remove(table) && table.state().unstored() != null) {
      limiting.add(table); // a refusal came in between
    }
  }

  /** The destination may differ from the source, which only a resync mends. */
  public void differs(TableId id, String reason) {
    Table table = byId.get(id);
    if (table != null && table.notes().differs(reason)) {
      LOG.warn(
          "table {} may differ from the source: {}. Resync it to make it equal again",
          table.name(),
          reason);
      listener.onTableDiffers(table.id(), table.name(), reason);
    }
  }

  /** Reports a phase to the log, to threads that wait, and to the listener. */
  void announce(Table table, TableReplicationPhase phase) {
    TableName name = table.name();
    LogContext context = LogContext.enter(name);
    try {
      PhaseLog.log(name, phase);
    } finally {
      context.leave();
    }
    changed.raise();
    listener.onTablePhase(table.id(), name, phase);
  }
}

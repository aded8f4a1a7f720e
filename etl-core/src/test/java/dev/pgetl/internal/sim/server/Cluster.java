package dev.pgetl.internal.sim.server;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.internal.capture.TimelineHistory;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.capture.facts.OpenTransactions;
import dev.pgetl.internal.sim.time.Scheduler;
import dev.pgetl.internal.sim.time.WaitQueue;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A Postgres cluster: what the script does to it, and what its clients' connections see of it. */
public final class Cluster {
  private static final String SYSTEM = "7123456789012345678";
  private static final long LOCK_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final Scheduler scheduler;
  private final WaitQueue changed;
  private final int version;
  private final List<Link> links = new ArrayList<>();
  private final Map<String, AdvisoryLocks> locks = new TreeMap<>();
  private final Map<Integer, OpenTransaction> sessions = new TreeMap<>();
  private final TreeSet<Long> copied = new TreeSet<>();
  private final Encounters encounters;
  private Disk disk = new Disk();
  private boolean up = true;
  private boolean stopping;
  private long unreachableUntil;
  private long sent;
  private final Map<String, Integer> changesSent = new HashMap<>();
  private int lastPid = 100;

  /**
   * Creates an empty cluster.
   *
   * @param version the major version of Postgres
   */
  public Cluster(Scheduler scheduler, Encounters encounters, int version) {
    this.scheduler = scheduler;
    this.encounters = encounters;
    this.changed = scheduler.newQueue();
    this.version = version;
  }

  Disk disk() {
    return disk;
  }

  Scheduler scheduler() {
    return scheduler;
  }

  Encounters encounters() {
    return encounters;
  }

  RandomGenerator random() {
    return scheduler.random();
  }

  long now() {
    return scheduler.now();
  }

  WaitQueue changed() {
    return changed;
  }

  int version() {
    return version;
  }

  /** {@return whether it sends transactions without published changes} */
  boolean sendsEmptyTransactions() {
    return version < 15;
  }

  boolean stopping() {
    return stopping;
  }

  SourceFacts facts() {
    return new SourceFacts(SYSTEM, disk.timeline(), new Lsn(disk.insert()));
  }

  AdvisoryLocks locks(String pipeline) {
    return locks.computeIfAbsent(pipeline, each -> new AdvisoryLocks(this));
  }

  int newPid() {
    lastPid++;
    return lastPid;
  }

  // What the script does.

  public void createTable(int number, String name, ReplicaIdentity identity, String publication) {
    Executor.create(disk, number, name, identity);
    createPublication(publication);
    disk.publish(publication, Objects.requireNonNull(disk.oids.get(number)));
  }

  public void createPublication(String name) {
    disk.publications.computeIfAbsent(name, of -> new TreeMap<>());
  }

  /**
   * Executes statements in a session's transaction, which begins if there is none; waits for locks.
   *
   * @return whether all was done; if not, the transaction has been rolled back
   */
  public boolean execute(int session, List<Statement> statements) {
    if (!up || stopping) {
      return false;
    }
    OpenTransaction transaction =
        sessions.computeIfAbsent(session, key -> new OpenTransaction(disk));
    for (Statement statement : statements) {
      if (statement.isExclusive() && !awaitLock(session, statement.table())) {
        sessions.remove(session, transaction);
        changed.wakeAll();
        return false;
      }
      new Executor(disk, transaction).execute(statement);
      if (statement instanceof Statement.Publish publish) {
        if (!publish.add()) {
          transaction.unpublish(id(publish.table()));
          encounters.left(id(publish.table()), end());
        }
      }
    }
    return true;
  }

  /** {@return whether a session's open transaction has altered a table or a publication} */
  public boolean hasAltered(int session) {
    OpenTransaction transaction = sessions.get(session);
    return transaction != null && !transaction.altered().isEmpty();
  }

  private boolean awaitLock(int session, int table) {
    long until = now() + LOCK_NANOS;
    while (isLocked(session, table)) {
      if (now() >= until) {
        return false;
      }
      changed.await(until, false);
    }
    return sessions.containsKey(session);
  }

  private boolean isLocked(int session, int table) {
    return copied.contains(disk.oids.get(table))
        || sessions.entrySet().stream()
            .anyMatch(each -> each.getKey() != session && each.getValue().touches(table));
  }

  public void commit(int session) {
    OpenTransaction transaction = sessions.remove(session);
    if (transaction != null) {
      long commit = disk.write(40);
      for (Change change : transaction.changes()) {
        Table table = disk.tables.get(change.shape().oid());
        if (table != null) {
          table.apply(change);
        }
      }
      disk.wal.add(
          new Committed(
              transaction.xid(),
              transaction.changes(),
              transaction.invalidated(),
              commit,
              disk.insert()));
      writing().forEach(other -> other.invalidate(transaction.altered()));
      transaction.unpublished().forEach(table -> encounters.left(table, end()));
    }
    changed.wakeAll();
  }

  public void rollback(int session) {
    if (sessions.remove(session) != null) {
      disk.write(40);
    }
    changed.wakeAll();
  }

  /** WAL that is none of ours. */
  public void noise(int bytes) {
    if (up) {
      disk.write(bytes);
      changed.wakeAll();
    }
  }

  public void checkpoint() {
    disk.slots.values().forEach(Slot::checkpoint);
  }

  /** {@return what the volume holds now} */
  public Disk snapshot() {
    return disk.copy();
  }

  /** The server stops, its clients having had time to get everything, and is started again. */
  public void restart(long stopNanos, long downNanos) {
    stopping = true;
    changed.wakeAll();
    scheduler.pause(stopNanos);
    checkpoint();
    stopping = false;
    crash(downNanos);
  }

  /** The server dies and is started again. */
  public void crash(long downNanos) {
    up = false;
    sessions.clear();
    copied.clear();
    List.copyOf(links).forEach(Link::cut);
    locks.clear();
    disk.slots.values().removeIf(slot -> slot.unfinished() || slot.temporary());
    disk.slots.values().forEach(Slot::crash);
    changed.wakeAll();
    scheduler.pause(downNanos);
    up = true;
    changed.wakeAll();
  }

  /** The server comes back with an earlier state of its volume. */
  public void setBack(Disk earlier, long downNanos) {
    encounters.setBack(earlier.insert(), sent);
    sent = 0;
    changesSent.clear();
    disk = earlier.copy();
    crash(downNanos);
  }

  /** What a standby has of the slots of its primary. */
  public enum StandbySlots {
    /** Where they are, as far as the standby has the log. */
    SYNCED,
    /** Where they were when the standby received its last log. */
    OLDER,
    MISSING,
    /** Another client has read on before the pipeline comes. */
    NEWER
  }

  /** The primary is gone, and a standby that lacks its last transactions takes over. */
  public void promote(Disk standby, StandbySlots kept, long downNanos) {
    encounters.promoted(standby.insert(), sent);
    Disk old = disk;
    disk = standby.copy();
    disk.promote(old.timeline() + 1);
    sent = 0;
    changesSent.clear();
    if (kept == StandbySlots.MISSING) {
      disk.slots.clear();
    }
    for (Slot slot : disk.slots.values()) {
      Slot before = old.slots.get(slot.name());
      if (kept == StandbySlots.SYNCED && before != null) {
        slot.confirm(Math.min(before.confirmed(), disk.insert()));
      } else if (kept == StandbySlots.NEWER) {
        slot.confirm(disk.insert());
      }
      slot.checkpoint();
    }
    crash(downNanos);
  }

  /** {@return where earlier timelines of the server ended} */
  public TimelineHistory history() {
    return new TimelineHistory(disk.timeline(), disk.ends());
  }

  /** Nothing gets through to or from the server for a while. */
  public void unreachable(long nanos) {
    unreachableUntil = now() + nanos;
    changed.wakeAll();
  }

  /** Cuts some connections. */
  public void cut(int oneIn) {
    for (Link link : List.copyOf(links)) {
      if (random().nextInt(oneIn) == 0) {
        link.cut();
      }
    }
    changed.wakeAll();
  }

  /** An operator drops a slot that nobody holds. */
  public boolean dropSlot(String name) {
    Slot slot = slot(name);
    boolean free = slot != null && slot.holder() == null && !slot.unfinished() && !slot.temporary();
    if (free) {
      disk.slots.remove(name);
    }
    return free;
  }

  /** {@code pg_replication_slot_advance} of a slot that nobody holds, to the end of the WAL. */
  public boolean advanceSlot(String name) {
    Slot slot = slot(name);
    if (slot == null
        || slot.holder() != null
        || slot.unfinished()
        || slot.temporary()
        || slot.lost()) {
      return false;
    }
    slot.confirm(disk.insert());
    return true;
  }

  /** The server has removed WAL that the slot needs. */
  public void invalidateSlot(String name) {
    Slot slot = slot(name);
    if (slot != null && !slot.unfinished()) {
      slot.lose("wal_removed");
      changed.wakeAll();
    }
  }

  /** {@return the names of all slots} */
  public List<String> slotNames() {
    return List.copyOf(slots().keySet());
  }

  /** {@return the rows of the tables of a publication, with the columns they have now} */
  public SortedMap<TableId, List<Map<Integer, String>>> published(String publication) {
    SortedMap<TableId, List<Map<Integer, String>>> found = new TreeMap<>();
    for (long oid : disk.publications.getOrDefault(publication, new TreeMap<>()).keySet()) {
      Table table = disk.table(oid);
      found.put(new TableId(oid), table.rows().values().stream().map(Row::cells).toList());
    }
    return found;
  }

  /** {@return the numbers of the columns a table has now} */
  public List<Integer> columns(TableId table) {
    return disk.table(table.oid()).shape().columns().stream().map(Shape.Column::number).toList();
  }

  /** {@return the table that has a number of the script now} */
  public TableId id(int table) {
    return new TableId(disk.oids.getOrDefault(table, 1L));
  }

  /** {@return the end of the WAL} */
  public Lsn end() {
    return new Lsn(disk.insert());
  }

  // What connections see.

  SortedMap<String, Slot> slots() {
    disk.slots.values().removeIf(slot -> slot.isAbandoned(now()));
    return disk.slots;
  }

  @Nullable Slot slot(String name) {
    return slots().get(name);
  }

  void remove(String slotName) {
    disk.slots.remove(slotName);
    changed.wakeAll();
  }

  /** A transaction is sent with so many changes. */
  void sends(String publication, long commitLsn, int changes) {
    Integer before = changesSent.put(publication + commitLsn, changes);
    if (before != null && before != changes) {
      encounters.ordinalsMoved(commitLsn);
    }
  }

  /** {@return up to where changes, rows or keepalives were sent to any client} */
  public long sent() {
    return sent;
  }

  /** Changes, rows or a keepalive up to a position are sent to a client. */
  void sends(long position) {
    sent = Math.max(sent, position);
  }

  boolean reachable() {
    return up && now() >= unreachableUntil;
  }

  long unreachableUntil() {
    return unreachableUntil;
  }

  boolean accepts() {
    return reachable() && !stopping;
  }

  void connected(Link link) {
    links.add(link);
  }

  void disconnected(Link link) {
    links.remove(link);
  }

  /** A copy holds a table's {@code ACCESS SHARE} lock. */
  void lock(long oid) {
    copied.add(oid);
  }

  void unlock(long oid) {
    copied.remove(oid);
    changed.wakeAll();
  }

  /** {@return the transactions that are open, as the product sees them} */
  OpenTransactions openTransactions() {
    long next = disk.next();
    long oldest = sessions.values().stream().mapToLong(OpenTransaction::xid).min().orElse(next);
    return new OpenTransactions(oldest, next, Lsn.ZERO);
  }

  /** {@return the ids of the transactions that are open} */
  Set<Long> running() {
    return sessions.values().stream().map(open -> (long) open.xid()).collect(Collectors.toSet());
  }

  /** {@return the transactions that have written and are open} */
  List<OpenTransaction> writing() {
    return sessions.values().stream().filter(each -> !each.changes().isEmpty()).toList();
  }

  /** {@return a range of a table, for two in three of those who ask; null for all of it} */
  public @Nullable KeyRange someRange(TableId id) {
    Table table = disk().tables.get(id.oid());
    if (table == null || random().nextInt(3) == 0) {
      return null;
    }
    List<KeyRange> ranges = RangePlan.of(table, random());
    return ranges.get(random().nextInt(ranges.size()));
  }
}

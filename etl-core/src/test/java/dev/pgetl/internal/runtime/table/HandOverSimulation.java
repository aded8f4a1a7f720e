package dev.pgetl.internal.runtime.table;

import static dev.pgetl.internal.decode.StreamTables.NOT_OURS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.platform.OneThreadPlatform;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.wal.Lsn;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The apply worker, tables with their sync workers, and a log that grows, one small step of one of
 * them at a time. Streams reconnect, tables fail, are refused and are copied again, the process is
 * restarted; calls of the destination take a while, and the store fails, also after it has written.
 * What reaches a table is checked by {@link SimulatedTable}.
 */
final class HandOverSimulation {
  /** A change of one table; the ordinal counts over the whole log. */
  record Change(int ordinal, long commitLsn, int table) {}

  /** A committed transaction. */
  record Tx(long commitLsn, long endLsn, List<Change> changes) {}

  private static final int TABLES = 3;

  private final RandomGenerator random;
  private final OneThreadPlatform platform = new OneThreadPlatform();
  private final FakeStateStore store = new FakeStateStore();
  private final EtlException away = new EtlException(ErrorKind.STORE_UNAVAILABLE, "away");
  private final List<Tx> wal = new ArrayList<>();
  private final List<SimulatedTable> simulated = new ArrayList<>();
  private final Map<Integer, Boolean> decided = new HashMap<>();

  /** What the apply worker has read and the destination has not got: changes and boundaries. */
  private final Deque<Object> underWay = new ArrayDeque<>();

  private Tables tables;
  private long written = 100;
  private int changes;
  private int next;
  private int nextChange;
  private boolean begun;
  private long delivered = 100;
  private long durable = 100;
  private int waits;
  private boolean faulty;
  private boolean writing = true;

  /**
   * Creates a world in which nothing has happened.
   *
   * @param random shuffles the steps
   * @param stepsPerCall how long a call of the destination takes, at most, in steps of its table
   * @param readsPerStep how many transactions a sync worker reads in that time
   */
  HandOverSimulation(RandomGenerator random, int stepsPerCall, int readsPerStep) {
    this.random = random;
    tables = begin();
    for (int i = 0; i < TABLES; i++) {
      SimulatedTable table =
          new SimulatedTable(this, i, random.nextInt(stepsPerCall + 1), readsPerStep);
      simulated.add(table);
      Table unused = tables.add(table.id(), name(table.id()));
    }
  }

  void run(int steps) throws InterruptedException {
    faulty = true;
    for (int i = 0; i < steps; i++) {
      step(random.nextInt(100));
    }
    complete();
  }

  /**
   * All tables have been copied; each time one transaction is written and read, and every table
   * takes a step.
   */
  void runUnderLoad(int ticks) throws InterruptedException {
    simulated.forEach(SimulatedTable::step);
    for (int i = 0; i < 20; i++) {
      write();
    }
    for (int i = 0; i < ticks && !simulated.stream().allMatch(SimulatedTable::isApplied); i++) {
      readAll();
      tick();
    }
    assertThat(simulated).allMatch(SimulatedTable::isApplied, "handed over under load");
    complete();
  }

  private void readAll() throws InterruptedException {
    while (next < wal.size()) {
      read();
      deliver();
    }
    remember();
  }

  private void tick() {
    simulated.forEach(SimulatedTable::step);
    if (writing) {
      write();
    }
  }

  /** {@return how often the apply worker has waited for a table} */
  int waits() {
    return waits;
  }

  private void complete() throws InterruptedException {
    faulty = false;
    writing = false;
    for (int i = 0; i < 1000 * (wal.size() + TABLES) && !isComplete(); i++) {
      calmStep(i);
    }
    assertThat(simulated).allMatch(SimulatedTable::isComplete, "complete and applied");
  }

  private boolean isComplete() {
    return simulated.stream().allMatch(SimulatedTable::isComplete);
  }

  private void step(int dice) throws InterruptedException {
    SimulatedTable table = simulated.get(random.nextInt(TABLES));
    if (dice < 20) {
      write();
    } else if (dice < 50) {
      read();
    } else if (dice < 64) {
      deliver();
    } else if (dice < 69) {
      remember();
    } else if (dice < 92) {
      table.step();
    } else if (dice < 94) {
      table.storeRefusal();
    } else if (dice < 95) {
      reconnect();
    } else if (dice < 96) {
      restart();
    } else if (dice < 98) {
      table.fail();
    } else {
      table.copyAgain();
    }
  }

  /** Nothing fails and nothing is written any more. */
  private void calmStep(int i) throws InterruptedException {
    SimulatedTable table = simulated.get(random.nextInt(TABLES));
    switch (i % 4) {
      case 0 -> table.calmStep();
      case 1 -> read();
      case 2 -> deliver();
      default -> remember();
    }
  }

  /** The server continues: with a transaction, or with something that is none of ours. */
  private void write() {
    if (random.nextInt(5) == 0) {
      written += random.nextInt(1, 20);
      return;
    }
    long commitLsn = written + random.nextInt(3);
    List<Change> made = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      made.add(new Change(changes++, commitLsn, random.nextInt(TABLES)));
    }
    written = commitLsn + random.nextInt(1, 10);
    wal.add(new Tx(commitLsn, written, made));
    made.forEach(change -> simulated.get(change.table()).changed(change));
  }

  /** The apply worker reads one message, unless it would have to wait. */
  private void read() throws InterruptedException {
    if (next == wal.size()) {
      underWay.add(written);
      return;
    }
    Tx tx = wal.get(next);
    if (!begun) {
      begun = true;
      tables.begin(new Lsn(tx.commitLsn()));
    } else if (nextChange < tx.changes().size()) {
      read(tx.changes().get(nextChange));
    } else {
      underWay.add(tx.endLsn());
      endTransaction(next + 1);
    }
  }

  private void read(Change change) throws InterruptedException {
    if (!decided.containsKey(change.table())) {
      SimulatedTable table = simulated.get(change.table());
      if (table.mustBeAwaited(change.commitLsn()) && isHeldUp(table)) {
        return;
      }
      decided.put(change.table(), delivers(table, change.commitLsn()));
    }
    if (decided.getOrDefault(change.table(), false)) {
      underWay.add(change);
    }
    nextChange++;
  }

  /** {@return whether others are quicker than the apply worker begins to wait} */
  private boolean isHeldUp(SimulatedTable table) {
    if (random.nextInt(10) == 0) {
      table.withdraw();
    }
    return random.nextBoolean();
  }

  private boolean delivers(SimulatedTable table, long commitLsn) throws InterruptedException {
    long generation =
        tables.generation(
            table.id(),
            new Lsn(commitLsn),
            () -> {
              waits++;
              tick();
              return true;
            });
    return generation != NOT_OURS;
  }

  private void endTransaction(int nextTransaction) {
    next = nextTransaction;
    nextChange = 0;
    begun = false;
    decided.clear();
  }

  private void deliver() {
    Object first = underWay.poll();
    if (first instanceof Change change) {
      simulated.get(change.table()).deliveredByApplyWorker(change);
    } else if (first instanceof Long boundary) {
      delivered = boundary;
    }
  }

  private void remember() {
    long allowed = tables.acknowledgeable(new Lsn(delivered)).value();
    if (allowed > durable) {
      durable = allowed;
    }
    boolean unused = stored(() -> tables.settle(new Lsn(durable)));
    simulated.forEach(SimulatedTable::checkReady);
  }

  /** {@return whether the store took a write; it may have done so if it says that it failed} */
  boolean stored(Runnable write) {
    int dice = faulty ? random.nextInt(10) : 9;
    if (dice == 0) {
      store.fail(away);
    } else if (dice == 1) {
      store.failAfterWrite(away);
    }
    try {
      write.run();
      return true;
    } catch (EtlException e) {
      assertThat(e).isSameAs(away);
      return false;
    } finally {
      store.fail(null);
    }
  }

  /** Whole transactions are delivered first; of the open one perhaps a part. */
  private void reconnect() {
    while (underWay.contains(lastBoundary())) {
      deliver();
    }
    for (int i = random.nextInt(underWay.size() + 1); i > 0; i--) {
      deliver();
    }
    underWay.clear();
    remember();
    delivered = durable;
    readAgain();
  }

  private Object lastBoundary() {
    Object last = -1L;
    for (Object each : underWay) {
      last = each instanceof Long ? each : last;
    }
    return last;
  }

  /** The process dies; what is stored decides how the next one continues. */
  private void restart() {
    underWay.clear();
    delivered = durable;
    simulated.forEach(SimulatedTable::die);
    tables = begin();
    store.getTableReplicationStates().forEach(this::takeIn);
    readAgain();
  }

  private Tables begin() {
    Tables begun = new Tables(store, PipelineListener.NONE, platform);
    begun.startAt(new Lsn(durable));
    return begun;
  }

  private void takeIn(TableId id, TableReplicationPhase phase) {
    if (phase instanceof Errored errored && errored.retryDirective() == RetryDirective.TIMED) {
      TableReplicationPhase before = store.rollbackTableReplicationState(id);
      store.updateTableReplicationState(id, errored);
      tables.known(id, name(id), errored, before);
    } else {
      tables.known(id, name(id), phase);
    }
  }

  private static TableName name(TableId id) {
    return new TableName("public", "t" + id);
  }

  private void readAgain() {
    simulated.forEach(SimulatedTable::mayBeRepeated);
    int first = 0;
    while (first < wal.size() && wal.get(first).commitLsn() < durable) {
      first++;
    }
    endTransaction(first);
  }

  Tables tables() {
    return tables;
  }

  RandomGenerator random() {
    return random;
  }

  List<Tx> wal() {
    return wal;
  }

  long written() {
    return written;
  }

  long durable() {
    return durable;
  }

  /** {@return whether things go wrong} */
  boolean faulty() {
    return faulty;
  }
}

package dev.pgetl.internal.runtime.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A main stream, tables with their own streams, and a log that grows, one small step of one of them
 * at a time. Streams reconnect, tables fail and are copied again, the process is restarted; calls
 * of the destination take a while. What reaches a table is checked by {@link SimulatedTable}.
 */
final class HandOverSimulation {
  /** A change of one table; the ordinal counts over the whole log. */
  record Change(int ordinal, long commitLsn, int table) {}

  /** A committed transaction. */
  record Tx(long commitLsn, long endLsn, List<Change> changes) {}

  private static final int TABLES = 3;

  private final RandomGenerator random;
  private final List<Tx> wal = new ArrayList<>();
  private final List<SimulatedTable> tables = new ArrayList<>();
  private final Map<Integer, Boolean> decided = new HashMap<>();

  /** What the main stream has read and the destination has not got: changes and boundaries. */
  private final Deque<Object> underWay = new ArrayDeque<>();

  private HandOver handOver = new HandOver(0);
  private long written = 100;
  private int changes;
  private int next;
  private int nextChange;
  private boolean begun;
  private long delivered = 100;
  private long durable = 100;
  private int waits;
  private boolean calm;

  /**
   * Creates a world in which nothing has happened.
   *
   * @param random shuffles the steps
   * @param stepsPerCall how long a call of the destination takes, at most, in steps of its table
   * @param readsPerStep how many transactions a table's own stream reads in that time
   */
  HandOverSimulation(RandomGenerator random, int stepsPerCall, int readsPerStep) {
    this.random = random;
    handOver.startAt(new Lsn(durable));
    for (int i = 0; i < TABLES; i++) {
      tables.add(new SimulatedTable(this, i, random.nextInt(stepsPerCall + 1), readsPerStep));
    }
  }

  void run(int steps) throws InterruptedException {
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
    tables.forEach(SimulatedTable::step);
    for (int i = 0; i < 20; i++) {
      write();
    }
    for (int i = 0; i < ticks && !tables.stream().allMatch(SimulatedTable::isCarried); i++) {
      readAll();
      tick();
    }
    assertThat(tables).allMatch(SimulatedTable::isCarried, "handed over under load");
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
    tables.forEach(SimulatedTable::step);
    if (!calm) {
      write();
    }
  }

  /** {@return how often the main stream has waited for a table} */
  int waits() {
    return waits;
  }

  private void complete() throws InterruptedException {
    calm = true;
    for (int i = 0; i < 1000 * (wal.size() + TABLES) && !isComplete(); i++) {
      calmStep(i);
    }
    assertThat(tables).allMatch(SimulatedTable::isComplete, "complete and carried");
  }

  private boolean isComplete() {
    return tables.stream().allMatch(SimulatedTable::isComplete);
  }

  private void step(int dice) throws InterruptedException {
    SimulatedTable table = tables.get(random.nextInt(TABLES));
    if (dice < 20) {
      write();
    } else if (dice < 50) {
      read();
    } else if (dice < 65) {
      deliver();
    } else if (dice < 70) {
      remember();
    } else if (dice < 95) {
      table.step();
    } else if (dice < 96) {
      reconnect();
    } else if (dice < 97) {
      restart();
    } else if (dice < 98) {
      table.fail();
    } else {
      table.copyAgain();
    }
  }

  /** Nothing fails and nothing is written any more. */
  private void calmStep(int i) throws InterruptedException {
    switch (i % 4) {
      case 0 -> tables.get(random.nextInt(TABLES)).step();
      case 1 -> read();
      case 2 -> deliver();
      default -> remember();
    }
  }

  /** The server goes on: with a transaction, or with something that is none of ours. */
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
    made.forEach(change -> tables.get(change.table()).changed(change));
  }

  /** The main stream reads one message, unless it would have to wait. */
  private void read() throws InterruptedException {
    if (next == wal.size()) {
      underWay.add(written);
      return;
    }
    Tx tx = wal.get(next);
    if (!begun) {
      begun = true;
      handOver.begin(new Lsn(tx.commitLsn()));
    } else if (nextChange < tx.changes().size()) {
      read(tx.changes().get(nextChange));
    } else {
      underWay.add(tx.endLsn());
      endTransaction(next + 1);
    }
  }

  private void read(Change change) throws InterruptedException {
    if (!decided.containsKey(change.table())) {
      SimulatedTable table = tables.get(change.table());
      if (table.mustBeAwaited(change.commitLsn()) && !awaited(table, change)) {
        return;
      }
      decided.put(change.table(), accepts(table.id(), change.commitLsn()));
    }
    if (decided.getOrDefault(change.table(), false)) {
      underWay.add(change);
    }
    nextChange++;
  }

  /** {@return whether the main stream has waited, until it knew or had enough of it} */
  private boolean awaited(SimulatedTable table, Change change) throws InterruptedException {
    if (random.nextInt(10) == 0) {
      table.withdraw();
      return false;
    }
    if (random.nextBoolean()) {
      return false; // others are quicker
    }
    boolean ownStream =
        !handOver.accepts(
            table.id(),
            new Lsn(change.commitLsn()),
            () -> {
              waits++;
              tick();
              return true;
            });
    if (ownStream && table.mustBeAwaited(change.commitLsn())) {
      table.fenceIsGone();
    }
    return true;
  }

  private boolean accepts(TableId table, long commitLsn) throws InterruptedException {
    return handOver.accepts(
        table,
        new Lsn(commitLsn),
        () -> {
          throw new AssertionError("the main stream waits for nothing");
        });
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
      tables.get(change.table()).deliveredByMainStream(change);
    } else if (first instanceof Long boundary) {
      delivered = boundary;
    }
  }

  private void remember() {
    durable = delivered;
    handOver
        .reached(new Lsn(durable))
        .forEach(
            (id, from) -> {
              tables.get((int) id.oid() - 1).ready(from.value());
              handOver.ready(id, from);
            });
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
    readAgain();
  }

  private Object lastBoundary() {
    Object last = -1L;
    for (Object each : underWay) {
      last = each instanceof Long ? each : last;
    }
    return last;
  }

  /** The process dies; what is remembered decides how the next one goes on. */
  private void restart() {
    underWay.clear();
    delivered = durable;
    handOver = new HandOver(0);
    handOver.startAt(new Lsn(durable));
    tables.forEach(SimulatedTable::restart);
    readAgain();
  }

  private void readAgain() {
    tables.forEach(SimulatedTable::mayBeRepeated);
    int first = 0;
    while (first < wal.size() && wal.get(first).commitLsn() < durable) {
      first++;
    }
    endTransaction(first);
  }

  HandOver handOver() {
    return handOver;
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
}

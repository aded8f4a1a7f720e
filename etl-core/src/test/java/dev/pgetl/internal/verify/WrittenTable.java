package dev.pgetl.internal.verify;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.verify.GroupHash;
import dev.pgetl.verify.KeyHash;
import dev.pgetl.verify.RowHash;
import dev.pgetl.verify.RowPart;
import dev.pgetl.verify.VerifiedTable;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A table, a stream of its changes and a destination that applies them, while others read both. A
 * commit is in the stream before it is visible, as in Postgres; the destination may be ahead of
 * what is visible. Whenever a side is read, some of it goes forward.
 */
final class WrittenTable {
  /** What is wrong with the answers that the comparison gets. */
  enum Fault {
    NONE,
    APPLIED_IS_NOT_AWAITED,
    OPEN_TRANSACTIONS_ARE_NOT_AWAITED,
    VERSIONS_OF_THE_SOURCE_ARE_EQUAL,
    VERSIONS_OF_THE_DESTINATION_ARE_EQUAL,
    ROWS_ARE_NEVER_TOUCHED,
    COPIES_ARE_NOT_SEEN
  }

  /** Keys from here on are not written. */
  static final int QUIET = 60;

  static final int KEYS = 120;

  /** A row: a small value, so that it comes back often, and who wrote it. */
  record Row(int value, long version, int count) {}

  /** A transaction; null deletes. */
  private static final class Transaction {
    final long number;
    final Map<Integer, @Nullable Integer> changes = new HashMap<>();
    boolean committed;

    Transaction(long number) {
      this.number = number;
    }
  }

  private final SplittableRandom random;
  private final Fault fault;
  private final boolean longTransactions;

  /** Some destinations lag behind, and some commits wait for a standby. */
  private final int slowness;

  private final int copyRarity;

  private final TreeMap<Integer, Row> visible = new TreeMap<>();
  final TreeMap<Integer, Row> destination = new TreeMap<>();
  private final List<Transaction> open = new ArrayList<>();
  private final List<Transaction> wal = new ArrayList<>();
  private int applied;
  private long numbers = 10;
  private long versions;
  private int copiedFrom = -1;
  private int generation;

  WrittenTable(long seed, Fault fault, boolean longTransactions) {
    this.random = new SplittableRandom(seed);
    this.fault = fault;
    this.longTransactions = longTransactions;
    this.copyRarity = random.nextInt(4) == 0 ? 2 : 100;
    this.slowness = random.nextInt(3) == 0 ? 30 : 1;
    for (int key = 0; key < KEYS; key += 2) {
      visible.put(key, new Row(key % 3, 1, 1));
      destination.put(key, new Row(key % 3, versions++, 1));
    }
  }

  private void steps() {
    for (int i = random.nextInt(12); i > 0; i--) {
      switch (random.nextInt(8)) {
        case 0 -> begin();
        case 1, 2, 3, 4 -> end();
        case 5, 6 -> applySoon();
        default -> copy();
      }
    }
  }

  private void begin() {
    if (open.size() > 20) {
      return;
    }
    Transaction next = new Transaction(numbers++);
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      int key = random.nextInt(random.nextBoolean() ? 4 : QUIET);
      boolean free = open.stream().noneMatch(each -> each.changes.containsKey(key));
      if (free) {
        next.changes.put(key, random.nextInt(3) == 0 ? null : random.nextInt(3));
      }
    }
    open.add(next);
  }

  /** Commits, becomes visible, or rolls back; the first one may stay open for long. */
  private void end() {
    int from = longTransactions ? 1 : 0;
    if (open.size() <= from) {
      return;
    }
    Transaction each = open.get(from + random.nextInt(open.size() - from));
    if (each.committed) {
      if (random.nextInt(slowness) == 0) {
        show(each);
        open.remove(each);
      }
    } else if (random.nextInt(8) == 0) {
      open.remove(each);
    } else {
      each.committed = true;
      wal.add(each);
    }
  }

  private void show(Transaction each) {
    each.changes.forEach(
        (key, value) -> {
          if (value == null) {
            visible.remove(key);
          } else {
            visible.put(key, new Row(value, each.number, 1));
          }
        });
  }

  private void applySoon() {
    if (random.nextInt(slowness) == 0) {
      apply();
    }
  }

  private void apply() {
    if (applied < wal.size() && copiedFrom < 0) {
      Transaction next = wal.get(applied++);
      next.changes.forEach(
          (key, value) -> {
            if (value == null) {
              destination.remove(key);
            } else {
              destination.put(key, new Row(value, versions++, 1));
            }
          });
    }
  }

  /** Rows are removed, and come again a while later as they are then. */
  private void copy() {
    boolean quiet = open.isEmpty() && applied == wal.size();
    if (copiedFrom >= 0) {
      for (int key = copiedFrom; key < copiedFrom + 10; key++) {
        Row row = visible.get(key);
        if (row != null) {
          destination.put(key, new Row(row.value(), versions++, 1));
        }
      }
      copiedFrom = -1;
      generation++;
    } else if (quiet && random.nextInt(copyRarity) == 0) {
      copiedFrom = random.nextInt(KEYS - 10);
      for (int key = copiedFrom; key < copiedFrom + 10; key++) {
        destination.remove(key);
      }
    }
  }

  /** While a part is copied, nothing is committed: the copy has one snapshot. */
  private boolean isCopied() {
    return copiedFrom >= 0;
  }

  boolean await(Lsn position) {
    for (int i = 0; i < 1_000 && applied < position.value(); i++) {
      apply();
      if (isCopied()) {
        copy();
      }
    }
    return fault == Fault.APPLIED_IS_NOT_AWAITED || applied >= position.value();
  }

  Applied applied() {
    return (Lsn position, Duration limit) ->
        fault == Fault.APPLIED_IS_NOT_AWAITED || await(position);
  }

  SourceTable source() {
    return new Source();
  }

  VerifiedTable target() {
    return new Side(destination);
  }

  private KeyHash hash(int key, Row row, boolean ofSource) {
    boolean blind =
        fault
            == (ofSource
                ? Fault.VERSIONS_OF_THE_SOURCE_ARE_EQUAL
                : Fault.VERSIONS_OF_THE_DESTINATION_ARE_EQUAL);
    long sum = RowHash.row(List.of("" + key, "" + row.value())) * row.count();
    boolean untouched =
        fault == Fault.ROWS_ARE_NEVER_TOUCHED
            || open.stream().noneMatch(each -> each.changes.containsKey(key));
    return new KeyHash(
        List.of("" + key), row.count(), sum, blind ? 0 : row.version(), ofSource && untouched);
  }

  /** One side. */
  private class Side implements VerifiedTable {
    private final Map<Integer, Row> rows;

    Side(Map<Integer, Row> rows) {
      this.rows = rows;
    }

    @Override
    public boolean readsRanges(String column) {
      return true;
    }

    @Override
    public String generation() {
      steps();
      return fault == Fault.COPIES_ARE_NOT_SEEN ? "" : "" + generation;
    }

    private boolean isIn(RowPart part, int key) {
      KeyRange range = part.range();
      String from = range == null ? null : range.from();
      String to = range == null ? null : range.to();
      int group = RowHash.group(List.of("" + key), part.groups());
      return (from == null || key >= Integer.parseInt(from))
          && (to == null || key < Integer.parseInt(to))
          && (part.chosen().isEmpty() || part.chosen().contains(group));
    }

    @Override
    public List<GroupHash> hash(RowPart part) {
      Map<Integer, GroupHash> groups = new HashMap<>();
      for (KeyHash row : keys(part)) {
        int group = RowHash.group(row.key(), part.groups());
        groups.merge(
            group,
            new GroupHash(group, row.rows(), row.sum()),
            (a, b) -> new GroupHash(group, a.rows() + b.rows(), a.sum() + b.sum()));
      }
      return List.copyOf(groups.values());
    }

    @Override
    public List<KeyHash> keys(RowPart part) {
      steps();
      List<KeyHash> found = new ArrayList<>();
      rows.forEach(
          (key, row) -> {
            if (isIn(part, key)) {
              found.add(WrittenTable.this.hash(key, row, rows == visible));
            }
          });
      return found;
    }

    @Override
    public List<KeyHash> keys(List<List<String>> some) {
      return keys(RowPart.of(null)).stream().filter(row -> some.contains(row.key())).toList();
    }

    @Override
    public void close() {}
  }

  /** The side of the source. */
  private final class Source extends Side implements SourceTable {
    Source() {
      super(visible);
    }

    @Override
    public Lsn position() {
      steps();
      return new Lsn(wal.size());
    }

    @Override
    public boolean isCopied() {
      steps();
      return fault != Fault.COPIES_ARE_NOT_SEEN && WrittenTable.this.isCopied();
    }

    @Override
    public long nextTransaction() {
      return numbers;
    }

    @Override
    public long oldestTransaction() {
      steps();
      return fault == Fault.OPEN_TRANSACTIONS_ARE_NOT_AWAITED
          ? Long.MAX_VALUE
          : open.stream().mapToLong(each -> each.number).min().orElse(numbers);
    }
  }
}

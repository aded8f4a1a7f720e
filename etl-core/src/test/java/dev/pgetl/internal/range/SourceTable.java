package dev.pgetl.internal.range;

import dev.pgetl.event.Event;
import dev.pgetl.event.Event.OldRow;
import dev.pgetl.event.Event.OldRowKind;
import dev.pgetl.event.Transaction;
import dev.pgetl.internal.range.SampleTable.Row;
import dev.pgetl.internal.range.SampleTable.RowKey;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** {@link SampleTable} in the source: transactions at random, as Postgres would send them. */
final class SourceTable {
  static final int LEAST_ID = -4;
  static final int BEHIND_IDS = 12;
  private static final int PARTS = 2;
  private static final int FIRST_ROWS = 14;
  private static final TableSchema OTHER =
      TableSchema.builder(new TableId(16_999), new TableName("public", "other")).build();

  private final RandomGenerator random;
  private final Map<RowKey, Row> rows = new TreeMap<>();
  private TableSchema version;
  private Transaction transaction = new Transaction(Lsn.ZERO, Instant.EPOCH, 0);
  private List<Event> events = new ArrayList<>();
  private int values;

  SourceTable(RandomGenerator random) {
    this.random = random;
    this.version =
        SampleTable.version(
            random.nextInt(4) == 0 ? ReplicaIdentity.FULL : ReplicaIdentity.DEFAULT);
  }

  Map<RowKey, Row> rows() {
    return new TreeMap<>(rows);
  }

  TableSchema version() {
    return version;
  }

  /** Inserts the rows that are there before anything is copied. */
  List<Event> first(Lsn commit, Lsn end) {
    begin(commit);
    for (int i = 0; i < FIRST_ROWS; i++) {
      insert();
    }
    return commit(end);
  }

  /** {@return the events of one more transaction} */
  List<Event> next(Lsn commit, Lsn end) {
    begin(commit);
    for (int changes = random.nextInt(5); changes > 0; changes--) {
      change();
    }
    return commit(end);
  }

  private void begin(Lsn commit) {
    transaction = new Transaction(commit, Instant.EPOCH, 700 + values);
    events = new ArrayList<>();
    events.add(new Event.Begin(transaction));
  }

  private List<Event> commit(Lsn end) {
    events.add(new Event.Commit(transaction, events.size(), end));
    return List.copyOf(events);
  }

  private void change() {
    int dice = random.nextInt(200);
    if (rows.isEmpty() || dice < 45) {
      insert();
    } else if (dice < 85) {
      Row row = anyRow();
      update(row, new Row(row.id(), row.part(), small(), row.large()));
    } else if (dice < 105) {
      Row row = anyRow();
      update(row, new Row(row.id(), row.part(), small(), large()));
    } else if (dice < 130) {
      rotate(1, false);
    } else if (dice < 138) {
      rotate(2, true);
    } else if (dice < 146) {
      rotate(3, random.nextBoolean());
    } else if (dice < 178) {
      delete(anyRow());
    } else if (dice < 188) {
      replace(anyRow());
    } else {
      changeOfTables(dice);
    }
  }

  private void changeOfTables(int dice) {
    switch (dice) {
      case 188 -> {
        rows.clear();
        events.add(truncate(List.of(version)));
      }
      case 189 -> changeVersion();
      case 190, 191 -> events.add(truncate(List.of(OTHER)));
      case 192, 193 -> events.add(message());
      default -> {} // nothing of this table
    }
  }

  private Event truncate(List<TableSchema> tables) {
    return new Event.Truncate(transaction, events.size(), tables, random.nextBoolean(), false);
  }

  private Event message() {
    ByteBuffer content = ByteBuffer.allocate(0);
    return new Event.Message(
        transaction, events.size(), true, transaction.commitLsn(), "prefix", content);
  }

  /** A limit of the length comes or goes, which changes no row. */
  private void changeVersion() {
    boolean limited = version.column(0).modifier() != -1;
    var columns = new ArrayList<>(version.columns());
    columns.set(0, columns.get(0).toBuilder().modifier(limited ? -1 : 104).build());
    version = version.toBuilder().columns(columns).build();
    events.add(new Event.Relation(transaction, events.size(), version));
  }

  private void insert() {
    RowKey key = anyKey();
    if (!rows.containsKey(key)) {
      insert(new Row(key.id(), key.part(), small(), large()));
    }
  }

  private void insert(Row row) {
    rows.put(row.key(), row);
    events.add(new Event.Insert(transaction, events.size(), version, row.in(version)));
  }

  private void delete(Row row) {
    rows.remove(row.key());
    OldRow old = isFull() ? full(row) : key(row);
    events.add(new Event.Delete(transaction, events.size(), version, old));
  }

  private void replace(Row row) {
    delete(row);
    insert(new Row(row.id(), row.part(), small(), random.nextBoolean() ? large() : row.large()));
  }

  /**
   * Moves some rows, each to the key that the one before has left, and the first one to a free key;
   * a closed rotation then moves the first one again, to the key of the last one.
   */
  private void rotate(int count, boolean closed) {
    RowKey free = anyKey();
    if (rows.size() < count || rows.containsKey(free)) {
      return;
    }
    RowKey to = free;
    for (int i = 0; i < count; i++) {
      Row row = anyRow();
      if (!row.key().equals(free)) {
        move(row, to);
        to = row.key();
      }
    }
    Row first = rows.get(free);
    if (closed && first != null) {
      move(first, to);
    }
  }

  private void move(Row row, RowKey to) {
    Row moved = row.withKey(to);
    boolean whole = random.nextInt(3) == 0;
    update(row, whole ? new Row(to.id(), to.part(), small(), large()) : moved);
  }

  private void update(Row before, Row after) {
    rows.remove(before.key());
    rows.put(after.key(), after);
    boolean unchanged = before.isExternal() && Objects.equals(before.large(), after.large());
    OldRow old = isFull() ? full(before) : before.key().equals(after.key()) ? null : key(before);
    events.add(
        new Event.Update(
            transaction,
            events.size(),
            version,
            unchanged && !isFull() ? after.withoutLarge(version) : after.in(version),
            old));
  }

  private boolean isFull() {
    return version.replicaIdentity() == ReplicaIdentity.FULL;
  }

  private OldRow full(Row row) {
    return new OldRow(OldRowKind.FULL, row.in(version));
  }

  private OldRow key(Row row) {
    return new OldRow(OldRowKind.KEY, row.key().in(version));
  }

  private Row anyRow() {
    return rows.values().stream().skip(random.nextInt(rows.size())).findFirst().orElseThrow();
  }

  private RowKey anyKey() {
    return new RowKey(random.nextInt(LEAST_ID, BEHIND_IDS), random.nextInt(PARTS));
  }

  private String small() {
    return "s" + values++;
  }

  private @Nullable String large() {
    return switch (random.nextInt(6)) {
      case 0 -> null;
      case 1, 2 -> "inline " + values++;
      default -> SampleTable.EXTERNAL + values++;
    };
  }
}

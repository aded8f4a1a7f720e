package dev.pgetl.testkit.data;

import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event;
import dev.pgetl.event.Event.OldRow;
import dev.pgetl.event.Event.OldRowKind;
import dev.pgetl.event.Transaction;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds the events of one transaction, from its {@code Begin} to its {@code Commit}. Ordinals
 * follow the rules of the engine: changes are 2, 4, 6 …, a {@code Relation} takes the odd number
 * before the change that follows it, a truncate counts once per table. Not thread-safe.
 */
public final class TestTransaction {
  private static final Instant COMMIT_TIME = Instant.parse("2026-01-01T00:00:00Z");

  /** Approximate size of a commit record in bytes. */
  private static final int COMMIT_RECORD = 48;

  private final Transaction transaction;
  private final List<Event> events = new ArrayList<>();
  private long lastChange;
  private int announced;

  private TestTransaction(Transaction transaction) {
    this.transaction = transaction;
    events.add(new Event.Begin(transaction));
  }

  /**
   * {@return a transaction that has begun}
   *
   * @param commitLsn where its commit record starts; the next transaction's lies at least 48 bytes
   *     further
   */
  public static TestTransaction at(long commitLsn) {
    return new TestTransaction(
        new Transaction(new Lsn(commitLsn), COMMIT_TIME, commitLsn & 0xFFFFFFFFL));
  }

  /**
   * Inserts a row.
   *
   * @param row the row
   * @return this builder
   */
  public TestTransaction insert(TableRow row) {
    events.add(new Event.Insert(transaction, nextChange(1), row.table(), row));
    return this;
  }

  /**
   * Updates a row without changing its key.
   *
   * @param row the new row, key included
   * @return this builder
   */
  public TestTransaction update(TableRow row) {
    return update(row, null);
  }

  /**
   * Updates a row whose old values Postgres sends, all of them or the key only.
   *
   * @param row the new row
   * @param old the row before; KEY if it has absent columns, otherwise FULL
   * @return this builder
   */
  public TestTransaction updateFrom(TableRow old, TableRow row) {
    return update(row, oldRow(old));
  }

  private TestTransaction update(TableRow row, @Nullable OldRow old) {
    events.add(new Event.Update(transaction, nextChange(1), row.table(), row, old));
    return this;
  }

  /**
   * Deletes a row.
   *
   * @param old the row before; KEY if it has absent columns, otherwise FULL
   * @return this builder
   */
  public TestTransaction delete(TableRow old) {
    events.add(new Event.Delete(transaction, nextChange(1), old.table(), oldRow(old)));
    return this;
  }

  /**
   * Empties tables.
   *
   * @param tables the tables
   * @return this builder
   */
  public TestTransaction truncate(TableSchema... tables) {
    events.add(
        new Event.Truncate(transaction, nextChange(tables.length), List.of(tables), false, false));
    return this;
  }

  /**
   * Gives a table a new version.
   *
   * @param table the version
   * @return this builder
   */
  public TestTransaction relation(TableSchema table) {
    events.add(new Event.Relation(transaction, lastChange + 2L * announced + 1, table));
    announced++;
    return this;
  }

  /**
   * Emits a logical message.
   *
   * @param prefix what the writer calls it
   * @param content its text
   * @return this builder
   */
  public TestTransaction message(String prefix, String content) {
    events.add(
        new Event.Message(
            transaction,
            nextChange(1),
            true,
            transaction.commitLsn().plus(-1),
            prefix,
            StandardCharsets.UTF_8.encode(content)));
    return this;
  }

  /** {@return all events, the commit last} */
  public List<Event> commit() {
    List<Event> all = new ArrayList<>(events);
    all.add(
        new Event.Commit(transaction, nextChange(1), transaction.commitLsn().plus(COMMIT_RECORD)));
    return List.copyOf(all);
  }

  /** {@return the ordinal of the next change} */
  private long nextChange(int tables) {
    lastChange += 2L * Math.max(tables, announced);
    announced = 0;
    return lastChange;
  }

  private static OldRow oldRow(TableRow row) {
    for (int i = 0; i < row.table().columnCount(); i++) {
      if (!row.isPresent(i)) {
        return new OldRow(OldRowKind.KEY, row);
      }
    }
    return new OldRow(OldRowKind.FULL, row);
  }
}

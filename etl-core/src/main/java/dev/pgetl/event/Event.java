package dev.pgetl.event;

import dev.pgetl.data.TableRow;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened in a committed transaction. Immutable, safe to keep and to share between
 * threads.
 *
 * <p>A transaction comes as {@link Begin}, its changes in the order they were made, {@link Commit};
 * transactions come one after the other in commit order. A large transaction spans several batches.
 */
public sealed interface Event {

  /** {@return the transaction it belongs to} */
  Transaction transaction();

  /** {@return its place inside the transaction, from 0 for {@link Begin}} */
  long txOrdinal();

  /** {@return its key: stable across replays} */
  default EventSequence sequence() {
    return new EventSequence(transaction().commitLsn(), txOrdinal());
  }

  /** An event about one table. */
  sealed interface OfTable extends Event {
    /** {@return the version of the table that holds here} */
    TableSchema table();
  }

  /** A change of one row. */
  sealed interface RowChange extends OfTable {}

  /** Which columns of an old row Postgres sent. */
  enum OldRowKind {
    /** All of them ({@code REPLICA IDENTITY FULL}). */
    FULL,
    /** Those of the replica identity; the others are absent. */
    KEY
  }

  /**
   * What a row was before.
   *
   * @param kind which columns are there
   * @param row the columns; those not sent are absent
   */
  record OldRow(OldRowKind kind, TableRow row) {
    public OldRow {
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(row, "row");
    }
  }

  /**
   * A transaction begins (pgoutput message {@code B}).
   *
   * @param transaction the transaction
   */
  record Begin(Transaction transaction) implements Event {
    @Override
    public long txOrdinal() {
      return 0;
    }
  }

  /**
   * A row was inserted ({@code I}).
   *
   * @param transaction the transaction
   * @param txOrdinal place inside it
   * @param table the table's version
   * @param row the new row; all columns are present, unless the server made the insert of an update
   *     that moved the row into a row filter: then large values that it did not change are absent
   */
  record Insert(Transaction transaction, long txOrdinal, TableSchema table, TableRow row)
      implements RowChange {}

  /**
   * A row was updated ({@code U}).
   *
   * @param transaction the transaction
   * @param txOrdinal place inside it
   * @param table the table's version
   * @param row the new row; a TOASTed value that did not change and is not known from the old row
   *     is absent
   * @param oldRow the row before: FULL under {@code REPLICA IDENTITY FULL}, KEY if the identity's
   *     columns changed, otherwise null
   */
  record Update(
      Transaction transaction,
      long txOrdinal,
      TableSchema table,
      TableRow row,
      @Nullable OldRow oldRow)
      implements RowChange {}

  /**
   * A row was deleted ({@code D}).
   *
   * @param transaction the transaction
   * @param txOrdinal place inside it
   * @param table the table's version
   * @param oldRow the row before, FULL or KEY
   */
  record Delete(Transaction transaction, long txOrdinal, TableSchema table, OldRow oldRow)
      implements RowChange {}

  /**
   * Tables were emptied by one command ({@code T}). While one of them is copied, two streams
   * deliver the event, with the same key, each with its own tables; after a restart one stream may
   * deliver it with more tables than before. So a destination that skips known keys decides for
   * each table.
   *
   * @param transaction the transaction
   * @param txOrdinal place inside it
   * @param tables the tables, those that this stream delivers
   * @param cascade whether the command said {@code CASCADE}
   * @param restartIdentity whether the command said {@code RESTART IDENTITY}
   */
  record Truncate(
      Transaction transaction,
      long txOrdinal,
      List<TableSchema> tables,
      boolean cascade,
      boolean restartIdentity)
      implements Event {
    public Truncate {
      tables = List.copyOf(tables);
    }

    /**
     * {@return whether a table was emptied by it}
     *
     * @param id the table
     */
    public boolean concerns(TableId id) {
      return tables.stream().anyMatch(table -> table.id().equals(id));
    }
  }

  /**
   * A table has a new version from here on ({@code R}, where it differs from the version before).
   *
   * @param transaction the transaction that brought it
   * @param txOrdinal place inside it
   * @param table the new version
   */
  record Relation(Transaction transaction, long txOrdinal, TableSchema table) implements OfTable {}

  /**
   * A logical message ({@code M}), written by {@code pg_logical_emit_message}.
   *
   * <p>A non-transactional one arrives when it was written, between transactions, even if the
   * surrounding transaction rolled back; its {@link #transaction()} then has xid 0, and the last
   * byte of the message's record as commit position, which is that of no transaction.
   *
   * @param transaction the transaction
   * @param txOrdinal place inside it
   * @param transactional whether it belongs to a transaction
   * @param lsn the message's own position, behind its record
   * @param prefix what the writer called it
   * @param content its bytes, read-only
   */
  record Message(
      Transaction transaction,
      long txOrdinal,
      boolean transactional,
      Lsn lsn,
      String prefix,
      ByteBuffer content)
      implements Event {
    public Message {
      content = content.asReadOnlyBuffer();
    }

    /** {@return the content, a buffer of its own on the shared bytes} */
    @Override
    public ByteBuffer content() {
      return content.duplicate();
    }

    /** {@return the content read as UTF-8} */
    public String text() {
      return StandardCharsets.UTF_8.decode(content()).toString();
    }
  }

  /**
   * A transaction ends ({@code C}).
   *
   * @param transaction the transaction
   * @param txOrdinal place inside it
   * @param endLsn where the commit record ends: what is acknowledged once all of the transaction is
   *     durable
   */
  record Commit(Transaction transaction, long txOrdinal, Lsn endLsn) implements Event {}
}

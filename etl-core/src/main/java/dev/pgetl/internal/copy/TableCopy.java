package dev.pgetl.internal.copy;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.estimate.RowSpread;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The copy of one table under the snapshot of its own slot.
 *
 * <p>Not thread-safe; its workers run on threads of the caller, and {@link #abort} may be called
 * from any.
 */
public interface TableCopy extends AutoCloseable {
  /** One connection's share of a table's rows. Runs once, on a thread of the caller. */
  interface Worker {
    /**
     * Reads rows until none is left for it.
     *
     * @param sink takes them
     * @throws InterruptedException if the sink was interrupted
     * @throws dev.pgetl.error.EtlException if a row could not be read; what the sink throws passes
     *     through
     */
    void run(Sink sink) throws InterruptedException;
  }

  /** Takes the rows of one connection, one after the other, on the thread of its {@link Worker}. */
  @FunctionalInterface
  interface Sink {
    /**
     * Takes a row; may block to slow the copy down.
     *
     * @param row the row; may be kept
     * @param wireBytes how many bytes it took on the wire
     * @throws InterruptedException if the copy shall end
     */
    void accept(TableRow row, int wireBytes) throws InterruptedException;

    /**
     * The rows that follow are those of a range of {@link TableCopy#ranges()}.
     *
     * @param number its place there
     */
    default void begin(int number) throws InterruptedException {}

    /** All rows of the range have been accepted. */
    default void end() throws InterruptedException {}
  }

  /** {@return the server the slot belongs to} */
  SourceFacts facts();

  /**
   * {@return the slot's first position: what is committed from here on is in its stream, everything
   * else in the rows}
   */
  Lsn consistentPoint();

  /** {@return the table's published shape at the consistent point; the version of all rows} */
  TableSchema schema();

  /**
   * {@return about how many rows the copy has; without a sample, those included that the
   * publication filters out; -1 if not known}
   */
  long estimatedRows();

  /** {@return how the rows lie, by a sample; null if there is none} */
  @Nullable RowSpread spread();

  /**
   * {@return a digest of what decides how the table is read: its name, columns and file, what is
   * published of it, and the condition on its rows}
   */
  String shape();

  /**
   * {@return the ranges of the primary key the rows are read by, in the order of keys, together all
   * rows; empty if they are not read by it}
   */
  List<KeyRange> ranges();

  /** {@return one worker per connection; none if no rows are copied} */
  List<Worker> workers();

  /** Ends the transactions. The slot stays. Call it when no worker runs; idempotent. */
  @Override
  void close();

  /**
   * Cuts all connections at once, so that workers that run fail. The slot stays. Idempotent; for
   * any thread.
   */
  void abort();
}

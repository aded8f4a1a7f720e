package dev.pgetl.internal.copy;

import dev.pgetl.config.ReadBy;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.range.CopyRanges;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.wal.Lsn;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Begins the copy of one table, or of some small ones, once, and can be ended while it still waits
 * for a lock or for its slot. Owned by one thread; {@link #abort} is for any.
 */
public interface TableCopier {
  /** What a table has on disk at most that is copied together with others. */
  long SMALL_BYTES = 1 << 20;

  /** Where copiers come from, one for each attempt at a table. Thread-safe. */
  @FunctionalInterface
  interface Factory {
    /** {@return a copier that has opened no connection yet} */
    TableCopier copier();
  }

  /**
   * What is to be copied, and how.
   *
   * @param table the table; what is published of it is read again under the snapshot
   * @param slotName a slot that does not exist
   * @param maxConnections how many connections may read rows; 0 for slot and shape only
   * @param format binary if rows shall be read in it when that can be done for all columns
   * @param readBy in which order to read the rows
   * @param condition the configuration's condition on rows, as SQL; empty for all that are
   *     published
   * @param temporary whether the slot is for the snapshot only; otherwise it stays
   * @param left the ranges of a copy that is to be continued; null for a copy from the beginning
   */
  record Request(
      PublishedTable table,
      String slotName,
      int maxConnections,
      ValueFormat format,
      ReadBy readBy,
      String condition,
      boolean temporary,
      @Nullable CopyRanges left) {
    /** {@return whether a copy is to be continued} */
    public boolean continues() {
      return left != null;
    }

    /**
     * {@return the position of the version that the rows have} Those of a copy that is continued
     * have the version of its first rows.
     *
     * @param consistentPoint the first position of the slot that is made for the request
     */
    public Lsn version(Lsn consistentPoint) {
      return left == null ? consistentPoint : left.origin().version();
    }
  }

  /**
   * Creates a slot and prepares to read the rows the table has at the slot's first position. Leaves
   * nothing behind if that fails. A temporary slot is dropped when this returns.
   *
   * <p>Waits for the table's lock and for older transactions of the whole server, each at most the
   * configured time; ends at once when it is aborted.
   *
   * @return the copy; the caller must close it
   * @throws EtlException of kind {@link ErrorKind#SOURCE_BUSY} if the time was not enough; of kind
   *     {@link ErrorKind#CONFIGURATION} if the condition is refused
   */
  TableCopy begin(Request request);

  /**
   * Reads small tables together, under the snapshot of a slot that ends with its connection. Left
   * out are tables that are large, locked by others or altered meanwhile ({@link GroupCopy#alone}),
   * and those for which there was no room.
   *
   * @param tables plain tables of one publication, without a condition on rows
   * @param slotName a slot that does not exist
   * @param format binary if rows shall be read in it when that can be done for all columns
   * @param mostBytes at how many bytes of rows it ends
   * @return tables with all of their rows, if there are any; the caller must close it
   */
  GroupCopy copySmall(
      List<PublishedTable> tables, String slotName, ValueFormat format, long mostBytes);

  /**
   * Creates a slot without a snapshot, which stays. Waits for older transactions as {@link #begin}
   * does; ends at once when it is aborted.
   *
   * @param slotName a slot that does not exist
   * @return its first position
   * @throws EtlException of kind {@link ErrorKind#SOURCE_BUSY} if the time was not enough
   */
  Lsn createSlot(String slotName);

  /** Cuts all connections at once, also those opened later: what runs on them fails. Idempotent. */
  void abort();
}

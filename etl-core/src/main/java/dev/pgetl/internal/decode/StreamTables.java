package dev.pgetl.internal.decode;

import dev.pgetl.error.EtlException;
import dev.pgetl.event.Transaction;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import org.jspecify.annotations.Nullable;

/**
 * What the decoder has to know about tables and cannot read from the stream. Called by the reader's
 * thread.
 */
public interface StreamTables {
  /** What {@link #generation} answers for a table that another stream delivers. */
  long NOT_OURS = 0;

  /**
   * A transaction begins.
   *
   * @param transaction what is known of it
   */
  void begin(Transaction transaction);

  /**
   * {@return a number if this stream delivers the changes a transaction made to a table, {@link
   * #NOT_OURS} if not} The number changes whenever the table changes hands, or must be compared
   * with the catalogue again. Asked once per table and transaction, before its first change; may
   * wait for the table to be handed over.
   *
   * @param table the table
   * @param commitLsn the transaction's commit position
   */
  long generation(TableId table, Lsn commitLsn);

  /**
   * {@return whether this stream delivers logical messages of a prefix}
   *
   * @param prefix what the writer called it
   */
  boolean acceptsMessage(String prefix);

  /**
   * {@return the last version of a table announced to the destination before a transaction; null if
   * none}
   *
   * @param table the table
   * @param commitLsn the transaction's commit position
   */
  @Nullable TableSchema versionBefore(TableId table, Lsn commitLsn);

  /**
   * The stream delivers a table whose values cannot be read in binary format, though it has them in
   * that. Nothing of the table has been given, and the version is not introduced yet.
   *
   * @param version as the stream describes it
   * @return the failure that ends the session
   */
  EtlException binaryNotRead(TableSchema version);

  /**
   * {@return a version with what the catalogue says about it} The same in every replay of the
   * transaction, once it was introduced.
   *
   * @param wire the table as the stream describes it, holding from the current transaction on
   * @param before the version before; null if there is none
   */
  TableSchema complete(TableSchema wire, @Nullable TableSchema before);

  /**
   * Remembers a version found in the stream.
   *
   * @param version the version, complete
   */
  void introduce(TableSchema version);

  /**
   * An insert has no value for a column. The server makes an insert of an update that moves a row
   * into the row filter, and does not send large values that the update did not change.
   *
   * @param version the version of the row
   * @param column the place of the column
   */
  void incomplete(TableSchema version, int column);
}

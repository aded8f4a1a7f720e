package dev.pgetl.verify;

import java.util.List;

/**
 * A table of a destination, read as hashes. Both sides are compared by them, so rows stay where
 * they are.
 *
 * <p>Rules for implementers:
 *
 * <ol>
 *   <li><b>V1</b> Each call of {@link #hash} and {@link #keys} sees the table at one moment: what
 *       was durable before the call, and of each call of the pipeline all or nothing.
 *   <li><b>V2</b> The hash of a row is {@link RowHash#row} of its columns in the order of {@link
 *       VerifiedShape#version}, each as the text that Postgres prints for the value, with {@code
 *       TimeZone = UTC}, {@code DateStyle = ISO}, {@code IntervalStyle = postgres}, {@code
 *       bytea_output = hex}, {@code extra_float_digits = 3}, {@code lc_monetary = C}.
 *   <li><b>V3</b> A row that is there twice counts twice.
 *   <li><b>V4</b> {@link KeyHash#version} differs after any write to the rows of the key.
 *   <li><b>V5</b> {@link #generation} differs after rows of a copy were written.
 *   <li><b>V6</b> No message of a failure has a value.
 * </ol>
 *
 * <p><b>Threads.</b> One thread at a time, except for {@link #close}, which ends a call that hangs.
 */
public interface VerifiedTable extends AutoCloseable {
  /**
   * {@return for each column the SQL type whose text is hashed; empty text for that of the source}
   * The source casts its values to it where it has another type itself: {@code numeric(12,2)} of
   * the destination prints 1.5 as 1.50. An empty list stands for the types of the source.
   */
  default List<String> types() {
    return List.of();
  }

  /**
   * {@return whether {@link RowPart#range} of a column can be read, in the order of {@link
   * dev.pgetl.destination.KeyRange} and at a cost that depends on the rows of the range only}
   *
   * @param column the first column of the primary key
   */
  boolean readsRanges(String column);

  /** {@return a text that is another one after rows of a copy were written (rule V5)} */
  String generation();

  /** {@return the groups of a part that have rows, in any order} */
  List<GroupHash> hash(RowPart part);

  /** {@return the keys of a part that have rows, in any order} */
  List<KeyHash> keys(RowPart part);

  /**
   * {@return those of some keys that have rows, in any order}
   *
   * @param some the keys, as {@link KeyHash#key}
   */
  List<KeyHash> keys(List<List<String>> some);

  /** Ends the work, also that of a call that hangs. */
  @Override
  void close();
}

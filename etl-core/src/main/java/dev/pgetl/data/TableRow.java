package dev.pgetl.data;

import dev.pgetl.schema.TableSchema;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A row: immutable, safe for several threads, lazy. */
public final class TableRow {
  /** Length of a column that is null. */
  public static final int NULL = -1;

  /** Length of a column Postgres did not send. */
  public static final int ABSENT = -2;

  private final TableSchema table;
  private final byte[] bytes;
  private final int[] bounds;

  private TableRow(TableSchema table, byte[] bytes, int[] bounds) {
    this.table = table;
    this.bytes = bytes;
    this.bounds = bounds;
  }

  /**
   * {@return a row over the text Postgres sent; the arrays are not copied and must not change any
   * more}
   *
   * @param table the version of the table
   * @param bytes holds the text of every column
   * @param bounds two numbers per column: where its text starts and how long it is, or {@link
   *     #NULL} or {@link #ABSENT}
   */
  public static TableRow ofWireText(TableSchema table, byte[] bytes, int[] bounds) {
    return new TableRow(table, bytes, bounds);
  }

  /**
   * {@return this row as one of another table, each of whose columns is one of this row's} Shares
   * the bytes.
   *
   * @param other the table the row shall have
   * @param sources for each of its columns, the place in this row
   */
  public TableRow as(TableSchema other, int... sources) {
    int[] selected = new int[2 * sources.length];
    for (int i = 0; i < sources.length; i++) {
      selected[2 * i] = bounds[2 * sources[i]];
      selected[2 * i + 1] = bounds[2 * sources[i] + 1];
    }
    return new TableRow(other, bytes, selected);
  }

  /** {@return the version of the table the row has} */
  public TableSchema table() {
    return table;
  }

  /**
   * {@return whether Postgres sent the column}
   *
   * @param index the column's place
   */
  public boolean isPresent(int index) {
    return bounds[2 * index + 1] != ABSENT;
  }

  /**
   * {@return whether the column is null; an absent one is not}
   *
   * @param index the column's place
   */
  public boolean isNull(int index) {
    return bounds[2 * index + 1] == NULL;
  }

  /**
   * {@return the exact text of Postgres, null for a null}
   *
   * @param index the column's place
   */
  public @Nullable String text(int index) {
    int length = bounds[2 * index + 1];
    return length < 0 ? null : new String(bytes, bounds[2 * index], length, StandardCharsets.UTF_8);
  }

  /**
   * {@return the bytes of the text, read-only, null for a null}
   *
   * @param index the column's place
   */
  public @Nullable ByteBuffer textBytes(int index) {
    int length = bounds[2 * index + 1];
    return length < 0
        ? null
        : ByteBuffer.wrap(bytes, bounds[2 * index], length).slice().asReadOnlyBuffer();
  }
}

/**
 * Rows over bytes: {@code WireRow} is the one implementation of {@code TableRow}. A {@code
 * RowLayout} holds the codec of each column of a table version; {@code CellValue} and {@code
 * CellText} read one cell. To what a codec refuses the row adds table and column ({@code
 * RowErrors}).
 */
@NullMarked
package dev.pgetl.internal.row;

import org.jspecify.annotations.NullMarked;

/**
 * The rows of copies on their way to the destination: {@link
 * dev.pgetl.internal.runtime.rows.RowTransfer} moves those of one table, {@link
 * dev.pgetl.internal.runtime.rows.GroupTransfer} those of many small ones, table by table.
 */
@NullMarked
package dev.pgetl.internal.runtime.rows;

import org.jspecify.annotations.NullMarked;

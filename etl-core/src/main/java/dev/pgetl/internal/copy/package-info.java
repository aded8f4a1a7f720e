/**
 * The second room: the rows that are already there.
 *
 * <p>A {@link dev.pgetl.internal.copy.TableCopy} makes the slot of one table and reads the table's
 * rows exactly as they were at the slot's first position, over one connection or several; each
 * {@link dev.pgetl.internal.copy.TableCopy.Worker} hands the rows of one connection to a {@link
 * dev.pgetl.internal.copy.TableCopy.Sink}.
 */
@NullMarked
package dev.pgetl.internal.copy;

import org.jspecify.annotations.NullMarked;

/**
 * The life of a table: where it stands, which moves are legal, and who delivers its changes.
 *
 * <p>{@link dev.pgetl.internal.runtime.table.Table} is everything known of one table, {@link
 * dev.pgetl.internal.runtime.table.Tables} the registry, {@link
 * dev.pgetl.internal.runtime.table.TableLife} the legal moves.
 */
@NullMarked
package dev.pgetl.internal.runtime.table;

import org.jspecify.annotations.NullMarked;

/**
 * Rows and values.
 *
 * <p>{@link dev.pgetl.data.TableRow} keeps the bytes of a message and decodes a column when asked.
 * {@link dev.pgetl.data.PgInterval}, {@link dev.pgetl.data.PgRange} and {@link
 * dev.pgetl.data.PgInet} are types Java does not have, {@link dev.pgetl.data.SpecialValue}s are
 * values that Java's types do not have.
 */
@NullMarked
package dev.pgetl.data;

import org.jspecify.annotations.NullMarked;

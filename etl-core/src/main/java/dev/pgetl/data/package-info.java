/**
 * Rows, and how the text Postgres sends becomes Java values.
 *
 * <p>For users: {@link dev.pgetl.data.TableRow} keeps the bytes of the message and decodes a column
 * when asked. {@link dev.pgetl.data.PgInterval}, {@link dev.pgetl.data.PgRange} and {@link
 * dev.pgetl.data.PgInet} are types Java does not have, {@link dev.pgetl.data.SpecialValue}s are
 * values that Java's types do not have.
 *
 * <p>Inside, from the row down: a {@code RowLayout} holds the {@code ValueCodec} of each column of
 * a table version; {@code ValueCodecs} says which type has which. A codec reads and writes the text
 * of one type. Those of arrays, composites, ranges and {@code hstore} walk over their text with a
 * {@code TextCursor} and hand the parts to other codecs; the classes named {@code …Text} know the
 * digits and letters of the others. Text that Postgres would not print is a {@code
 * MalformedValueException}, to which the row adds table and column.
 */
@NullMarked
package dev.pgetl.data;

import org.jspecify.annotations.NullMarked;

/**
 * Rows, and how the text Postgres sends becomes Java values.
 *
 * <p>{@link dev.pgetl.data.TableRow} keeps the bytes of the message and decodes a column when
 * asked.
 */
@NullMarked
package dev.pgetl.data;

import org.jspecify.annotations.NullMarked;

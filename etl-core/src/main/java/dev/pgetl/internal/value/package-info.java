/**
 * What rows and codecs have in common: {@code ValueCodec}, the exception for bytes that are no
 * value, and the service behind {@code TableRow.of}. Knows no type of {@code dev.pgetl.data}, so
 * that package may use it.
 */
@NullMarked
package dev.pgetl.internal.value;

import org.jspecify.annotations.NullMarked;

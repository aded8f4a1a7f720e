/**
 * Which type is read and written how. {@code ValueCodecs} says which type has which codec. A codec
 * reads the text and the binary form of one type and writes its text; those of arrays, composites,
 * ranges and {@code hstore} hand the parts to other codecs.
 */
@NullMarked
package dev.pgetl.internal.value.codec;

import org.jspecify.annotations.NullMarked;

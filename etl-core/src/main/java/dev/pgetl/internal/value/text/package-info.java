/**
 * The digits and letters of Postgres: how the text of dates, numbers, hexadecimal digits and
 * special values becomes Java values and is printed again, and the cursor that walks over the text
 * of arrays, composites, ranges and {@code hstore}.
 */
@NullMarked
package dev.pgetl.internal.value.text;

import org.jspecify.annotations.NullMarked;

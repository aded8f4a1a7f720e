/**
 * Values in the binary format of Postgres: numbers, dates and times, bytes, and the cursor that
 * walks over arrays and ranges. Reads only; nothing writes this format.
 */
@NullMarked
package dev.pgetl.internal.value.binary;

import org.jspecify.annotations.NullMarked;

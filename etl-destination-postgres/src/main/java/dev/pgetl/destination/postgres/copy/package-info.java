/** Copies of tables: their rows, ranges that are removed, replacements. */
@NullMarked
package dev.pgetl.destination.postgres.copy;

import org.jspecify.annotations.NullMarked;

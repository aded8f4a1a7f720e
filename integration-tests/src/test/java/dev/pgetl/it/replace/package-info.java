/** Copies whose rows replace those of a table, at a destination of SQL tables. */
@NullMarked
package dev.pgetl.it.replace;

import org.jspecify.annotations.NullMarked;

/** The copy of tables against a real Postgres. */
@NullMarked
package dev.pgetl.it.copy;

import org.jspecify.annotations.NullMarked;

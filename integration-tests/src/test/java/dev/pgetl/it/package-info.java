/** The engine against a real Postgres. */
@NullMarked
package dev.pgetl.it;

import org.jspecify.annotations.NullMarked;

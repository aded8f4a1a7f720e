/** Random walks from a real Postgres to a receiver that follows the documentation. */
@NullMarked
package dev.pgetl.it.httpwalk;

import org.jspecify.annotations.NullMarked;

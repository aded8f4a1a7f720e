/** Tables of a source that are altered at random, and a Postgres destination that follows. */
@NullMarked
package dev.pgetl.it.ddl;

import org.jspecify.annotations.NullMarked;

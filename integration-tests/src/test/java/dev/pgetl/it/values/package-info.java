/** What Postgres holds is what a destination gets, by the copy and by the stream. */
@NullMarked
package dev.pgetl.it.values;

import org.jspecify.annotations.NullMarked;

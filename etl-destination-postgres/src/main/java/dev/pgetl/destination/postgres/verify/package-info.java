/** The destination's side of a comparison with the source. */
@NullMarked
package dev.pgetl.destination.postgres.verify;

import org.jspecify.annotations.NullMarked;

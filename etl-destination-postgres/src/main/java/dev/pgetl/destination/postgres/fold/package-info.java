/** Changes of rows, folded per key: the net effect of many events. */
@NullMarked
package dev.pgetl.destination.postgres.fold;

import org.jspecify.annotations.NullMarked;

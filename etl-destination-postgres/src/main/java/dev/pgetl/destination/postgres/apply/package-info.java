/** Events become statements: folded, or in the order of the events. */
@NullMarked
package dev.pgetl.destination.postgres.apply;

import org.jspecify.annotations.NullMarked;

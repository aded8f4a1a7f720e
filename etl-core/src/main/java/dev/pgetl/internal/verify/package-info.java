/**
 * The comparison of a destination's table with the source: which parts are split, which keys are
 * read again, and what is proven. Knows neither side's SQL, and can be tested without servers.
 */
@NullMarked
package dev.pgetl.internal.verify;

import org.jspecify.annotations.NullMarked;

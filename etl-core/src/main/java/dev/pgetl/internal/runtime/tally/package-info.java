/** How many events of which kind each table has had. Knows neither tables' lives nor streams. */
@NullMarked
package dev.pgetl.internal.runtime.tally;

import org.jspecify.annotations.NullMarked;

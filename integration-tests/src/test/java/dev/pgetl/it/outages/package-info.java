/** Each of source, destination and store is away, hangs, is slow, or leads nowhere. */
@NullMarked
package dev.pgetl.it.outages;

import org.jspecify.annotations.NullMarked;

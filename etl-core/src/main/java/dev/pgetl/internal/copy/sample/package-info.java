/** How many rows a table has, and how they lie, by a sample of its blocks. */
@NullMarked
package dev.pgetl.internal.copy.sample;

import org.jspecify.annotations.NullMarked;

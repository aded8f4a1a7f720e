/** Tables that fail in every way there is, and those beside them, which do not notice. */
@NullMarked
package dev.pgetl.it.failing;

import org.jspecify.annotations.NullMarked;

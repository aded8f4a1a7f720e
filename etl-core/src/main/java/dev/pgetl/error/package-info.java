/** The one exception of the library, what went wrong, and what happens next. */
@NullMarked
package dev.pgetl.error;

import org.jspecify.annotations.NullMarked;

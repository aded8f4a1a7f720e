/** Reading one's own writes: {@link dev.pgetl.examples.consistency.ReadYourWrites}. */
@NullMarked
package dev.pgetl.examples.consistency;

import org.jspecify.annotations.NullMarked;

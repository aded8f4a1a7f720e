/**
 * How a table leaves the apply worker over a slot of its own, which is made before: {@link
 * dev.pgetl.internal.runtime.exit.RangeAgain} so that a part of it is copied again, {@link
 * dev.pgetl.internal.runtime.exit.PauseExit} so that it waits.
 */
@NullMarked
package dev.pgetl.internal.runtime.exit;

import org.jspecify.annotations.NullMarked;

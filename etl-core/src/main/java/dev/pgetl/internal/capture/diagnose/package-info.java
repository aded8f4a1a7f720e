/** Checks of a source that change nothing, each for one subject. */
@NullMarked
package dev.pgetl.internal.capture.diagnose;

import org.jspecify.annotations.NullMarked;

/**
 * What must pass under a small heap, at the size of real life: minutes each, so not part of the
 * build. See docs/reliability.md for the command and the figures.
 */
@NullMarked
package dev.pgetl.it.limits;

import org.jspecify.annotations.NullMarked;

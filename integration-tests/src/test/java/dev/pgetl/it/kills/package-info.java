/**
 * Copies of large tables whose process is killed again and again, and a judge that uses nothing of
 * the library. See docs/reliability.md for the command and the figures.
 */
@NullMarked
package dev.pgetl.it.kills;

import org.jspecify.annotations.NullMarked;

/**
 * The crash test: a child JVM with a durable store and a destination that logs to disk is killed
 * again and again while a writer never pauses; in the end source and destination are compared, and
 * every delivery on the way is checked.
 */
@NullMarked
package dev.pgetl.it.crash;

import org.jspecify.annotations.NullMarked;

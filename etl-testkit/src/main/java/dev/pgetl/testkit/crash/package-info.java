/**
 * The crash test: a process with a pipeline in it is killed repeatedly, at every failpoint of the
 * engine and at random moments, while a writer never pauses; server and network fail on the way.
 * After each round source and destination are compared row by row, and every delivery on the way is
 * checked. Begin at {@link dev.pgetl.testkit.crash.CrashTest}.
 */
@NullMarked
package dev.pgetl.testkit.crash;

import org.jspecify.annotations.NullMarked;

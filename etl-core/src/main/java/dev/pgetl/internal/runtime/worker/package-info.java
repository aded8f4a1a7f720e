/**
 * Threads and what surrounds them: workers, timed tasks, log context, calls of listeners, and what
 * a pipeline was given.
 */
@NullMarked
package dev.pgetl.internal.runtime.worker;

import org.jspecify.annotations.NullMarked;

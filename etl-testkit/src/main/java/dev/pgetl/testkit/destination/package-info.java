/**
 * A destination that records what a pipeline delivers and fails on demand, and assertions about
 * what it recorded. Start with {@link dev.pgetl.testkit.destination.RecordingDestination}.
 */
@NullMarked
package dev.pgetl.testkit.destination;

import org.jspecify.annotations.NullMarked;

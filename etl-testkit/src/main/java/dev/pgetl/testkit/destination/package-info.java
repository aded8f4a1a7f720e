/**
 * A destination that records what a pipeline delivers and can be told to misbehave, and assertions
 * about what it recorded. Start with {@link dev.pgetl.testkit.destination.RecordingDestination}.
 */
@NullMarked
package dev.pgetl.testkit.destination;

import org.jspecify.annotations.NullMarked;

/** A custom destination: {@link dev.pgetl.examples.destination.JsonLinesDestination}. */
@NullMarked
package dev.pgetl.examples.destination;

import org.jspecify.annotations.NullMarked;

/**
 * Where rows and events go.
 *
 * <p>Begin at {@link dev.pgetl.destination.Destination}: three methods to implement, and the
 * numbered rules they keep, each with a test in the test kit. A {@link
 * dev.pgetl.destination.WriteResult} reports whether the data survives a crash.
 *
 * <p>{@link dev.pgetl.destination.TransformingDestination} wraps any destination with
 * transformations: {@link dev.pgetl.destination.TableTransform} changes tables and their columns,
 * {@link dev.pgetl.destination.RowTransform} rows, and an {@link dev.pgetl.destination.EventFilter}
 * filters events.
 */
@NullMarked
package dev.pgetl.destination;

import org.jspecify.annotations.NullMarked;

/**
 * What happened in Postgres, in commit order: the messages of {@code pgoutput} with their schema
 * and position.
 *
 * <p>Begin at {@link dev.pgetl.event.Event}, a sealed interface with a record per event: a
 * transaction's {@code Begin}, its changes of rows and tables, its {@code Commit}. A {@code
 * Relation} comes before the first row of a new version of a table. Every event knows its {@link
 * dev.pgetl.event.Transaction} and has an {@link dev.pgetl.event.EventSequence} that is the same
 * whenever the event is delivered again: a key for dropping duplicates.
 */
@NullMarked
package dev.pgetl.event;

import org.jspecify.annotations.NullMarked;

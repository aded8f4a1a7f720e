/**
 * What a pipeline remembers between two runs.
 *
 * <p>Begin at {@link dev.pgetl.store.PipelineStore}, which is three interfaces in one: {@link
 * dev.pgetl.store.SchemaStore} keeps the versions of tables, {@link dev.pgetl.store.StateStore} the
 * {@link dev.pgetl.store.TableReplicationPhase} of every table and the {@link
 * dev.pgetl.store.ReplicationProgress} of every stream, {@link dev.pgetl.store.CleanupStore}
 * removes a table's state. Their rules are numbered, each with a test in the test kit.
 *
 * <p>A position is meaningless in another history of the database: {@link
 * dev.pgetl.store.SlotLineage} identifies its history.
 */
@NullMarked
package dev.pgetl.store;

import org.jspecify.annotations.NullMarked;

/**
 * What a pipeline remembers between two runs.
 *
 * <p>Begin at {@link dev.pgetl.store.PipelineStore}, which is four interfaces in one. Their rules
 * are numbered, each with a test in the test kit.
 *
 * <ul>
 *   <li>{@link dev.pgetl.store.SchemaStore} keeps the versions of tables.
 *   <li>{@link dev.pgetl.store.StateStore} keeps the {@link dev.pgetl.store.TableReplicationPhase}
 *       of every table and the {@link dev.pgetl.store.ReplicationProgress} of every stream.
 *   <li>{@link dev.pgetl.store.CopyStore} keeps what a copy has done, so that it continues after an
 *       interruption. It is optional: without it such a copy starts over.
 *   <li>{@link dev.pgetl.store.CleanupStore} removes a table's state.
 * </ul>
 *
 * <p>A position is meaningless in another history of the database: {@link
 * dev.pgetl.store.SlotLineage} identifies its history.
 */
@NullMarked
package dev.pgetl.store;

import org.jspecify.annotations.NullMarked;

/**
 * The state of pipelines in tables of Postgres. Begin at {@link
 * dev.pgetl.store.postgres.PostgresLayer#builder}, and put the layer under a {@link
 * dev.pgetl.store.memory.MemoryStore}, which is the store a pipeline takes. The tables are created
 * and upgraded at first use; two processes cannot use the state of one pipeline.
 */
@NullMarked
package dev.pgetl.store.postgres;

import org.jspecify.annotations.NullMarked;

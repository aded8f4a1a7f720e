/**
 * The state of pipelines in tables of Postgres: {@link dev.pgetl.store.postgres.PostgresLayer}
 * under a {@link dev.pgetl.store.memory.MemoryStore}.
 */
@NullMarked
package dev.pgetl.store.postgres;

import org.jspecify.annotations.NullMarked;

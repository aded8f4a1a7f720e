/**
 * A destination in Postgres: another database kept equal to the source.
 *
 * <p>Begin at {@link dev.pgetl.destination.postgres.PostgresDestination#builder}. For privileges,
 * schema changes and limits, see {@code docs/postgres-destination.md}.
 */
@NullMarked
package dev.pgetl.destination.postgres;

import org.jspecify.annotations.NullMarked;

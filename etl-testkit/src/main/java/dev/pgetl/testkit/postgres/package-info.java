/**
 * A real Postgres for tests. Start with {@link dev.pgetl.testkit.postgres.PostgresExtension}: a
 * fresh {@link dev.pgetl.testkit.postgres.TestDatabase} for every test, on a server shared by the
 * JVM. Tests that stop, kill or reconfigure the server take a {@link
 * dev.pgetl.testkit.postgres.PostgresCluster} of their own.
 */
@NullMarked
package dev.pgetl.testkit.postgres;

import org.jspecify.annotations.NullMarked;

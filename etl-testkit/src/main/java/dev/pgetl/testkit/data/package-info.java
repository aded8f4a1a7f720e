/**
 * Builders of tables, rows and transactions as a pipeline would deliver them, to test a destination
 * without a Postgres: a {@link dev.pgetl.testkit.data.TestTable} makes rows, a {@link
 * dev.pgetl.testkit.data.TestTransaction} the events of one transaction.
 */
@NullMarked
package dev.pgetl.testkit.data;

import org.jspecify.annotations.NullMarked;

/**
 * Tools to test a store, a destination or a whole pipeline; begin with what you test.
 *
 * <table>
 * <caption>The map</caption>
 * <tr><td>{@link dev.pgetl.testkit.contract}</td><td>your store or destination keeps the rules</td></tr>
 * <tr><td>{@link dev.pgetl.testkit.crash}</td><td>it also does when the process is killed</td></tr>
 * <tr><td>{@link dev.pgetl.testkit.postgres}</td><td>a real Postgres to test on</td></tr>
 * <tr><td>{@link dev.pgetl.testkit.destination}</td><td>a destination that records and fails on demand</td></tr>
 * <tr><td>{@link dev.pgetl.testkit.store}</td><td>a store that waits and fails on demand</td></tr>
 * <tr><td>{@link dev.pgetl.testkit.net}</td><td>a network that fails on demand</td></tr>
 * <tr><td>{@link dev.pgetl.testkit.data}</td><td>tables, rows and transactions without a Postgres</td></tr>
 * </table>
 *
 * <p>{@link dev.pgetl.testkit.ManualTime} is a clock that a test moves.
 */
@NullMarked
package dev.pgetl.testkit;

import org.jspecify.annotations.NullMarked;

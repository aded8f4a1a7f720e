/**
 * Embeddable change data capture for Postgres: copies the tables of a publication and then streams
 * every change, in order, to a destination.
 *
 * <p>Begin at {@link dev.pgetl.Pipeline}. It is made of three things: a {@link
 * dev.pgetl.config.PipelineConfig} for the source, a {@link dev.pgetl.store.PipelineStore} that
 * remembers the position, and a {@link dev.pgetl.destination.Destination} for the target. The last
 * two are interfaces for you to implement, or to take from a module. A {@link
 * dev.pgetl.PipelineGroup} runs several as one.
 *
 * <table>
 * <caption>The map</caption>
 * <tr><td>{@link dev.pgetl.config}</td><td>settings</td></tr>
 * <tr><td>{@link dev.pgetl.destination}</td><td>where rows and events go: implement it</td></tr>
 * <tr><td>{@link dev.pgetl.event}</td><td>what happened in Postgres</td></tr>
 * <tr><td>{@link dev.pgetl.data}</td><td>rows and values</td></tr>
 * <tr><td>{@link dev.pgetl.schema}</td><td>tables, columns, types</td></tr>
 * <tr><td>{@link dev.pgetl.store}</td><td>what a pipeline remembers: implement it</td></tr>
 * <tr><td>{@link dev.pgetl.observe}</td><td>status and listener</td></tr>
 * <tr><td>{@link dev.pgetl.diagnose}</td><td>what is wrong, and how to fix it</td></tr>
 * <tr><td>{@link dev.pgetl.verify}</td><td>the comparison of both sides</td></tr>
 * <tr><td>{@link dev.pgetl.error}</td><td>the exception</td></tr>
 * <tr><td>{@link dev.pgetl.wal}</td><td>positions</td></tr>
 * </table>
 *
 * <p>Everything under {@code dev.pgetl.internal} may change any day. Data flows through it in the
 * order of the folders: {@code capture}, {@code copy}, {@code decode}, {@code deliver}, {@code
 * runtime}. Rows stand on {@code row} and {@code value}.
 */
@NullMarked
package dev.pgetl;

import org.jspecify.annotations.NullMarked;

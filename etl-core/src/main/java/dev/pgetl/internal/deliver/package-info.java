/**
 * Hands rows and events to the destination: batches that form by themselves, a budget of bytes, the
 * delivery loop of a stream, and how far everything is durable.
 *
 * <p>{@link dev.pgetl.internal.deliver.BatchExchange} stands between a reader and its {@link
 * dev.pgetl.internal.deliver.EventDelivery}; {@link dev.pgetl.internal.deliver.RowExchange} between
 * the connections copying a table and the one thread that writes it.
 */
@NullMarked
package dev.pgetl.internal.deliver;

import org.jspecify.annotations.NullMarked;

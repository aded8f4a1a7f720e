/**
 * Hands rows and events to the destination: batches that form by themselves, a budget of bytes, the
 * delivery loop of a stream, and up to which boundary everything is durable.
 *
 * <p>A reader fills an {@link dev.pgetl.internal.deliver.OpenBatch} and leaves it in a {@link
 * dev.pgetl.internal.deliver.Mailbox}; {@link dev.pgetl.internal.deliver.EventDelivery} takes it
 * from there. {@link dev.pgetl.internal.deliver.RowExchange} stands between the connections copying
 * a table and the one thread that writes it.
 */
@NullMarked
package dev.pgetl.internal.deliver;

import org.jspecify.annotations.NullMarked;

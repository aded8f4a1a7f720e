package dev.pgetl.internal.runtime.stream;

import dev.pgetl.internal.deliver.Backoff;
import dev.pgetl.internal.deliver.ByteBudget;
import dev.pgetl.internal.runtime.worker.Worker;

/**
 * What all streams and copies of a pipeline share.
 *
 * @param budget bytes in memory
 * @param backoff delays between retries
 * @param format in what format streams ask for values
 * @param workers makes their threads
 */
public record StreamResources(
    ByteBudget budget, Backoff backoff, StreamFormat format, Worker.Factory workers) {

  /** {@return the same for one table, whose threads log under its name} */
  public StreamResources with(Worker.Factory own) {
    return new StreamResources(budget, backoff, format, own);
  }
}

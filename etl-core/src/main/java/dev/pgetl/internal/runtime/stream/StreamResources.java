package dev.pgetl.internal.runtime.stream;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.internal.deliver.Backoff;
import dev.pgetl.internal.deliver.ByteBudget;
import dev.pgetl.internal.deliver.CallGate;
import dev.pgetl.internal.deliver.CopyPace;
import dev.pgetl.internal.estimate.CopyCosts;
import dev.pgetl.internal.runtime.worker.Worker;
import dev.pgetl.internal.value.ValueFormat;
import java.util.function.LongSupplier;

/**
 * What all streams and copies of a pipeline share.
 *
 * @param budget bytes in memory
 * @param pace how fast copies read
 * @param costs what copies have cost
 * @param backoff delays between retries
 * @param calls holds calls of the destination back while the pipeline is paused
 * @param format in what format streams ask for values
 * @param workers makes their threads
 */
public record StreamResources(
    ByteBudget budget,
    CopyPace pace,
    CopyCosts costs,
    Backoff backoff,
    CallGate calls,
    StreamFormat format,
    Worker.Factory workers) {

  /** {@return those of a pipeline with these settings} */
  public static StreamResources of(PipelineConfig config, Worker.Factory workers) {
    return new StreamResources(
        new ByteBudget(config.maxBufferedBytes()),
        new CopyPace(copyRate(config), workers.platform()),
        new CopyCosts(workers.platform()),
        new Backoff(
            config.tableErrorRetryDelay(),
            config.tableErrorRetryMaxAttempts(),
            workers.platform().random()),
        new CallGate(workers.platform()),
        new StreamFormat(ValueFormat.of(config.binary())),
        workers);
  }

  private static LongSupplier copyRate(PipelineConfig config) {
    return config.tableCopy().limit().<LongSupplier>map(at -> at::bytesPerSecond).orElse(() -> 0);
  }

  /** {@return the same for one table, whose threads log under its name} */
  public StreamResources with(Worker.Factory own) {
    return new StreamResources(budget, pace, costs, backoff, calls, format, own);
  }
}

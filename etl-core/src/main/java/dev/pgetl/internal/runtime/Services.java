package dev.pgetl.internal.runtime;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.deliver.Backoff;
import dev.pgetl.internal.deliver.ByteBudget;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.store.PipelineStore;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * What all workers of a pipeline share.
 *
 * @param config the settings
 * @param store what is remembered
 * @param destination where to
 * @param source where from
 * @param listener who hears of it
 * @param states where every table stands
 * @param handOver where the main stream and tables meet
 * @param format in what format streams ask for values
 * @param budget bytes in memory
 * @param backoff delays between retries
 * @param nanoTime a running clock
 * @param clock the time of day
 */
record Services(
    PipelineConfig config,
    PipelineStore store,
    Destination destination,
    SourceDatabase source,
    PipelineListener listener,
    TableStates states,
    HandOver handOver,
    StreamFormat format,
    ByteBudget budget,
    Backoff backoff,
    LongSupplier nanoTime,
    InstantSource clock) {

  String applySlot() {
    return "pgetl_apply_" + config.id();
  }

  String syncSlotPrefix() {
    return "pgetl_sync_" + config.id() + "_";
  }
}

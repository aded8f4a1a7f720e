package dev.pgetl.internal.runtime;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.internal.capture.Source;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.deliver.Backoff;
import dev.pgetl.internal.deliver.ByteBudget;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.store.PipelineStore;

/**
 * What all workers of a pipeline share.
 *
 * @param config the settings
 * @param store what is remembered
 * @param destination where to
 * @param source where from
 * @param copiers copy the rows that exist already
 * @param listener who hears of it
 * @param states where every table stands
 * @param handOver where the main stream and tables meet
 * @param format in what format streams ask for values
 * @param budget bytes in memory
 * @param backoff delays between retries
 * @param platform time, locks and threads
 */
record Services(
    PipelineConfig config,
    PipelineStore store,
    Destination destination,
    Source source,
    TableCopier.Factory copiers,
    PipelineListener listener,
    TableStates states,
    HandOver handOver,
    StreamFormat format,
    ByteBudget budget,
    Backoff backoff,
    Platform platform) {

  String applySlot() {
    return "pgetl_apply_" + config.id();
  }

  String syncSlotPrefix() {
    return "pgetl_sync_" + config.id() + "_";
  }
}

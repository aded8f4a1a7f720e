package dev.pgetl.micrometer;

import dev.pgetl.observe.Health;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import java.util.Map;

/** A pipeline that reports what it was given. */
final class FixedPipeline {
  static final String ID = "orders";

  private volatile Reading reading = Reading.of(PipelineStatus.builder(State.CREATED).build());

  /** {@return meters of it} */
  PgetlMetrics metrics() {
    return new PgetlMetrics(Map.of(ID, () -> reading), null);
  }

  /** From now on it reports this. */
  void reports(PipelineStatus.Builder status) {
    reading = Reading.of(status.build());
  }

  /** From now on it reports this, of one of several starts. */
  void reports(int starts, PipelineStatus.Builder status) {
    reading = new Reading(status.build(), Health.Level.UP, starts, starts);
  }
}

package dev.pgetl;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.internal.runtime.replica.Replica;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.runtime.worker.PipelineLife;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.store.LeaseConfig;
import dev.pgetl.store.LeaseStore;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.Standby;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What does a pipeline: an engine, or a replica that waits for its turn. Thread-safe. */
final class Lives {
  /** Replaced at most once, before it begins. */
  private volatile PipelineLife life;

  /** Makes an engine that does not wait; null if there is no choice. */
  private final @Nullable Supplier<PipelineEngine> alone;

  private final Supplier<List<Finding>> diagnosis;

  private Lives(
      PipelineLife life,
      @Nullable Supplier<PipelineEngine> alone,
      Supplier<List<Finding>> diagnosis) {
    this.life = life;
    this.alone = alone;
    this.diagnosis = diagnosis;
  }

  private Lives(
      PipelineLife life, @Nullable Supplier<PipelineEngine> alone, PipelineContext context) {
    this.life = life;
    this.alone = alone;
    this.diagnosis = () -> Doctor.examine(context, present().status().state());
  }

  /** {@return one that is decided, and what is wrong with its source} */
  static Lives of(PipelineLife life, Supplier<List<Finding>> diagnosis) {
    return new Lives(life, null, diagnosis);
  }

  /** {@return one that only copies} */
  static Lives copying(PipelineContext context) {
    return new Lives(new PipelineEngine(context), null, context);
  }

  /**
   * {@return what the settings and the store decide}
   *
   * @throws IllegalArgumentException if it is to wait, and the store has no leases
   */
  static Lives of(PipelineContext context, PipelineStore store) {
    PipelineConfig config = context.config();
    Standby standby = config.standby();
    Optional<LeaseStore> leases = standby == Standby.OFF ? Optional.empty() : store.leases();
    if (standby instanceof LeaseConfig lease) {
      return new Lives(
          Replica.create(context, lease, leases.orElseThrow(noLeases(config))), null, context);
    } else if (leases.isEmpty()) {
      return new Lives(new PipelineEngine(context), null, context);
    }
    LeaseConfig usual = LeaseConfig.builder().build();
    return new Lives(
        Replica.create(context, usual, leases.get()), () -> new PipelineEngine(context), context);
  }

  private static Supplier<IllegalArgumentException> noLeases(PipelineConfig config) {
    return () ->
        new IllegalArgumentException(
            "the store of pipeline %s has no leases: only one process can use it"
                .formatted(config.id()));
  }

  /** {@return what is wrong with source, store and destination} */
  List<Finding> diagnose() {
    return diagnosis.get();
  }

  PipelineLife present() {
    return life;
  }

  /** {@return an engine} A group starts and ends its pipelines together: none of them can wait. */
  PipelineEngine engine() {
    if (life instanceof PipelineEngine engine) {
      return engine;
    }
    if (alone == null) {
      throw new IllegalArgumentException("a pipeline of a group cannot wait as a standby");
    }
    return alone.get();
  }

  /** Becomes part of a group, and does not wait. */
  void join(PipelineEngine engine) {
    PipelineLife before = life;
    if (before != engine) {
      if (before.status().state() != State.CREATED) {
        throw new IllegalStateException("a pipeline of the group was started or ended before");
      }
      life = engine;
      before.shutdown();
    }
  }
}

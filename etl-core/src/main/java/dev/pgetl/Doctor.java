package dev.pgetl;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.diagnose.SourceDoctor;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.observe.PipelineStatus.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Examines the source of a pipeline, its store and its destination.
 *
 * <p>It changes nothing, and opens connections of its own: one for queries and, for a moment, one
 * for replication. So it answers in any state of a pipeline, and where one cannot start. It takes
 * as long as the source needs for some queries of its catalogue, whatever the size of the tables,
 * and as long as store and destination take.
 *
 * <p>It fails never: a source that cannot be reached is a finding, and so is what a store or a
 * destination throws. For all findings, see {@code docs/doctor.md}. Stateless.
 */
public final class Doctor {
  private Doctor() {}

  /**
   * Examines a source before there is a pipeline.
   *
   * @param config the settings of the pipeline
   * @return what is wrong, the worst first; empty if nothing is
   */
  public static List<Finding> examine(PipelineConfig config) {
    return source(Objects.requireNonNull(config, "config")).sorted().toList();
  }

  /**
   * {@return what is wrong with all that a pipeline has} A destination that is closed is not asked.
   */
  static List<Finding> examine(PipelineContext context, State state) {
    List<Finding> found = new ArrayList<>(source(context.config()).toList());
    found.addAll(ask("store", FindingCode.STORE_UNREACHABLE, context.store()::diagnose));
    if (state != State.STOPPED && state != State.FAILED) {
      found.addAll(
          ask("destination", FindingCode.DESTINATION_UNREACHABLE, context.destination()::diagnose));
    }
    return found.stream().sorted().toList();
  }

  private static Stream<Finding> source(PipelineConfig config) {
    return SourceDoctor.examine(
        config, PipelineContext.applySlot(config), SourceDoctor.Limits.USUAL, Platform.jvm())
        .stream();
  }

  /** What it throws is no reason to say nothing of the others; it may hold anything. */
  @SuppressWarnings("IllegalCatch")
  private static List<Finding> ask(String what, FindingCode code, Supplier<List<Finding>> asked) {
    try {
      return List.copyOf(asked.get());
    } catch (EtlException e) {
      return List.of(Finding.of(code, e.summary()).fixedBy(e.fix()));
    } catch (RuntimeException e) {
      return List.of(
          Finding.of(
              FindingCode.NOT_CHECKED,
              "the %s could not say what is wrong: %s".formatted(what, e.getClass().getName())));
    }
  }
}

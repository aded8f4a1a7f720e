package dev.pgetl;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.diagnose.SourceDoctor;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.store.PipelineStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Asks source, store and destination what is wrong with them. Stateless. */
final class Diagnosis {
  private Diagnosis() {}

  /** {@return what is wrong with a source, the worst first} */
  static List<Finding> of(PipelineConfig config) {
    return source(config).sorted().toList();
  }

  /**
   * {@return what is wrong with all that a pipeline has, the worst first} A destination that has
   * been closed is not asked.
   */
  static List<Finding> of(
      PipelineConfig config, PipelineStore store, Destination destination, Lives lives) {
    List<Finding> found = new ArrayList<>(source(config).toList());
    found.addAll(ask("store", FindingCode.STORE_UNREACHABLE, store::diagnose));
    State state = lives.present().status().state();
    if (state != State.STOPPED && state != State.FAILED) {
      found.addAll(ask("destination", FindingCode.DESTINATION_UNREACHABLE, destination::diagnose));
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

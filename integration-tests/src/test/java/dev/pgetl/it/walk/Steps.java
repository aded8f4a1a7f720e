package dev.pgetl.it.walk;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** All steps. */
final class Steps {
  static final List<Step> ALL =
      Stream.of(
              RowSteps.ALL,
              ColumnSteps.ALL,
              RewritingSteps.ALL,
              TableSteps.ALL,
              PublicationSteps.ALL,
              SlotSteps.ALL,
              ServerSteps.ALL,
              ConnectionSteps.ALL,
              ProcessSteps.ALL,
              ControlSteps.ALL,
              DestinationSteps.ALL)
          .flatMap(List::stream)
          .toList();

  private Steps() {}

  /** {@return the steps that a server of this version allows} */
  static List<Step> of(int version) {
    return ALL.stream().filter(step -> step.minVersion() <= version).toList();
  }

  static Step choose(List<Step> steps, RandomGenerator random) {
    int total = steps.stream().mapToInt(Step::weight).sum();
    int at = random.nextInt(total);
    for (Step step : steps) {
      at -= step.weight();
      if (at < 0) {
        return step;
      }
    }
    throw new IllegalStateException("no steps");
  }
}

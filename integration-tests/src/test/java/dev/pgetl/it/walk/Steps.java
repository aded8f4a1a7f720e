package dev.pgetl.it.walk;

import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** All steps. */
final class Steps {
  /** Faults that are known and not fixed: steps that show them are not taken. */
  static final Set<String> NOT_YET =
      Set.of("F4", "F8", "F9", "F11", "R11", "V2", "V3", "V13", "R6", "O7", "O8");

  static final List<Step> ALL =
      Stream.of(
              RowSteps.ALL,
              ColumnSteps.ALL,
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
    return ALL.stream()
        .filter(step -> step.minVersion() <= version && !NOT_YET.contains(step.fault()))
        .toList();
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

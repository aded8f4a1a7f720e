package dev.pgetl.it.takeover;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** How long takeovers took, from the fault to each step. Owned by one thread. */
final class Times {
  /** What the new owner logs when a step is done. */
  private static final Map<String, String> STEPS = steps();

  private static final String FIRST_EVENT = "first event";

  private final Map<String, List<Long>> millis = new LinkedHashMap<>();

  private static Map<String, String> steps() {
    Map<String, String> steps = new LinkedHashMap<>();
    steps.put("lease taken", "is this process's from now on");
    steps.put("state loaded", "loaded the state of");
    steps.put("started", " runs with ");
    steps.put("stream opened", "the apply worker reads slot");
    return steps;
  }

  /**
   * Adds a takeover.
   *
   * @param fault when it began, in nanoseconds
   * @param event when the first event came
   * @param owner the new owner
   */
  void add(long fault, long event, ReplicaProcess owner) {
    STEPS.forEach(
        (step, text) -> owner.printedAt("log", text).ifPresent(at -> add(step, at - fault)));
    add(FIRST_EVENT, event - fault);
  }

  private void add(String step, long nanos) {
    millis
        .computeIfAbsent(step, any -> new ArrayList<>())
        .add(TimeUnit.NANOSECONDS.toMillis(nanos));
  }

  /** Adds the takeovers of another run. */
  void add(Times other) {
    other.millis.forEach(
        (step, times) -> millis.computeIfAbsent(step, any -> new ArrayList<>()).addAll(times));
  }

  /** {@return the time to the first event that a part of all takeovers does not exceed} */
  long quantile(double part) {
    return quantile(FIRST_EVENT, part);
  }

  private long quantile(String step, double part) {
    List<Long> sorted = new ArrayList<>(millis.getOrDefault(step, List.of(0L)));
    Collections.sort(sorted);
    return sorted.get(Math.max(0, (int) Math.ceil(sorted.size() * part) - 1));
  }

  @Override
  public String toString() {
    return millis.keySet().stream().map(this::line).collect(Collectors.joining("; "));
  }

  private String line(String step) {
    return "%s: median %d ms, p99 %d ms, longest %d ms (%d times)"
        .formatted(
            step,
            quantile(step, 0.5),
            quantile(step, 0.99),
            quantile(step, 1),
            millis.getOrDefault(step, List.of()).size());
  }
}

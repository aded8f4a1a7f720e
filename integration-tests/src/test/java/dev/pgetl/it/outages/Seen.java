package dev.pgetl.it.outages;

import dev.pgetl.RunStatus;
import dev.pgetl.observe.Health;
import dev.pgetl.observe.PipelineStatus;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

/**
 * An answer that was not {@code UP}.
 *
 * @param after how long after the begin of the outage
 * @param health what health said
 * @param places where the status says why, by the names of its JSON
 */
record Seen(Duration after, Health health, Set<String> places) {
  static Seen of(RunStatus run, Health health, Duration after, Duration stall) {
    return new Seen(after, health, places(run, stall));
  }

  private static Set<String> places(RunStatus run, Duration stall) {
    PipelineStatus status = run.pipeline();
    Set<String> places = new TreeSet<>();
    run.failure().ifPresent(failure -> places.add("run.failure"));
    status.failure().ifPresent(failure -> places.add("failure"));
    status.stream().failure().ifPresent(failure -> places.add("stream.failure"));
    if (status.waits().stream().anyMatch(wait -> wait.duration().compareTo(stall) > 0)) {
      places.add("waits");
    }
    if (status.tables().values().stream().anyMatch(table -> table.failure().isPresent())) {
      places.add("tables.failure");
    }
    if (!status.stalledThreads(stall).isEmpty()) {
      places.add("threads");
    }
    return places;
  }
}

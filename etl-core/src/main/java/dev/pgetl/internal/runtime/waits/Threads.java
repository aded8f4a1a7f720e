package dev.pgetl.internal.runtime.waits;

import dev.pgetl.internal.platform.Movement;
import dev.pgetl.internal.platform.Movements;
import dev.pgetl.observe.ThreadStatus;
import dev.pgetl.observe.ThreadStatus.Activity;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What the threads of a pipeline do, for its status. */
public final class Threads {
  private Threads() {}

  /**
   * {@return what threads do, by name}
   *
   * @param movements of threads
   * @param others what other threads of the same pipeline do
   * @param clock the time of day
   */
  public static List<ThreadStatus> status(
      Movements movements, List<ThreadStatus> others, InstantSource clock) {
    List<ThreadStatus> all = new ArrayList<>(others);
    for (Movement.Lap lap : movements.laps()) {
      all.add(
          ThreadStatus.of(
              lap.thread(),
              activity(lap.doing()),
              clock.instant().minusNanos(lap.nanos()),
              Duration.ofNanos(lap.nanos())));
    }
    all.sort(Comparator.comparing(ThreadStatus::name));
    return all;
  }

  private static Activity activity(Movement.Doing doing) {
    return switch (doing) {
      case WORKS -> Activity.WORKS;
      case AWAITS_SOURCE -> Activity.AWAITS_SOURCE;
      case AWAITS_DESTINATION -> Activity.AWAITS_DESTINATION;
      case AWAITS_STORE -> Activity.AWAITS_STORE;
      case AWAITS_LOCK -> Activity.AWAITS_LOCK;
      case AWAITS_WORK -> Activity.AWAITS_WORK;
    };
  }
}

package dev.pgetl.testkit.crash;

import dev.pgetl.internal.failpoint.Failpoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One way in which a process ends, and the fault injected before.
 *
 * @param failpoint where the process halts; null for a random moment
 * @param pass at which of its passes
 * @param mishap what else goes wrong
 */
record Fault(@Nullable Failpoint failpoint, int pass, Mishap mishap) {
  /** What goes wrong around the process. */
  enum Mishap {
    NOTHING,
    SERVER_KILLED,
    SENDERS_TERMINATED,
    CONNECTIONS_CUT
  }

  /** The action that makes a process pass its failpoint. */
  enum Errand {
    /** Stream what comes. */
    STREAM,
    /** Copy a table again. */
    RESYNC,
    /** End cleanly. */
    STOP
  }

  private static final int RANDOM_KILLS = 6;

  /** {@return the faults of one round, in random order, except those that only a new slot meets} */
  static List<Fault> round(Random random) {
    List<Fault> faults = new ArrayList<>();
    for (Failpoint failpoint : Failpoint.values()) {
      if (!atBeginning(failpoint)) {
        faults.add(new Fault(failpoint, pass(failpoint, random), Mishap.NOTHING));
      }
    }
    for (int i = 0; i < RANDOM_KILLS; i++) {
      faults.add(new Fault(null, 0, Mishap.NOTHING));
    }
    for (Mishap mishap : Mishap.values()) {
      if (mishap != Mishap.NOTHING) {
        faults.add(new Fault(null, 0, mishap));
      }
    }
    Collections.shuffle(faults, random);
    faults.add(0, new Fault(Failpoint.AFTER_APPLY_SLOT_CREATED, 1, Mishap.NOTHING));
    faults.add(0, new Fault(Failpoint.BEFORE_APPLY_SLOT_CREATED, 1, Mishap.NOTHING));
    return faults;
  }

  private static boolean atBeginning(Failpoint failpoint) {
    return failpoint == Failpoint.BEFORE_APPLY_SLOT_CREATED
        || failpoint == Failpoint.AFTER_APPLY_SLOT_CREATED;
  }

  private static int pass(Failpoint failpoint, Random random) {
    return switch (failpoint) {
      case BEFORE_EVENTS_WRITTEN,
          AFTER_EVENTS_WRITTEN,
          BEFORE_PROGRESS_STORED,
          AFTER_PROGRESS_STORED ->
          1 + random.nextInt(8);
      case BEFORE_ROWS_WRITTEN, AFTER_ROWS_WRITTEN -> 1 + random.nextInt(3);
      default -> 1;
    };
  }

  Errand errand() {
    if (failpoint == null) {
      return Errand.STREAM;
    }
    return switch (failpoint) {
      case BEFORE_FINAL_STATUS, AFTER_FINAL_STATUS -> Errand.STOP;
      case BEFORE_EVENTS_WRITTEN,
          AFTER_EVENTS_WRITTEN,
          BEFORE_PROGRESS_STORED,
          AFTER_PROGRESS_STORED,
          BEFORE_STREAM_OPENED ->
          Errand.STREAM;
      default -> Errand.RESYNC;
    };
  }

  @Override
  public String toString() {
    String where = failpoint == null ? "a random moment" : failpoint + " (pass " + pass + ")";
    return mishap == Mishap.NOTHING ? where : where + ", " + mishap;
  }
}

package dev.pgetl.internal.runtime.waits;

import dev.pgetl.internal.platform.Platform;
import dev.pgetl.observe.WaitStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** What the threads of one pipeline wait for, and since when. Thread-safe. */
public final class Waits {
  /** The time of a wait that has not begun, or has ended. */
  public static final long NONE = -1;

  private final Platform platform;
  private final Set<Known> known = ConcurrentHashMap.newKeySet();

  /** A wait that may be in progress. */
  interface Known {
    /** {@return who is to do what} */
    String what();

    /** {@return for how long; {@link #NONE} if it is not in progress} */
    long nanos();
  }

  private record Followed(String what, LongSupplier time) implements Known {
    @Override
    public long nanos() {
      return time.getAsLong();
    }
  }

  /** Creates the place of a pipeline that waits for nothing. */
  public Waits(Platform platform) {
    this.platform = platform;
  }

  /**
   * {@return a wait that has not begun; to be closed}
   *
   * @param what who is to do what, to be read behind "waits for"
   */
  public Wait open(String what) {
    Wait wait = new Wait(this, what, platform);
    known.add(wait);
    return wait;
  }

  /**
   * {@return a wait that has begun; to be closed}
   *
   * @param what who is to do what, to be read behind "waits for"
   */
  public Wait begin(String what) {
    Wait wait = open(what);
    wait.begin();
    return wait;
  }

  /**
   * Adds a wait that is known elsewhere, for good.
   *
   * @param what who is to do what, to be read behind "waits for"
   * @param nanos for how long it lasts; {@link #NONE} for not at all
   */
  public void follow(String what, LongSupplier nanos) {
    known.add(new Followed(what, nanos));
  }

  void remove(Wait wait) {
    known.remove(wait);
  }

  /** {@return what is waited for, the longest wait first} */
  public List<WaitStatus> status() {
    List<WaitStatus> waits = new ArrayList<>();
    for (Known each : known) {
      long nanos = each.nanos();
      if (nanos >= 0) {
        waits.add(
            new WaitStatus(
                each.what(), platform.instant().minusNanos(nanos), Duration.ofNanos(nanos)));
      }
    }
    waits.sort(Comparator.comparing(WaitStatus::duration).reversed());
    return waits;
  }
}

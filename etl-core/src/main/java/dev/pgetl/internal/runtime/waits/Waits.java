package dev.pgetl.internal.runtime.waits;

import dev.pgetl.internal.platform.Movement.Doing;
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
  /** Something that may be waited for. */
  interface Known {
    /** {@return who is to do what, to be read behind "waits for"} */
    String what();

    /** {@return for how long it has been waited for; 0 for not at all} */
    long nanos();
  }

  private record Followed(String what, LongSupplier time) implements Known {
    @Override
    public long nanos() {
      return time.getAsLong();
    }
  }

  private final Platform platform;
  private final Set<Known> known = ConcurrentHashMap.newKeySet();

  /** Creates the place of a pipeline that waits for nothing. */
  public Waits(Platform platform) {
    this.platform = platform;
  }

  /**
   * {@return a wait of the calling thread that begins now, and ends when it is closed}
   *
   * @param doing who is waited for
   * @param what who is to do what, to be read behind "waits for"
   */
  public Wait begin(Doing doing, String what) {
    Wait wait = new Wait(this, doing, what, platform);
    known.add(wait);
    return wait;
  }

  void end(Wait wait) {
    known.remove(wait);
  }

  /**
   * Adds a wait that is known elsewhere, for good.
   *
   * @param what who is to do what, to be read behind "waits for"
   * @param nanos for how long it has been waited for; 0 for not at all
   */
  public void follow(String what, LongSupplier nanos) {
    known.add(new Followed(what, nanos));
  }

  /** {@return what is waited for, the longest wait first} */
  public List<WaitStatus> status() {
    List<WaitStatus> waits = new ArrayList<>();
    for (Known each : known) {
      long nanos = each.nanos();
      if (nanos > 0) {
        waits.add(
            new WaitStatus(
                each.what(), platform.instant().minusNanos(nanos), Duration.ofNanos(nanos)));
      }
    }
    waits.sort(Comparator.comparing(WaitStatus::duration).reversed());
    return waits;
  }
}

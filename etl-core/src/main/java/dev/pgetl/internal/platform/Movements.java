package dev.pgetl.internal.platform;

import dev.pgetl.internal.platform.Movement.Doing;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What the threads of one pipeline do. Thread-safe. */
public final class Movements {
  /** The body of a thread. */
  public interface Body<E extends Exception> {
    /** Runs it. */
    void run() throws E;
  }

  private final Ticker ticker;
  private final Set<Movement> known = ConcurrentHashMap.newKeySet();

  /** Creates the place of a pipeline without threads. */
  public Movements(Ticker ticker) {
    this.ticker = ticker;
  }

  /**
   * Watches the calling thread while it works for the pipeline. If it works for another part of the
   * pipeline already, that waits meanwhile.
   *
   * @param thread its name
   * @param body what it does
   */
  public <E extends Exception> void during(String thread, Body<E> body) throws E {
    Movement own = new Movement(thread, ticker);
    known.add(own);
    Doing outside = Movement.begin(Doing.AWAITS_WORK);
    Movement before = Movement.replace(own);
    try {
      body.run();
    } finally {
      @Nullable Movement unused = Movement.replace(before);
      Movement.end(outside);
      known.remove(own);
    }
  }

  /** {@return what its threads do, by their names} */
  public List<Movement.Lap> laps() {
    return known.stream()
        .map(Movement::lap)
        .sorted(Comparator.comparing(Movement.Lap::thread))
        .toList();
  }
}

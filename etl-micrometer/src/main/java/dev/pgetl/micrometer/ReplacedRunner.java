package dev.pgetl.micrometer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.pgetl.PipelineRunner;
import dev.pgetl.RunStatus;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Readings of a pipeline whose runner is replaced by another one at times. The starts are those of
 * all runners. Thread-safe.
 */
final class ReplacedRunner implements Supplier<Reading> {
  private final Object lock = new Object();
  private final String id;
  private final Supplier<PipelineRunner> present;

  @GuardedBy("lock")
  private PipelineRunner last;

  /** Starts by the runners before. */
  @GuardedBy("lock")
  private int earlier;

  ReplacedRunner(String id, Supplier<PipelineRunner> present) {
    this.id = id;
    this.present = present;
    this.last = Objects.requireNonNull(present.get(), "runner");
  }

  @Override
  public Reading get() {
    PipelineRunner now = Objects.requireNonNull(present.get(), "runner");
    synchronized (lock) {
      if (now != last) {
        earlier += last.status(id).starts();
        last = now;
      }
      RunStatus run = now.status(id);
      return Reading.of(run, earlier);
    }
  }
}

package dev.pgetl.internal.runner;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Latch;
import dev.pgetl.internal.platform.OwnedBy;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.platform.Signal;
import dev.pgetl.internal.platform.Ticker;
import dev.pgetl.internal.platform.Unexpected;
import dev.pgetl.internal.runner.Opening.Opened;
import dev.pgetl.internal.runtime.worker.StartingThread;
import dev.pgetl.internal.runtime.worker.Worker;
import dev.pgetl.observe.FailureStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one pipeline running, on a thread of its own: opens it, starts it, waits for its end,
 * closes it, and starts another one after a delay. Only that thread writes the view, which others
 * read without a lock. Thread-safe.
 */
public final class PipelineKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(PipelineKeeper.class);
  private static final Duration FOREVER = Duration.ofNanos(Ticker.FOREVER);

  private final String id;
  private final Opening opening;
  private final Restarts restarts;
  private final Platform platform;
  private final Latch ending;

  /** Raised after each change of the view, and for what is asked of the thread. */
  private final Signal changed;

  /** The thread while a factory may hang. */
  private final StartingThread opener;

  private volatile RunView view = RunView.NONE;
  private volatile boolean restartAsked;
  private volatile @Nullable Worker worker;

  @OwnedBy("keeper")
  private int failures;

  @OwnedBy("keeper")
  private @Nullable Instant since;

  /**
   * Creates a keeper that does nothing yet.
   *
   * @param id the pipeline's id
   * @param opening makes a pipeline for each start
   * @param restarts when it is started again
   * @param platform its time, thread and locks
   */
  public PipelineKeeper(String id, Opening opening, Restarts restarts, Platform platform) {
    this.id = id;
    this.opening = opening;
    this.restarts = restarts;
    this.platform = platform;
    this.ending = new Latch(platform);
    this.changed = new Signal(platform);
    this.opener = new StartingThread(platform);
  }

  /** {@return the pipeline's id} */
  public String id() {
    return id;
  }

  /** {@return what is known of it} */
  public RunView view() {
    return view;
  }

  /** Begins; called once. */
  public void start() {
    worker =
        new Worker.Factory(
                id, platform, cause -> LOG.error("the runner of {} has ended", id, cause))
            .start("runner", this::run);
  }

  /** Starts it again at once if it waits for that. */
  public void restart() {
    restartAsked = true;
    changed.raise();
  }

  /** Asks for the end and returns at once. */
  public void shutdown() {
    ending.open();
    changed.raise();
    Opened opened = view.opened();
    if (opened != null) {
      opened.life().shutdown();
    }
    opener.interrupt();
  }

  /**
   * {@return whether it has ended in time}
   *
   * @param nanos how long to wait at most
   */
  public boolean awaitEnd(long nanos) throws InterruptedException {
    Worker started = worker;
    return started == null || started.await(nanos);
  }

  /**
   * {@return whether every table was ready in time} Waits through restarts, but not for manual
   * intervention.
   *
   * @param limit how long to wait
   * @throws EtlException why it needs manual intervention
   */
  public boolean awaitReady(Duration limit) throws InterruptedException {
    long until = platform.nanos() + Ticker.nanos(limit);
    while (true) {
      long seen = changed.count();
      RunView now = view;
      EtlException cause = now.cause();
      if (cause != null && Restarts.needsManualIntervention(cause)) {
        throw cause;
      }
      long left = until - platform.nanos();
      if (cause == null && isReady(now.opened(), Duration.ofNanos(Math.max(0, left)))) {
        return true;
      }
      if (now.ended() || until - platform.nanos() <= 0) {
        return false;
      }
      changed.await(seen, until - platform.nanos());
    }
  }

  /** One that has not started, or has failed, is not ready; the keeper soon says what follows. */
  private static boolean isReady(@Nullable Opened opened, Duration left)
      throws InterruptedException {
    try {
      return opened != null && opened.life().awaitReady(left);
    } catch (IllegalStateException | EtlException e) {
      return false;
    }
  }

  // ---- the thread ----

  private void run() throws InterruptedException {
    try {
      boolean again = true;
      while (again && !ending.isOpen()) {
        restartAsked = false;
        show(view.opening());
        long begun = platform.nanos();
        EtlException cause = runOnce();
        again = cause != null;
        if (cause != null) {
          boolean ranLong = platform.nanos() - begun >= restarts.longest().toNanos();
          await(failed(cause, ranLong));
        }
      }
    } finally {
      show(view.end()); // who waits for it must not wait for ever
    }
  }

  /** Why it failed; null if it ended as it was asked to. */
  @SuppressWarnings("IllegalCatch") // whatever ends a pipeline is a reason to start it again
  private @Nullable EtlException runOnce() throws InterruptedException {
    Opened opened;
    try {
      opened = open();
    } catch (RuntimeException | Error e) {
      return Unexpected.failure("opening pipeline " + id, e);
    }
    try (opened) {
      show(view.with(opened));
      if (!ending.isOpen()) {
        opened.life().start();
        show(view.working());
        boolean unused = opened.life().awaitTermination(FOREVER);
      }
      return null;
    } catch (RuntimeException | Error e) {
      boolean endedBefore = ending.isOpen() && e instanceof IllegalStateException;
      return endedBefore ? null : Unexpected.failure("running pipeline " + id, e);
    }
  }

  private Opened open() {
    AtomicReference<@Nullable Opened> made = new AtomicReference<>();
    opener.during(
        () -> {
          if (ending.isOpen()) { // asked to end before there was a thread to interrupt
            throw new IllegalStateException("pipeline " + id + " was asked to end");
          }
          made.set(opening.open());
        });
    return Objects.requireNonNull(made.get());
  }

  /** The delay before the next start. */
  private Duration failed(EtlException cause, boolean ranLong) {
    failures = ranLong ? 1 : failures + 1;
    Instant first = since;
    if (failures == 1 || first == null) {
      first = platform.instant();
      since = first;
    }
    Duration delay = restarts.delay(cause, failures).orElse(FOREVER);
    boolean isNever = delay.equals(FOREVER);
    Instant next = isNever ? null : platform.instant().plus(delay);
    show(
        view.failed(
            cause, new FailureStatus(cause.kind(), cause.getMessage(), first, failures, next)));
    String when = isNever ? "when it is asked to" : "in " + delay.toMillis() + " ms";
    if (ending.isOpen()) {
      LOG.warn("pipeline {} has failed while it was ended", id, cause);
    } else if (Restarts.needsManualIntervention(cause)) {
      LOG.error("pipeline {} has failed and starts again {}", id, when, cause);
    } else {
      LOG.warn("pipeline {} has failed and starts again {}: {}", id, when, cause.toString());
    }
    return delay;
  }

  private void await(Duration delay) throws InterruptedException {
    long until = platform.nanos() + Ticker.nanos(delay);
    long left = Ticker.nanos(delay);
    while (left > 0) {
      long seen = changed.count();
      if (ending.isOpen() || restartAsked) {
        return;
      }
      changed.await(seen, left);
      left = until - platform.nanos();
    }
  }

  private void show(RunView next) {
    view = next;
    changed.raise();
  }
}

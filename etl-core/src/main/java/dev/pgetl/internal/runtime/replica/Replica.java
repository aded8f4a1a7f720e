package dev.pgetl.internal.runtime.replica;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.deliver.Unexpected;
import dev.pgetl.internal.platform.Latch;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.platform.Ticker;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.internal.runtime.replica.Standby.Taken;
import dev.pgetl.internal.runtime.worker.LogContext;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.runtime.worker.PipelineFailure;
import dev.pgetl.internal.runtime.worker.PipelineLife;
import dev.pgetl.internal.runtime.worker.Trouble;
import dev.pgetl.internal.runtime.worker.Worker;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.LeaseConfig;
import dev.pgetl.store.LeaseStore;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pipeline's life in one of several processes: it waits, works, and waits again. Each time it
 * works it has an engine, a source and a tenure of its own; the store and the destination are the
 * same all the time. Thread-safe.
 */
public final class Replica implements PipelineLife {
  private static final Logger LOG = LoggerFactory.getLogger(Replica.class);

  /** Often enough for a takeover within a second; a question costs the store 0.1 ms. */
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** After a failure, of a start above all, others have their turn. */
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final Duration GOOD_BYE = Duration.ofSeconds(5);

  private final PipelineConfig config;
  private final PipelineListener listener;
  private final Platform platform;
  private final LeaseStore leases;
  private final SharedDestination destination;
  private final Standby standby;
  private final Terms terms;
  private final LeaseKeeper keeper;
  private final Worker.Factory workers;
  private final PipelineFailure failure;
  private final Latch ending;
  private final Latch terminated;
  private final AtomicReference<State> state = new AtomicReference<>(State.CREATED);
  private final Trouble trouble;
  private volatile @Nullable Term current;
  private volatile long notBefore;

  private Replica(
      PipelineContext context, LeaseConfig lease, LeaseStore leases, Platform platform) {
    this.config = context.config();
    this.listener = context.listener();
    this.platform = platform;
    this.leases = leases;
    this.destination = new SharedDestination(context.destination());
    this.standby =
        new Standby(
            config,
            lease,
            leases,
            () -> PipelineContext.source(config, platform),
            slot -> slot.equals(context.applySlot()) || slot.startsWith(context.syncSlotPrefix()),
            platform);
    this.keeper = new LeaseKeeper(config.id(), lease, leases, platform);
    this.workers = new Worker.Factory(config.id(), platform, this::unexpected);
    this.failure = new PipelineFailure(platform);
    this.trouble = new Trouble(listener, platform);
    this.ending = new Latch(platform);
    this.terms = new Terms(context, destination, ending);
    this.terminated = new Latch(platform);
    this.notBefore = platform.nanos();
  }

  /**
   * {@return a pipeline that has not begun}
   *
   * @param config the settings, with those of the lease
   * @param store what all processes remember
   * @param destination where rows and events go
   * @param listener is notified of what happens
   * @throws IllegalArgumentException if the store has no leases
   */
  public static Replica create(
      PipelineConfig config,
      PipelineStore store,
      Destination destination,
      PipelineListener listener) {
    LeaseStore leases =
        store
            .leases()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the store of pipeline %s has no leases: only one process can use it"
                            .formatted(config.id())));
    PipelineContext context = PipelineContext.of(config, store, destination, listener);
    return new Replica(context, config.standby().orElseThrow(), leases, context.platform());
  }

  // ---- the start ----

  @Override
  public void start() {
    if (!state.compareAndSet(State.CREATED, State.STARTING)) {
      throw new IllegalStateException(
          "pipeline " + config.id() + " was started before; a pipeline runs once");
    }
    LogContext.during(config.id(), "start", this::startOnce);
  }

  @SuppressWarnings("IllegalCatch") // an error must end the pipeline, too
  private void startOnce() {
    Term first;
    try {
      Taken taken = standby.tryTake();
      first = taken == null ? null : terms.begin(taken, true);
    } catch (RuntimeException | Error e) {
      EtlException cause = Unexpected.failure("starting pipeline " + config.id(), e);
      boolean unused = failure.add(cause);
      end();
      throw cause;
    }
    if (first == null) {
      waitForTurn();
    } else {
      current = first;
    }
    Worker unused = workers.start("lease", () -> live(first));
    if (first != null) {
      startFirst(first);
    }
  }

  private void startFirst(Term first) {
    try {
      first.start();
    } catch (EtlException e) {
      if (!first.isLost()) {
        terminated.awaitUninterruptibly();
        throw e;
      }
    }
  }

  // ---- the thread that keeps the lease or waits for it ----

  private void live(@Nullable Term first) throws InterruptedException {
    try {
      Term term = first == null ? awaitTurn() : first;
      while (term != null) {
        keeper.keep(term);
        term = continues(term) ? awaitTurn() : null;
      }
    } finally {
      Term last = current;
      if (last != null) {
        last.engine().close();
      }
      end();
    }
  }

  /** {@return what begins; null if the pipeline ends} */
  private @Nullable Term awaitTurn() throws InterruptedException {
    for (int failures = 1; !ending.isOpen(); failures++) {
      long pause = POLL_NANOS;
      try {
        Taken taken = mayTake() ? standby.tryTake() : null;
        if (taken != null) {
          return begin(taken);
        }
        trouble.over();
        failures = 0;
      } catch (EtlException e) {
        standby.release();
        pause = RETRY_NANOS;
        trouble.waiting(e, failures, Duration.ofNanos(pause));
      }
      boolean unused = ending.await(pause);
    }
    return null;
  }

  /** A call of an earlier tenure that has not returned could be another process's by now. */
  private boolean mayTake() {
    boolean may = platform.nanos() - notBefore >= 0 && !destination.isBusy();
    if (!may) {
      var unused = standby.look();
    }
    return may;
  }

  private @Nullable Term begin(Taken taken) {
    Term term = terms.begin(taken, false);
    current = term;
    if (!state.compareAndSet(State.STANDBY, State.STARTING)) {
      taken.source().close();
      taken.tenure().end();
      current = null;
      return null; // asked to end
    }
    Worker unused = workers.start("start", () -> startAgain(term));
    return term;
  }

  private static void startAgain(Term term) {
    try {
      term.start();
    } catch (EtlException e) {
      LOG.info("the start after a takeover failed: {}", e.getMessage());
    }
  }

  /** {@return whether this process waits for its next turn} */
  private boolean continues(Term term) {
    boolean lost = term.isLost();
    boolean repeat = term.mayBeRepeated() || term.isHandedOver();
    term.tenure().end();
    EtlException cause = term.failure();
    if (ending.isOpen()) {
      addUnless(lost, cause);
      return false;
    }
    if (!lost && !repeat) {
      addUnless(false, cause);
      return false;
    }
    giveBack();
    if (!lost) {
      Duration abstinence =
          term.isHandedOver()
              ? config.standby().flatMap(LeaseConfig::handOverAfter).orElse(Duration.ZERO)
              : Duration.ofNanos(RETRY_NANOS);
      notBefore = platform.nanos() + abstinence.toNanos();
    }
    waitForTurn();
    return true;
  }

  private void addUnless(boolean lost, @Nullable EtlException cause) {
    if (!lost && cause != null) {
      boolean unused = failure.add(cause);
    }
  }

  private void waitForTurn() {
    State before = state.getAndUpdate(now -> now == State.STARTING ? State.STANDBY : now);
    if (before == State.STARTING) {
      String owner = standby.owner();
      LOG.info("pipeline {} waits while \"{}\" owns it", config.id(), owner);
      listener.onStandby(owner);
    }
  }

  // ---- the end ----

  private void end() {
    try {
      destination.close(workers, config.shutdownTimeout());
    } finally {
      standby.release();
      giveBack();
      state.set(failure.reason() == null ? State.STOPPED : State.FAILED);
      ending.open();
      terminated.open();
    }
  }

  private void giveBack() {
    try {
      leases.giveBack();
    } catch (EtlException e) {
      LOG.info(
          "pipeline {} could not give its lease back; others wait until it expires: {}",
          config.id(),
          e.getMessage());
    }
  }

  private void unexpected(Throwable cause) {
    EtlException e = Unexpected.failure("running pipeline " + config.id(), cause);
    if (failure.add(e)) {
      LOG.error("pipeline {} fails: {}: {}", config.id(), e.kind(), e.getMessage(), e);
    }
    shutdown();
  }

  @Override
  public void shutdown() {
    State before =
        state.getAndUpdate(
            now ->
                switch (now) {
                  case CREATED -> State.STOPPED;
                  case STARTING, STANDBY -> State.STOPPING;
                  default -> now;
                });
    if (before == State.CREATED) {
      terminated.open();
    }
    ending.open();
    Term term = current;
    if (term != null) {
      term.engine().shutdown();
    }
  }

  @Override
  public void close() {
    shutdown();
    try {
      Duration limit = config.shutdownTimeout().multipliedBy(2).plus(GOOD_BYE);
      if (!terminated.await(Ticker.nanos(limit))) {
        LOG.warn("pipeline {} did not end within {}", config.id(), limit);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean awaitTermination(Duration limit) throws InterruptedException {
    boolean over = terminated.await(Ticker.nanos(limit));
    if (over) {
      failure.throwIfAny();
    }
    return over;
  }

  // ---- what it does ----

  @Override
  public PipelineStatus status() {
    State now = Objects.requireNonNull(state.get());
    Term term = current;
    if (now == State.STANDBY) {
      String owner = standby.seen().owner();
      return PipelineStatus.builder(now).owner(owner).failure(trouble.now()).build();
    } else if (term == null) {
      return PipelineStatus.builder(now).failure(failure.status()).build();
    }
    return term.status(now, failure.status());
  }

  @Override
  public boolean awaitReady(Duration limit) throws InterruptedException {
    return await(limit, PipelineEngine::awaitReady);
  }

  @Override
  public boolean awaitApplied(Lsn position, Duration limit, Predicate<TableId> wanted)
      throws InterruptedException {
    return await(limit, (engine, left) -> engine.awaitApplied(position, left, wanted));
  }

  private boolean await(Duration limit, Question question) throws InterruptedException {
    if (state.get() == State.CREATED) {
      throw new IllegalStateException("pipeline " + config.id() + " was not started");
    }
    boolean answer = question.await(limit, () -> current, terminated, platform);
    if (!answer && terminated.isOpen()) {
      failure.throwIfAny();
    }
    return answer;
  }

  @Override
  public void resync(TableId id, @Nullable KeyRange range) throws InterruptedException {
    failure.throwIfAny();
    Term term = current;
    if (state.get() == State.STANDBY || term == null || !term.works()) {
      throw new IllegalStateException(
          "pipeline "
              + config.id()
              + " does not work in this process; ask its owner: "
              + standby.seen().owner());
    }
    term.engine().resync(id, range);
  }
}

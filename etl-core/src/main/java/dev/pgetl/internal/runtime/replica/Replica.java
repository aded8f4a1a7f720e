package dev.pgetl.internal.runtime.replica;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Latch;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.platform.Ticker;
import dev.pgetl.internal.platform.Unexpected;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.internal.runtime.order.Operated;
import dev.pgetl.internal.runtime.replica.Standby.Taken;
import dev.pgetl.internal.runtime.waits.Threads;
import dev.pgetl.internal.runtime.worker.LogContext;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.runtime.worker.PipelineFailure;
import dev.pgetl.internal.runtime.worker.PipelineLife;
import dev.pgetl.internal.runtime.worker.Trouble;
import dev.pgetl.internal.runtime.worker.Worker;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.observe.ThreadStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.LeaseConfig;
import dev.pgetl.store.LeaseStore;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
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

  private static final Duration GOOD_BYE = Duration.ofSeconds(5);

  private final PipelineConfig config;
  private final LeaseConfig lease;
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
  private final Waiting waiting;
  private final Rehearsal rehearsal;
  private volatile @Nullable Term current;

  private Replica(
      PipelineContext context, LeaseConfig lease, LeaseStore leases, Platform platform) {
    this.config = context.config();
    this.lease = lease;
    this.listener = context.listener();
    this.platform = platform;
    this.leases = new WatchedLeases(leases);
    this.destination = new SharedDestination(context.destination());
    this.standby =
        new Standby(
            config,
            lease,
            this.leases,
            () -> PipelineContext.source(config, platform),
            context::ownsSlot,
            platform);
    this.keeper = new LeaseKeeper(config.id(), lease, this.leases, platform);
    this.workers = new Worker.Factory(config.id(), platform, this::unexpected);
    this.failure = new PipelineFailure(platform);
    this.ending = new Latch(platform);
    Trouble trouble = new Trouble(listener, platform);
    this.waiting = new Waiting(config.id(), standby, destination, trouble, ending, platform);
    this.terms = new Terms(context, destination, ending);
    this.rehearsal = new Rehearsal(context, this.leases);
    this.terminated = new Latch(platform);
  }

  /**
   * {@return a pipeline that has not begun}
   *
   * @param context what it was given
   * @param lease how it waits
   * @param leases says whose turn it is
   */
  public static Replica create(PipelineContext context, LeaseConfig lease, LeaseStore leases) {
    return new Replica(context, lease, leases, context.platform());
  }

  // ---- the start ----

  @Override
  public void start() {
    if (!state.compareAndSet(State.CREATED, State.STARTING)) {
      throw new IllegalStateException(
          "pipeline " + config.id() + " was started before; a pipeline runs once");
    }
    LogContext.during(config.id(), "start", () -> workers.duringStart(this::startOnce));
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
    current = first;
    if (first == null) {
      standBy();
      Worker unused = workers.start("rehearsal", rehearsal::run);
    } else if (ending.isOpen()) {
      first.engine().shutdown(); // asked to end while there was no engine to ask
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
      if (first.decision().awaitFailed()) {
        terminated.awaitUninterruptibly();
        throw e;
      }
    }
  }

  // ---- the thread that keeps the lease or waits for it ----

  @SuppressWarnings("IllegalCatch") // an error must end the pipeline, too
  private void live(@Nullable Term first) throws InterruptedException {
    try {
      Term term = first == null ? awaitTurn() : first;
      while (term != null) {
        keeper.keep(term);
        term = continues(term) ? awaitTurn() : null;
      }
    } catch (RuntimeException | Error e) {
      unexpected(e);
    } finally {
      Term last = current;
      if (last != null) {
        last.engine().close();
        last.decision().make(failure.reason() != null);
      }
      end();
    }
  }

  /** {@return what begins; null if the pipeline ends} */
  private @Nullable Term awaitTurn() throws InterruptedException {
    Taken taken = waiting.await();
    if (taken == null) {
      return null;
    }
    Term term = terms.begin(taken, false);
    current = term;
    if (!state.compareAndSet(State.STANDBY, State.STARTING)) {
      term.lose(); // asked to end
      current = null;
      return null;
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
  private boolean continues(Term term) throws InterruptedException {
    boolean repeat = term.mayBeRepeated() || term.isHandedOver();
    EtlException cause = term.failure();
    boolean lost =
        term.isLost()
            || (!repeat && cause != null && !ending.isOpen() && keeper.isOvertaken(cause, ending));
    term.tenure().end();
    boolean waits = (lost || repeat) && !ending.isOpen();
    if (waits) {
      waitAfter(term, lost);
    } else if (!lost && cause != null) {
      boolean unused = failure.add(cause);
    }
    term.decision().make(!waits && !lost && cause != null);
    return waits;
  }

  private void waitAfter(Term term, boolean lost) {
    boolean standsBy = enterStandby();
    giveBack();
    if (term.hasWorked()) {
      waiting.isOver();
    }
    if (!lost || term.isRefused()) {
      waiting.abstain(
          term.isHandedOver() ? lease.handOverAfter().orElse(Duration.ZERO) : Waiting.RETRY);
      EtlException cause = term.failure();
      if (cause != null && !term.isHandedOver()) {
        waiting.isHindered(cause, Waiting.RETRY);
      }
    }
    if (standsBy) {
      announceStandby();
    }
  }

  private void standBy() {
    if (enterStandby()) {
      announceStandby();
    }
  }

  private boolean enterStandby() {
    return state.compareAndSet(State.STARTING, State.STANDBY);
  }

  private void announceStandby() {
    String owner = standby.owner();
    LOG.info(
        "pipeline {} waits while {} owns it",
        config.id(),
        owner.isEmpty() ? "another process" : '"' + owner + '"');
    listener.onStandby(owner);
  }

  // ---- the end ----

  @SuppressWarnings("IllegalCatch") // of the destination, whatever it is
  private void end() {
    try {
      rehearsal.stop();
      destination.close(workers, config.shutdownTimeout(), keeper);
    } catch (RuntimeException | Error e) {
      unexpected(e);
    } finally {
      standby.release();
      giveBack();
      state.set(failure.end() == null ? State.STOPPED : State.FAILED);
      ending.open();
      terminated.open();
    }
  }

  private void giveBack() {
    try {
      leases.giveBack();
    } catch (EtlException | IllegalStateException e) { // the application may close the store first
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
    List<ThreadStatus> threads = Threads.status(workers.movements(), List.of(), platform);
    if (now == State.STANDBY || term == null) {
      PipelineStatus.Builder status = PipelineStatus.builder(now).threads(threads);
      return (now == State.STANDBY
              ? status.owner(standby.seen().owner()).failure(waiting.trouble())
              : status.failure(failure.status()))
          .build();
    }
    return term.status(now, failure.status(), threads);
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
  public Operated operated() {
    failure.throwIfAny();
    Term term = current;
    if (state.get() == State.STANDBY || term == null || !term.works()) {
      throw new IllegalStateException(
          "pipeline "
              + config.id()
              + " does not work in this process; ask its owner: "
              + standby.seen().owner());
    }
    return term.engine().operated();
  }
}

package dev.pgetl.internal.runtime;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Latch;
import dev.pgetl.internal.platform.Ticker;
import dev.pgetl.internal.platform.Unexpected;
import dev.pgetl.internal.runtime.copyonly.CopyRun;
import dev.pgetl.internal.runtime.operate.Operations;
import dev.pgetl.internal.runtime.operate.QuarantinedTables;
import dev.pgetl.internal.runtime.order.Operated;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.waits.Threads;
import dev.pgetl.internal.runtime.waits.Waits;
import dev.pgetl.internal.runtime.waits.WatchedDestination;
import dev.pgetl.internal.runtime.worker.LogContext;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.runtime.worker.PipelineFailure;
import dev.pgetl.internal.runtime.worker.PipelineLife;
import dev.pgetl.internal.runtime.worker.PipelineRun;
import dev.pgetl.internal.runtime.worker.RevocableStore;
import dev.pgetl.internal.runtime.worker.Rivals;
import dev.pgetl.internal.runtime.worker.StartingThread;
import dev.pgetl.internal.runtime.worker.Worker;
import dev.pgetl.observe.FailureStatus;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.observe.ThreadStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A pipeline's life from start to end. Thread-safe. */
public final class PipelineEngine implements PipelineLife {
  private static final Logger LOG = LoggerFactory.getLogger(PipelineEngine.class);

  private final Waits waits;
  private final RevocableStore store;
  private final Destination destination;
  private final PipelineContext context;
  private final PipelineConfig config;
  private final Tables tables;
  private final StreamResources resources;
  private final AtomicReference<State> state = new AtomicReference<>(State.CREATED);
  private final PipelineFailure failure;
  private final Latch ending;
  private final Latch terminated;
  private final StartingThread starting;
  private final Rivals rivals;
  private volatile @Nullable PipelineRun running;
  private volatile Runnable ended = () -> {};

  /**
   * Creates a pipeline that has not begun.
   *
   * @param context what it was given
   */
  public PipelineEngine(PipelineContext context) {
    this(context, Rivals.NONE);
  }

  /**
   * Creates a pipeline that may have to stop for another process.
   *
   * @param context what it was given
   * @param rivals what that means for it
   */
  public PipelineEngine(PipelineContext context, Rivals rivals) {
    this.rivals = rivals;
    this.waits = new Waits(context.platform());
    this.store = new RevocableStore(context.store(), context.platform(), rivals, waits);
    waits.follow("the source to answer", context.source()::unansweredNanos);
    this.destination = context.destination();
    this.context = context.over(store).to(new WatchedDestination(destination, waits));
    this.config = context.config();
    this.tables = new Tables(this.context);
    this.failure = new PipelineFailure(context.platform());
    this.ending = new Latch(context.platform());
    this.terminated = new Latch(context.platform());
    this.starting = new StartingThread(context.platform());
    Worker.Factory workers = new Worker.Factory(config.id(), context.platform(), this::unexpected);
    this.resources = StreamResources.of(config, workers);
  }

  @Override
  public void start() {
    start(new TableClaims(), () -> {});
  }

  /**
   * Starts as one of several.
   *
   * @param claims which of them has which table
   * @param whenEnded is called when it has ended, if it has run
   */
  public void start(TableClaims claims, Runnable whenEnded) {
    if (!state.compareAndSet(State.CREATED, State.STARTING)) {
      throw new IllegalStateException(
          "pipeline " + config.id() + " was started before; a pipeline runs once");
    }
    ended = whenEnded;
    starting.during(
        () ->
            LogContext.during(
                config.id(),
                "start",
                () -> resources.workers().duringStart(() -> startOnce(claims))));
  }

  @SuppressWarnings("IllegalCatch") // an error must end the pipeline, too
  private void startOnce(TableClaims claims) {
    Startup startup = new Startup(context, tables, resources.calls());
    try {
      startWorkers(startup, claims);
    } catch (RuntimeException | Error e) {
      startFailed(e, startup.hasStartedDestination());
    }
  }

  private void startWorkers(Startup startup, TableClaims claims) {
    if (context.copyOnly()) {
      startup.prepareCopies();
      startAwaitingEnd();
      CopyRun copies = new CopyRun(context, resources, tables, this::shutdown);
      running = copies;
      copies.begin();
    } else {
      Startup.Prepared prepared = startup.prepare(claims);
      startAwaitingEnd();
      PipelineWorkers workers =
          new PipelineWorkers(
              context, resources, tables, prepared, this::unexpected, this::isStopping);
      running = workers;
      workers.begin(prepared.scopes(), prepared.claims());
    }
    if (!state.compareAndSet(State.STARTING, State.RUNNING)) {
      ending.open(); // asked to stop while starting
    }
  }

  private void startAwaitingEnd() {
    Worker unused = resources.workers().start("shutdown", this::endWhenAsked);
  }

  private void startFailed(Throwable cause, boolean destinationStarted) {
    PipelineRun run = running;
    boolean asked = run == null && state.get() == State.STOPPING;
    EtlException e = Unexpected.failure("starting pipeline " + config.id(), cause);
    LOG.debug("start failed", e);
    boolean unused = !asked && failure.add(e);
    if (run != null) {
      state.set(State.STOPPING);
      ending.open();
    } else {
      endWithoutWorkers(destinationStarted);
    }
    if (!asked) {
      throw e;
    }
  }

  private void endWithoutWorkers(boolean destinationStarted) {
    try {
      if (destinationStarted) {
        closeDestination();
      }
    } finally {
      release();
      ending.open();
      terminated.open();
    }
  }

  /** From here on nothing of this pipeline reaches the source or the store. */
  private void release() {
    context.source().close();
    store.revoke(Shutdown.LAST_PATIENCE.toNanos());
    state.set(failure.end() == null ? State.STOPPED : State.FAILED);
  }

  private boolean isStopping() {
    State now = state.get();
    return now != State.STARTING && now != State.RUNNING;
  }

  private void unexpected(Throwable cause) {
    EtlException e = Unexpected.failure("running pipeline " + config.id(), cause);
    if (failure.add(e) && rivals.isLoss(e)) {
      LOG.info("pipeline {} stops here: {}: {}", config.id(), e.kind(), e.getMessage());
    } else if (failure.reason() == e) {
      LOG.error("pipeline {} fails: {}: {}", config.id(), e.kind(), e.getMessage(), e);
    }
    shutdown();
  }

  /** {@return what it does, at less cost than that with the rest of its status} */
  public State state() {
    State now = Objects.requireNonNull(state.get());
    return now == State.RUNNING && resources.calls().pausedSince() != null ? State.PAUSED : now;
  }

  @Override
  public PipelineStatus status() {
    return status(now -> now, null, List.of());
  }

  /**
   * {@return what it does, for a pipeline that has several engines}
   *
   * @param shown what the pipeline does, by what this engine does
   * @param failed why the pipeline has failed; null if it has not
   * @param others what threads of the pipeline do that are not this engine's
   */
  public PipelineStatus status(
      UnaryOperator<State> shown, @Nullable FailureStatus failed, List<ThreadStatus> others) {
    PipelineRun run = running;
    State now = Objects.requireNonNull(state.get());
    Instant pausedSince = now == State.RUNNING ? resources.calls().pausedSince() : null;
    PipelineStatus.Builder status =
        PipelineStatus.builder(shown.apply(pausedSince == null ? now : State.PAUSED))
            .pausedSince(pausedSince)
            .tables(QuarantinedTables.addTo(destination, tables.status()))
            .bufferedBytes(resources.budget().used())
            .waits(waits.status())
            .threads(Threads.status(resources.workers().movements(), others, context.platform()))
            .failure(failed == null ? failure.status() : failed);
    return (run == null ? status : run.addTo(status)).build();
  }

  @Override
  public boolean awaitReady(Duration limit) throws InterruptedException {
    boolean ready = requireRunning().awaitReady(Ticker.nanos(limit), terminated::isOpen);
    failure.throwIfAny();
    return ready;
  }

  @Override
  public boolean awaitApplied(Lsn position, Duration limit, Predicate<TableId> wanted)
      throws InterruptedException {
    PipelineRun run = requireRunning();
    boolean applied = run.awaitApplied(position, wanted, Ticker.nanos(limit), terminated::isOpen);
    if (!applied) {
      failure.throwIfAny();
      run.requireRunning(position);
    }
    return applied;
  }

  @Override
  public Operated operated() {
    PipelineRun run = requireRunning();
    if (state.get() != State.RUNNING) {
      failure.throwIfAny();
      throw new IllegalStateException("pipeline " + config.id() + " does not run any more");
    }
    return new Operations(config.id(), run, resources.calls());
  }

  private PipelineRun requireRunning() {
    PipelineRun run = running;
    if (run == null) {
      failure.throwIfAny();
      throw new IllegalStateException("pipeline " + config.id() + " was not started");
    }
    return run;
  }

  @Override
  public void shutdown() {
    LogContext.during(config.id(), "shutdown", this::shutdownOnce);
  }

  private void shutdownOnce() {
    if (state.compareAndSet(State.CREATED, State.STOPPED)) {
      context.source().close(); // it may have been connected before
      terminated.open();
    } else if (state.compareAndSet(State.STARTING, State.STOPPING)) {
      LOG.info("pipeline {} stops while it starts", config.id());
      abandonStart();
    } else if (state.compareAndSet(State.RUNNING, State.STOPPING)) {
      ending.open();
    }
  }

  /** Whatever the start waits for, it fails. */
  private void abandonStart() {
    if (running == null) {
      store.revoke(0);
      context.source().close();
      starting.interrupt();
    }
  }

  /** On a thread that is there from the start: later there may be none to be had. */
  private void endWhenAsked() throws InterruptedException {
    boolean unused = ending.await(Ticker.FOREVER);
    PipelineRun run = running;
    if (run != null) {
      stop(run);
    }
  }

  private void stop(PipelineRun run) throws InterruptedException {
    LOG.info("pipeline {} stops", config.id());
    resources.calls().end();
    try {
      Shutdown.endWorkers(context, run);
      Shutdown.endDestination(context, resources.workers().start("close", this::closeDestination));
    } catch (RuntimeException e) {
      unexpected(e);
    } finally {
      release();
      LOG.info("pipeline {} has ended", config.id());
      try {
        ended.run();
      } finally {
        terminated.open();
      }
    }
  }

  private void closeDestination() {
    EtlException problem = Shutdown.closeDestination(context);
    boolean unused = problem != null && failure.add(problem);
  }

  @Override
  public boolean awaitTermination(Duration limit) throws InterruptedException {
    boolean over = awaitEnd(limit);
    if (over) {
      failure.throwIfAny();
    }
    return over;
  }

  /** {@return whether it has ended in time, cleanly or not} */
  public boolean awaitEnd(Duration limit) throws InterruptedException {
    return terminated.await(Ticker.nanos(limit));
  }

  /** {@return why it has failed; null if it has not} */
  public @Nullable EtlException failure() {
    return failure.reason();
  }

  @Override
  public void close() {
    shutdown();
    awaitClosed(context.platform().nanos());
  }

  /**
   * Waits for the end for {@link Shutdown#longest} at most.
   *
   * @param askedAt since when, in nanoseconds of the platform
   */
  public void awaitClosed(long askedAt) {
    Duration limit = Shutdown.longest(config);
    try {
      if (!awaitEnd(limit.minusNanos(context.platform().nanos() - askedAt))) {
        LOG.warn("pipeline {} did not end within {}", config.id(), limit);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** {@return whether it copies the rows that exist already, and nothing else} */
  public boolean copiesOnly() {
    return context.copyOnly();
  }

  /** {@return the pipeline's id} */
  public String id() {
    return config.id();
  }

  /** {@return what it remembers} */
  public PipelineStore store() {
    return store.given();
  }

  /** {@return where rows and events go} */
  public Destination destination() {
    return destination;
  }
}

package dev.pgetl.internal.runtime;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.capture.PublishedTable;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.SourceFacts;
import dev.pgetl.internal.deliver.Backoff;
import dev.pgetl.internal.deliver.ByteBudget;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.observe.StreamStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A pipeline's life from start to end. Thread-safe. */
public final class PipelineEngine {
  private static final Logger LOG = LoggerFactory.getLogger(PipelineEngine.class);
  private static final Duration LAST_PATIENCE = Duration.ofSeconds(1);

  private final PipelineConfig config;
  private final Services services;
  private final Worker.Factory workers;
  private final AtomicReference<State> state = new AtomicReference<>(State.CREATED);
  private final AtomicReference<@Nullable EtlException> failure = new AtomicReference<>();
  private final CountDownLatch terminated = new CountDownLatch(1);
  private final Supervisor supervisor;

  private volatile @Nullable Running running;
  private volatile Runnable ended = () -> {};

  /** The parts of a started pipeline. */
  private record Running(ApplyStream apply, Worker applyWorker, SyncScheduler syncs) {}

  /**
   * Creates a pipeline that has not begun.
   *
   * @param config the settings
   * @param store what is remembered
   * @param destination where to
   * @param listener who hears of it
   */
  public PipelineEngine(
      PipelineConfig config,
      PipelineStore store,
      Destination destination,
      PipelineListener listener) {
    this.config = config;
    ThreadFactory threads = Executors.defaultThreadFactory();
    this.workers = new Worker.Factory(config.id(), threads, this::unexpected);
    this.supervisor = new Supervisor(config.id(), threads, this::unexpected);
    Backoff backoff =
        new Backoff(
            config.tableErrorRetryDelay(),
            config.tableErrorRetryMaxAttempts(),
            RandomGenerator.getDefault());
    HandOver handOver = new HandOver();
    this.services =
        new Services(
            config,
            store,
            destination,
            new SourceDatabase(config.pgConnection(), config.id(), System::nanoTime),
            listener,
            new TableStates(store, listener, handOver),
            handOver,
            new StreamFormat(config.binary()),
            new ByteBudget(config.maxBufferedBytes()),
            backoff,
            System::nanoTime,
            InstantSource.system());
  }

  /**
   * Checks the source, creates what is missing, starts the workers.
   *
   * @throws EtlException if the pipeline cannot run; it has ended then
   * @throws IllegalStateException if it was started before
   */
  public void start() {
    start(new TableClaims(), () -> {});
  }

  /** Starts as one of several, which is told when it has ended, if it has run. */
  void start(TableClaims claims, Runnable whenEnded) {
    if (!state.compareAndSet(State.CREATED, State.STARTING)) {
      throw new IllegalStateException(
          "pipeline " + config.id() + " was started before; a pipeline runs once");
    }
    ended = whenEnded;
    LogContext.during(config.id(), "start", () -> startOnce(claims));
  }

  @SuppressWarnings("IllegalCatch") // an error must end the pipeline, too; nobody else would
  private void startOnce(TableClaims claims) {
    boolean destinationStarted = false;
    try {
      SourceFacts facts =
          services
              .source()
              .check(config.publicationName(), services.applySlot(), config.maxTableSyncWorkers());
      Startup startup = new Startup(services, facts);
      startup.load();
      destinationStarted = true;
      services.destination().startup();
      List<PublishedTable> published = services.source().publishedTables(config.publicationName());
      TableClaims.Claimant own = claims.of(config, facts.systemIdentifier());
      own.takeAll(published);
      startup.reconcile(published);
      ReplicationProgress position = startup.position();
      startup.dropLeftoverSlots();
      startup.openGates();
      PartitionWatch partitions = new PartitionWatch(services);
      partitions.look(published);
      startWorkers(position, partitions, own);
    } catch (RuntimeException | Error e) {
      throw startFailed(e, destinationStarted);
    }
  }

  private void startWorkers(
      ReplicationProgress position, PartitionWatch partitions, TableClaims.Claimant claims) {
    AtomicReference<@Nullable SyncScheduler> scheduler = new AtomicReference<>();
    TableFailures failures =
        new TableFailures(
            services,
            (table, delay) -> supervisor.later(delay, () -> ifPresent(scheduler.get(), table)));
    ApplyStream apply = new ApplyStream(services, workers, failures, position);
    SyncScheduler syncs = new SyncScheduler(services, workers, apply, failures);
    scheduler.set(syncs);
    Worker applyWorker = workers.start("apply", () -> run(apply));
    running = new Running(apply, applyWorker, syncs);
    for (TableId table : services.states().ids()) {
      resume(table, syncs);
    }
    watchPublication(new PublicationWatch(services, apply, syncs, partitions, claims));
    LOG.info("pipeline {} runs with {} tables", config.id(), services.states().ids().size());
    if (!state.compareAndSet(State.STARTING, State.RUNNING)) {
      stopOnce(); // asked to stop while starting
    }
  }

  private static void ifPresent(@Nullable SyncScheduler syncs, TableId table) {
    if (syncs != null) {
      syncs.retry(table);
    }
  }

  private void resume(TableId table, SyncScheduler syncs) {
    TableReplicationPhase phase = services.states().phase(table);
    if (phase instanceof Errored errored) {
      if (errored.retryDirective() == RetryDirective.TIMED) {
        supervisor.later(services.backoff().delay(errored.attempt()), () -> syncs.retry(table));
      }
    } else if (!(phase instanceof Ready) && !(phase instanceof SyncDone)) {
      syncs.schedule(table);
    }
  }

  private void watchPublication(PublicationWatch watch) {
    Duration interval = config.publicationRefreshInterval();
    if (!interval.isZero()) {
      supervisor.later(interval, () -> lookAndGoOn(watch));
    }
  }

  private void lookAndGoOn(PublicationWatch watch) {
    try {
      watch.look();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    watchPublication(watch);
  }

  /** Whatever ends the main stream unasked, an extension that interrupts it too, is a failure. */
  private void run(ApplyStream apply) {
    try {
      apply.run();
      failUnlessStopping(null);
    } catch (InterruptedException e) {
      failUnlessStopping(e);
    } catch (RuntimeException e) {
      unexpected(e);
    } finally {
      apply.ended();
    }
  }

  private void failUnlessStopping(@Nullable InterruptedException cause) {
    State now = state.get();
    if (now == State.STARTING || now == State.RUNNING) {
      fail(
          new EtlException(
              ErrorKind.INTERNAL, "the main stream was interrupted by an extension", cause));
    }
  }

  private EtlException startFailed(Throwable cause, boolean destinationStarted) {
    EtlException e = asEtlException("starting pipeline " + config.id(), cause);
    failure.compareAndSet(null, e);
    if (running != null) {
      state.set(State.STOPPING);
      stopOnce();
      return e;
    }
    supervisor.stop();
    try {
      if (destinationStarted) {
        closeDestination(e);
      }
    } finally {
      services.source().close();
      state.set(State.FAILED);
      terminated.countDown();
    }
    return e;
  }

  private static EtlException asEtlException(String what, Throwable cause) {
    return cause instanceof EtlException known
        ? known
        : new EtlException(ErrorKind.INTERNAL, what + " failed", cause);
  }

  private void unexpected(Throwable cause) {
    fail(asEtlException("running pipeline " + config.id(), cause));
  }

  private void fail(EtlException cause) {
    if (failure.compareAndSet(null, cause)) {
      LOG.error("pipeline {} fails: {}", config.id(), cause.getMessage(), cause);
    }
    shutdown();
  }

  /** Asks the pipeline to end; returns at once. */
  public void shutdown() {
    LogContext.during(config.id(), "shutdown", this::shutdownOnce);
  }

  private void shutdownOnce() {
    if (state.compareAndSet(State.CREATED, State.STOPPED)) {
      supervisor.stop();
      terminated.countDown();
    } else if (state.compareAndSet(State.STARTING, State.STOPPING)) {
      LOG.info("pipeline {} stops once it has started", config.id());
    } else if (state.compareAndSet(State.RUNNING, State.STOPPING)) {
      stopOnce();
    }
  }

  private void stopOnce() {
    Running parts = running;
    if (parts != null) {
      workers.start("shutdown", () -> stop(parts));
    }
  }

  private void stop(Running parts) throws InterruptedException {
    LOG.info("pipeline {} stops", config.id());
    try {
      endAll(parts);
    } catch (RuntimeException e) {
      unexpected(e);
    } finally {
      services.source().close();
      state.set(failure.get() == null ? State.STOPPED : State.FAILED);
      LOG.info("pipeline {} has ended", config.id());
      tellEnd();
    }
  }

  private void tellEnd() {
    try {
      ended.run();
    } finally {
      terminated.countDown();
    }
  }

  private void endAll(Running parts) throws InterruptedException {
    supervisor.stop();
    parts.syncs.stop();
    parts.apply.stop();
    if (!awaitWorkers(parts, config.shutdownTimeout())) {
      LOG.warn(
          "pipeline {}: the destination did not answer in {}, calls under way are given up",
          config.id(),
          config.shutdownTimeout());
      parts.syncs.giveUp();
      parts.apply.giveUp();
      parts.applyWorker.interrupt();
      awaitWorkers(parts, LAST_PATIENCE);
    }
    endDestination();
  }

  private boolean awaitWorkers(Running parts, Duration patience) throws InterruptedException {
    long until = System.nanoTime() + patience.toNanos();
    return parts.syncs.await(until - System.nanoTime())
        && parts.applyWorker.await(until - System.nanoTime())
        && parts.apply.awaitDeliveryEnd(until - System.nanoTime());
  }

  private void endDestination() throws InterruptedException {
    Worker closing = workers.start("close", () -> closeDestination(failure.get()));
    if (!closing.await(config.shutdownTimeout().toNanos())) {
      LOG.warn(
          "destination {} did not close in {}",
          services.destination().name(),
          config.shutdownTimeout());
      closing.interrupt();
    }
  }

  private void closeDestination(@Nullable EtlException already) {
    try {
      services.destination().close();
    } catch (RuntimeException e) {
      EtlException problem =
          asEtlException("closing destination " + services.destination().name(), e);
      if (already == null) {
        failure.compareAndSet(null, problem);
      } else {
        already.addSuppressed(problem);
      }
    }
  }

  /**
   * Waits for the end.
   *
   * @throws EtlException why it ended, if not in good order
   */
  public void awaitTermination() throws InterruptedException {
    terminated.await();
    throwFailure();
  }

  /**
   * Waits for the end for a limited time.
   *
   * @param limit how long
   * @return whether it has ended in good order
   * @throws EtlException why it ended, if not in good order
   */
  public boolean awaitTermination(Duration limit) throws InterruptedException {
    boolean over = awaitEnd(limit);
    if (over) {
      throwFailure();
    }
    return over;
  }

  /** {@return whether it has ended in time, well or not} */
  boolean awaitEnd(Duration limit) throws InterruptedException {
    return terminated.await(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** {@return why it has failed, if it has} */
  @Nullable EtlException failure() {
    return failure.get();
  }

  private void throwFailure() {
    EtlException cause = failure();
    if (cause != null) {
      throw cause;
    }
  }

  /** Asks and waits for the end, for a limited time; what failed is not thrown again. */
  public void close() {
    shutdown();
    awaitClosed(System.nanoTime());
  }

  /** Waits for the end until a limited time after it was asked for. */
  void awaitClosed(long askedAt) {
    Duration limit = config.shutdownTimeout().multipliedBy(2).plus(LAST_PATIENCE.multipliedBy(2));
    try {
      if (!awaitEnd(limit.minusNanos(System.nanoTime() - askedAt))) {
        LOG.warn("pipeline {} did not end within {}", config.id(), limit);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** {@return a snapshot} */
  public PipelineStatus status() {
    Running parts = running;
    return PipelineStatus.builder(Objects.requireNonNull(state.get()))
        .tables(services.states().status())
        .stream(parts == null ? StreamStatus.NONE : parts.apply.status())
        .bufferedBytes(services.budget().used())
        .build();
  }

  /**
   * {@return whether every table was ready in time}
   *
   * @param limit how long to wait
   * @throws EtlException if the pipeline failed
   */
  public boolean awaitReady(Duration limit) throws InterruptedException {
    requireRunning();
    boolean ready = services.states().awaitReady(limit.toNanos(), () -> terminated.getCount() == 0);
    throwFailure();
    return ready;
  }

  /**
   * {@return whether everything committed before a position became durable in time}
   *
   * @param position the position
   * @param limit how long to wait
   * @throws EtlException if the pipeline failed
   */
  public boolean awaitApplied(Lsn position, Duration limit) throws InterruptedException {
    ApplyStream apply = requireRunning().apply;
    boolean applied = apply.awaitDurable(position, limit.toNanos());
    if (!applied) {
      throwFailure();
      apply.requireGoingOn(position);
    }
    return applied;
  }

  /**
   * Copies a table again while the others stream.
   *
   * @param table the table
   * @throws EtlException if the pipeline failed
   * @throws IllegalStateException if it does not run
   */
  public void resync(TableId table) throws InterruptedException {
    Running parts = requireRunning();
    if (state.get() != State.RUNNING) {
      throwFailure();
      throw new IllegalStateException("pipeline " + config.id() + " does not run any more");
    }
    if (!services.states().contains(table)) {
      throw new IllegalArgumentException(
          "table " + table + " is not part of pipeline " + config.id());
    }
    LogContext about = LogContext.enter(config.id(), "resync", services.states().name(table));
    try {
      LOG.info("table {} is copied again", services.states().name(table));
      parts.syncs.startOver(table);
    } finally {
      about.leave();
    }
  }

  Services services() {
    return services;
  }

  private Running requireRunning() {
    Running parts = running;
    if (parts == null) {
      throwFailure();
      throw new IllegalStateException("pipeline " + config.id() + " was not started");
    }
    return parts;
  }
}

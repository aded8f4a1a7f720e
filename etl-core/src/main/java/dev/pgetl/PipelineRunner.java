package dev.pgetl;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.platform.Ticker;
import dev.pgetl.internal.runner.Opening.Opened;
import dev.pgetl.internal.runner.PipelineKeeper;
import dev.pgetl.internal.runner.Restarts;
import dev.pgetl.internal.runner.RunView;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.store.PipelineStore;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps pipelines running in a service. A {@link Pipeline} runs once and ends when it fails; the
 * runner makes and starts another one, with a new store and a new destination.
 *
 * <pre>{@code
 * try (PipelineRunner runner =
 *     PipelineRunner.builder()
 *         .pipeline(
 *             PipelineConfig.builder("orders", "pub", source).build(),
 *             () -> new MemoryStore(FileLayer.open(folder)),
 *             () -> HttpDestination.builder(uri).build())
 *         .build()) {
 *   runner.runUntilShutdown();
 * }
 * }</pre>
 *
 * <p>When a pipeline starts again after a failure depends on {@link EtlException#retry()}:
 *
 * <ul>
 *   <li>{@code TIMED}, such as a source that is away: after a delay that doubles from the first to
 *       the longest, and begins with the first again once a pipeline has run for the longest one.
 *       {@code STORE_LOCKED}, too: the other process may end.
 *   <li>{@code MANUAL}, such as a missing privilege: each time after the longest delay, so that it
 *       works soon after its cause is fixed. A start changes nothing before it has checked what
 *       failed.
 *   <li>{@code NONE}, settings that contradict themselves: by {@link #restart} only.
 * </ul>
 *
 * <p>The pipelines are independent: each has its own thread, starts and fails alone. For tables
 * that are split between pipelines, see {@link PipelineGroup}. With a store that has leases, any
 * number of processes may run the same pipelines: one works, the others are {@code STANDBY}.
 *
 * <p><b>Threads.</b> Safe for concurrent use. One daemon thread for each pipeline calls the
 * factories and closes what they made, so a factory may take its time.
 *
 * <p><b>Failures.</b> Of the pipelines and factories: in {@link #status()} and the log. What is
 * thrown is said at each method.
 */
public final class PipelineRunner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PipelineRunner.class);
  private static final long FOREVER = Ticker.FOREVER;

  private final Platform platform;
  private final Map<String, PipelineKeeper> keepers;
  private final Duration stopLimit;
  private final AtomicBoolean started = new AtomicBoolean();

  private PipelineRunner(Builder from) {
    platform = Platform.jvm();
    stopLimit = from.stopLimit();
    Map<String, PipelineKeeper> all = new LinkedHashMap<>();
    Restarts restarts = new Restarts(from.firstDelay, from.longestDelay, platform.random());
    for (KeptPipeline kept : from.pipelines.values()) {
      String id = kept.config().id();
      all.put(id, new PipelineKeeper(id, kept, restarts, platform));
    }
    keepers = Collections.unmodifiableMap(all);
  }

  /** {@return a builder of a runner without pipelines} */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Starts all pipelines and returns at once; {@link #awaitReady} waits for them.
   *
   * @throws IllegalStateException if it was started before
   */
  public void start() {
    if (!started.compareAndSet(false, true)) {
      throw new IllegalStateException("runner of " + keepers.keySet() + " was started before");
    }
    keepers.values().forEach(PipelineKeeper::start);
  }

  /**
   * Starts all pipelines and waits until the JVM ends (by SIGTERM, SIGINT or {@link System#exit}),
   * or another thread calls {@link #close()}; the pipelines are closed then. For the {@code main}
   * of a process with no other work.
   *
   * @throws IllegalStateException if it was started before
   * @throws InterruptedException if the waiting thread was interrupted; the pipelines are closed
   */
  public void runUntilShutdown() throws InterruptedException {
    Thread closing = platform.newThread(this::close);
    Runtime.getRuntime().addShutdownHook(closing);
    try {
      start();
      for (PipelineKeeper keeper : keepers.values()) {
        boolean unused = keeper.awaitEnd(FOREVER);
      }
    } finally {
      close();
    }
  }

  /**
   * Waits until every table of every pipeline is {@code Ready}, also through restarts.
   *
   * @param limit how long to wait for all of them together
   * @return whether they were, each pipeline at one moment
   * @throws EtlException why a pipeline needs manual intervention
   * @throws IllegalStateException if it was not started
   * @throws InterruptedException if the waiting thread was interrupted
   */
  public boolean awaitReady(Duration limit) throws InterruptedException {
    if (!started.get()) {
      throw new IllegalStateException("runner of " + keepers.keySet() + " was not started");
    }
    long until = platform.nanos() + Ticker.nanos(limit);
    for (PipelineKeeper keeper : keepers.values()) {
      if (!keeper.awaitReady(Duration.ofNanos(Math.max(0, until - platform.nanos())))) {
        return false;
      }
    }
    return true;
  }

  /** {@return a snapshot of each pipeline by its id, in the order they were added; cheap} */
  public Map<String, RunStatus> status() {
    Map<String, RunStatus> status = new LinkedHashMap<>();
    keepers.forEach((id, keeper) -> status.put(id, status(keeper.view())));
    return Collections.unmodifiableMap(status);
  }

  /**
   * {@return a snapshot of one pipeline; cheap}
   *
   * @param id its id
   * @throws IllegalArgumentException if the runner has no such pipeline
   */
  public RunStatus status(String id) {
    return status(keeper(id).view());
  }

  private static RunStatus status(RunView view) {
    Opened opened = view.opened();
    PipelineStatus pipeline =
        opened == null ? PipelineStatus.builder(State.CREATED).build() : opened.life().status();
    EtlException cause = view.cause();
    boolean manual = cause != null && Restarts.needsManualIntervention(cause);
    return new RunStatus(pipeline, view.starts(), view.failure(), manual);
  }

  /**
   * {@return the present pipeline, for what only a pipeline can do, such as {@link
   * Pipeline#resync}; the last one until the next is made, and empty before the first} Do not close
   * it: it is not started again then.
   *
   * @param id its id
   * @throws IllegalArgumentException if the runner has no such pipeline
   */
  public Optional<Pipeline> pipeline(String id) {
    Opened opened = keeper(id).view().opened();
    return opened == null
        ? Optional.empty()
        : Optional.of(new Pipeline(Lives.of(opened.life(), opened::diagnose)));
  }

  /**
   * Starts a pipeline that has failed again at once, for example because the cause is fixed. Does
   * nothing for one that works.
   *
   * @param id its id
   * @throws IllegalArgumentException if the runner has no such pipeline
   */
  public void restart(String id) {
    keeper(id).restart();
  }

  private PipelineKeeper keeper(String id) {
    PipelineKeeper keeper = keepers.get(id);
    if (keeper == null) {
      throw new IllegalArgumentException(
          "no pipeline " + id + "; the runner has " + keepers.keySet());
    }
    return keeper;
  }

  /** Asks all pipelines to end and returns at once. */
  public void shutdown() {
    keepers.values().forEach(PipelineKeeper::shutdown);
  }

  /**
   * Asks all pipelines to end and waits for them, all at the same time: at most twice the longest
   * {@link PipelineConfig#shutdownTimeout()}, and 10 seconds for the rest. Does nothing the second
   * time.
   */
  @Override
  public void close() {
    shutdown();
    long until = platform.nanos() + stopLimit.toNanos();
    try {
      for (PipelineKeeper keeper : keepers.values()) {
        if (!keeper.awaitEnd(Math.max(0, until - platform.nanos()))) {
          LOG.warn("pipeline {} has not ended within {}", keeper.id(), stopLimit);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Builds a {@link PipelineRunner}. Not thread-safe. */
  public static final class Builder {
    private static final Duration FOR_THE_REST = Duration.ofSeconds(10);

    private final Map<String, KeptPipeline> pipelines = new LinkedHashMap<>();
    private Duration firstDelay = Duration.ofSeconds(1);
    private Duration longestDelay = Duration.ofMinutes(1);

    private Builder() {}

    /**
     * Adds a pipeline.
     *
     * @param config its settings
     * @param store makes a store for each start; closed after the pipeline if it is {@link
     *     AutoCloseable}
     * @param destination makes a destination for each start; closed by the pipeline
     * @return this builder
     * @throws IllegalArgumentException if there is one with this id already
     */
    public Builder pipeline(
        PipelineConfig config,
        Supplier<? extends PipelineStore> store,
        Supplier<? extends Destination> destination) {
      return pipeline(config, store, destination, PipelineListener.NONE);
    }

    /**
     * Adds a pipeline with a listener.
     *
     * @param config its settings
     * @param store makes a store for each start; closed after the pipeline if it is {@link
     *     AutoCloseable}
     * @param destination makes a destination for each start; closed by the pipeline
     * @param listener is notified of what each of its pipelines does
     * @return this builder
     * @throws IllegalArgumentException if there is one with this id already
     */
    public Builder pipeline(
        PipelineConfig config,
        Supplier<? extends PipelineStore> store,
        Supplier<? extends Destination> destination,
        PipelineListener listener) {
      Objects.requireNonNull(store, "store");
      Objects.requireNonNull(destination, "destination");
      Objects.requireNonNull(listener, "listener");
      KeptPipeline kept = new KeptPipeline(config, store, destination, listener);
      if (pipelines.putIfAbsent(config.id(), kept) != null) {
        throw new IllegalArgumentException("two pipelines have the id " + config.id());
      }
      return this;
    }

    /**
     * Sets the delays before a pipeline that has failed starts again; default 1 second and 1
     * minute.
     *
     * @param first after the first failure, above 0
     * @param longest at most, and before each start that manual intervention has to make possible
     * @return this builder
     */
    public Builder restartDelay(Duration first, Duration longest) {
      firstDelay = Objects.requireNonNull(first, "first");
      longestDelay = Objects.requireNonNull(longest, "longest");
      return this;
    }

    /**
     * {@return the runner, not started}
     *
     * @throws IllegalArgumentException if it has no pipeline, or the delays contradict each other
     */
    public PipelineRunner build() {
      if (pipelines.isEmpty()) {
        throw new IllegalArgumentException("a runner needs at least one pipeline");
      }
      return new PipelineRunner(this);
    }

    private Duration stopLimit() {
      return pipelines.values().stream()
          .map(kept -> kept.config().shutdownTimeout().multipliedBy(2))
          .max(Duration::compareTo)
          .orElseThrow()
          .plus(FOR_THE_REST);
    }
  }
}

package dev.pgetl;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.platform.Ticker;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.internal.runtime.TableClaims;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Several pipelines that run as one: parallel streams, for a source with more changes than one of
 * its cores decodes and with cores to spare. Each pipeline has its own id, publication, store and
 * destination, and a separate server process decodes its slot.
 *
 * <p>1. No table may be in the publications of two of them. A group that begins with such a table
 * does not start; one that is added to a second publication while the group runs is ignored there,
 * with a warning, until the first pipeline has removed its state, and is then copied again.
 *
 * <p>2. Order is kept per table, and per pipeline as always. Between pipelines there is none: a
 * transaction that changed tables of two of them is two transactions, with the same commit
 * position, delivered independently of each other.
 *
 * <p>3. The keys of events, {@code (commit LSN, ordinal)}, are unique per pipeline only. A receiver
 * of several pipelines must know which one an event belongs to: give each HTTP destination its own
 * {@code source(…)}.
 *
 * <p>4. All limits ({@code maxBufferedBytes}, {@code maxTableSyncWorkers} …) are those of each
 * pipeline; together they need the sum. The same holds for slots, WAL senders and connections.
 *
 * <p>5. The failure of one ends all: as soon as it has ended, the others are shut down, whether or
 * not a caller waits.
 *
 * <p>6. It does not wait for its turn: if another process runs one of the pipelines, the start
 * fails, as with {@link dev.pgetl.store.Standby#OFF}.
 *
 * <p>A group runs once. A new one, of new pipelines with the same ids and stores, continues where
 * the last one ended.
 *
 * <p><b>Threads.</b> Safe for concurrent use. It has no thread of its own; those of the pipelines
 * are daemons.
 *
 * <p><b>Failures.</b> Every method throws {@link dev.pgetl.error.EtlException} if a pipeline has
 * failed, those of the others suppressed in it, and {@link IllegalStateException} if the group is
 * not in the state the call needs.
 */
public final class PipelineGroup implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PipelineGroup.class);
  private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

  private final Ticker ticker = Platform.jvm();
  private final List<PipelineEngine> engines;
  private final TableClaims claims = new TableClaims();
  private final AtomicBoolean started = new AtomicBoolean();
  private final AtomicReference<@Nullable EtlException> failure = new AtomicReference<>();

  /** Waits for one pipeline. */
  private interface Wait {
    boolean await(PipelineEngine pipeline, Duration left) throws InterruptedException;
  }

  private PipelineGroup(List<Pipeline> pipelines) {
    engines = pipelines.stream().map(pipeline -> pipeline.lives().engine()).toList();
    if (engines.isEmpty()) {
      throw new IllegalArgumentException("a group needs at least one pipeline");
    }
    requireStreaming();
    requireDistinct("id", Set.copyOf(ids()));
    requireDistinct("store", identities(PipelineEngine::store));
    requireDistinct("destination", identities(PipelineEngine::destination));
    for (int i = 0; i < engines.size(); i++) {
      pipelines.get(i).lives().join(engines.get(i));
    }
  }

  /**
   * {@return a group that has not started}
   *
   * @param pipelines none of them started; they are started and closed by the group
   * @throws IllegalArgumentException if there is none, two have the same id, store or destination,
   *     or one only copies, or is to wait as a standby
   * @throws IllegalStateException if one was started or ended before
   */
  public static PipelineGroup of(Pipeline... pipelines) {
    return of(List.of(pipelines));
  }

  /**
   * {@return a group that has not started}
   *
   * @param pipelines none of them started; they are started and closed by the group
   * @throws IllegalArgumentException if there is none, two have the same id, store or destination,
   *     or one only copies, or is to wait as a standby
   * @throws IllegalStateException if one was started or ended before
   */
  public static PipelineGroup of(List<Pipeline> pipelines) {
    Objects.requireNonNull(pipelines, "pipelines");
    return new PipelineGroup(pipelines);
  }

  private Set<Object> identities(Function<PipelineEngine, Object> part) {
    Set<Object> identities = Collections.newSetFromMap(new IdentityHashMap<>());
    engines.forEach(engine -> identities.add(part.apply(engine)));
    return identities;
  }

  /** One that ends by itself would end the others. */
  private void requireStreaming() {
    List<String> copying =
        engines.stream().filter(PipelineEngine::copiesOnly).map(PipelineEngine::id).toList();
    if (!copying.isEmpty()) {
      throw new IllegalArgumentException("a group streams, these only copy: " + copying);
    }
  }

  private void requireDistinct(String what, Collection<?> different) {
    if (different.size() < engines.size()) {
      throw new IllegalArgumentException(
          "each pipeline of a group needs its own " + what + "; they are " + ids());
    }
  }

  private List<String> ids() {
    return engines.stream().map(PipelineEngine::id).toList();
  }

  /**
   * Starts all pipelines, one after the other. If one cannot start, or fails while others start,
   * all are closed. If {@link #shutdown()} is called meanwhile, it returns and the group ends.
   *
   * @throws dev.pgetl.error.EtlException why one cannot run; of kind {@link
   *     dev.pgetl.error.ErrorKind#CONFIGURATION} if two own the same table
   * @throws IllegalStateException if the group, or one of its pipelines, was started or ended
   *     before
   */
  public void start() {
    requireUntouched();
    try {
      for (PipelineEngine pipeline : engines) {
        start(pipeline);
      }
    } catch (EtlException e) {
      fail(e);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
    EtlException cause = failure.get();
    if (cause != null) {
      close();
      throw cause;
    }
  }

  /**
   * Waits until all pipelines have ended.
   *
   * @throws dev.pgetl.error.EtlException why, if not cleanly
   * @throws InterruptedException if the waiting thread was interrupted; the group is not touched
   */
  public void awaitTermination() throws InterruptedException {
    awaitAll(FOREVER, PipelineEngine::awaitEnd);
    throwFailure();
  }

  /**
   * Waits until all pipelines have ended, for a limited time.
   *
   * @param limit how long to wait
   * @return whether they have ended
   * @throws dev.pgetl.error.EtlException why, if not cleanly
   * @throws InterruptedException if the waiting thread was interrupted; the group is not touched
   */
  public boolean awaitTermination(Duration limit) throws InterruptedException {
    boolean ended = awaitAll(limit, PipelineEngine::awaitEnd);
    if (ended) {
      throwFailure();
    }
    return ended;
  }

  /**
   * Waits until every table of every pipeline is {@code Ready}.
   *
   * @param limit how long to wait for all of them together
   * @return whether they are
   * @throws dev.pgetl.error.EtlException why the first pipeline that failed has, if one has
   * @throws IllegalStateException if the group was not started
   * @throws InterruptedException if the waiting thread was interrupted
   */
  public boolean awaitReady(Duration limit) throws InterruptedException {
    return awaitRunning(limit, PipelineEngine::awaitReady);
  }

  /**
   * Waits until the destinations durably hold everything committed before a position:
   * read-your-writes over all pipelines, which have to have the same source. Like {@link
   * Pipeline#awaitApplied}.
   *
   * @param position the position
   * @param limit how long to wait for all of them together
   * @return whether they do
   * @throws dev.pgetl.error.EtlException why the first pipeline that failed has, if one has
   * @throws IllegalStateException if the group was not started
   * @throws InterruptedException if the waiting thread was interrupted
   */
  public boolean awaitApplied(Lsn position, Duration limit) throws InterruptedException {
    Objects.requireNonNull(position, "position");
    return awaitRunning(
        limit, (pipeline, left) -> pipeline.awaitApplied(position, left, table -> true));
  }

  /** {@return a snapshot of each pipeline by its id, in the order of the group; cheap} */
  public Map<String, PipelineStatus> status() {
    Map<String, PipelineStatus> status = new LinkedHashMap<>();
    engines.forEach(pipeline -> status.put(pipeline.id(), pipeline.status()));
    return Collections.unmodifiableMap(status);
  }

  /** Asks all pipelines to end and returns at once. */
  public void shutdown() {
    engines.forEach(PipelineEngine::shutdown);
  }

  /**
   * Asks all pipelines to end and waits for them, all at the same time: at most as long as {@link
   * Pipeline#close()} of the slowest. Does nothing the second time.
   */
  @Override
  public void close() {
    shutdown();
    long since = ticker.nanos();
    engines.forEach(pipeline -> pipeline.awaitClosed(since));
  }

  private void requireUntouched() {
    for (PipelineEngine pipeline : engines) {
      if (pipeline.status().state() != State.CREATED) {
        throw new IllegalStateException(
            "pipeline "
                + pipeline.id()
                + " was started or ended before; a pipeline runs once, and its group starts it");
      }
    }
    if (!started.compareAndSet(false, true)) {
      throw new IllegalStateException("group " + ids() + " was started before");
    }
  }

  /** What was told to end before its turn has ended cleanly. */
  private void start(PipelineEngine pipeline) {
    try {
      pipeline.start(claims, () -> ended(pipeline));
    } catch (IllegalStateException e) {
      if (pipeline.status().state() != State.STOPPED) {
        throw e;
      }
    }
  }

  /** On the thread of a pipeline that ends: the failure of one is the end of all. */
  private void ended(PipelineEngine pipeline) {
    EtlException cause = pipeline.failure();
    if (cause != null) {
      LOG.info("pipeline {} has failed, so its group {} ends", pipeline.id(), ids());
      fail(cause);
    }
  }

  private void fail(EtlException cause) {
    EtlException first = failure.compareAndExchange(null, cause);
    if (first != null && first != cause) {
      first.addSuppressed(cause);
    }
    shutdown();
  }

  /** One that was ended because of another's failure has nothing to say of its own. */
  private boolean awaitRunning(Duration limit, Wait wait) throws InterruptedException {
    try {
      for (PipelineEngine pipeline : engines) {
        boolean unused = wait.await(pipeline, Duration.ZERO); // all begin with it at once
      }
      boolean all = awaitAll(limit, wait);
      throwFailure();
      return all;
    } catch (EtlException e) {
      throwFailure();
      throw e;
    }
  }

  private boolean awaitAll(Duration limit, Wait wait) throws InterruptedException {
    long until = ticker.nanos() + limit.toNanos();
    for (PipelineEngine pipeline : engines) {
      long left = Math.max(0, until - ticker.nanos());
      if (!wait.await(pipeline, Duration.ofNanos(left))) {
        return false;
      }
    }
    return true;
  }

  private void throwFailure() {
    EtlException cause = failure.get();
    if (cause != null) {
      throw cause;
    }
  }
}

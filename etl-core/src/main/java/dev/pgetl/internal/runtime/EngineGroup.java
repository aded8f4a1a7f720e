package dev.pgetl.internal.runtime;

import dev.pgetl.error.EtlException;
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
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Several pipelines with one life. Thread-safe; has no thread of its own. */
public final class EngineGroup {
  private static final Logger LOG = LoggerFactory.getLogger(EngineGroup.class);
  private static final Duration FOR_EVER = Duration.ofNanos(Long.MAX_VALUE);

  private final List<PipelineEngine> pipelines;
  private final TableClaims claims = new TableClaims();
  private final AtomicBoolean started = new AtomicBoolean();
  private final AtomicReference<@Nullable EtlException> failure = new AtomicReference<>();

  /** Waits for one pipeline. */
  private interface Wait {
    boolean await(PipelineEngine pipeline, Duration left) throws InterruptedException;
  }

  /**
   * Creates a group that has not begun.
   *
   * @param pipelines its pipelines
   * @throws IllegalArgumentException if there is none, or two have in common what each needs for
   *     itself
   */
  public EngineGroup(List<PipelineEngine> pipelines) {
    this.pipelines = List.copyOf(pipelines);
    if (pipelines.isEmpty()) {
      throw new IllegalArgumentException("a group needs at least one pipeline");
    }
    requireDistinct("id", Set.copyOf(ids()));
    requireDistinct("store", identities(Services::store));
    requireDistinct("destination", identities(Services::destination));
  }

  private Set<Object> identities(Function<Services, Object> part) {
    Set<Object> identities = Collections.newSetFromMap(new IdentityHashMap<>());
    pipelines.forEach(pipeline -> identities.add(part.apply(pipeline.services())));
    return identities;
  }

  private void requireDistinct(String what, Collection<?> different) {
    if (different.size() < pipelines.size()) {
      throw new IllegalArgumentException(
          "each pipeline of a group needs its own " + what + "; they are " + ids());
    }
  }

  private List<String> ids() {
    return pipelines.stream().map(EngineGroup::id).toList();
  }

  private static String id(PipelineEngine pipeline) {
    return pipeline.services().config().id();
  }

  /**
   * Starts one after the other.
   *
   * @throws EtlException why one cannot run; all have ended then
   * @throws IllegalStateException if one was started or ended before
   */
  public void start() {
    requireUntouched();
    try {
      for (PipelineEngine pipeline : pipelines) {
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

  private void requireUntouched() {
    for (PipelineEngine pipeline : pipelines) {
      if (pipeline.status().state() != State.CREATED) {
        throw new IllegalStateException(
            "pipeline "
                + id(pipeline)
                + " was started or ended before; a pipeline runs once, and its group starts it");
      }
    }
    if (!started.compareAndSet(false, true)) {
      throw new IllegalStateException("group " + ids() + " was started before");
    }
  }

  /** What was told to end before its turn has ended in good order. */
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
      LOG.info("pipeline {} has failed, so its group {} ends", id(pipeline), ids());
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

  /** Asks all to end; returns at once. */
  public void shutdown() {
    pipelines.forEach(PipelineEngine::shutdown);
  }

  /** Asks all to end and waits as long as the slowest may take, not longer. */
  public void close() {
    shutdown();
    long since = System.nanoTime();
    pipelines.forEach(pipeline -> pipeline.awaitClosed(since));
  }

  /** {@return a snapshot of each, by id, in the group's order} */
  public Map<String, PipelineStatus> status() {
    Map<String, PipelineStatus> status = new LinkedHashMap<>();
    pipelines.forEach(pipeline -> status.put(id(pipeline), pipeline.status()));
    return Collections.unmodifiableMap(status);
  }

  /**
   * Waits for the end of all.
   *
   * @throws EtlException the first failure, if any
   */
  public void awaitTermination() throws InterruptedException {
    awaitAll(FOR_EVER, PipelineEngine::awaitEnd);
    throwFailure();
  }

  /**
   * {@return whether all ended in time}
   *
   * @param limit how long to wait
   * @throws EtlException the first failure, if all have ended
   */
  public boolean awaitTermination(Duration limit) throws InterruptedException {
    boolean ended = awaitAll(limit, PipelineEngine::awaitEnd);
    if (ended) {
      throwFailure();
    }
    return ended;
  }

  /**
   * {@return whether every table was ready in time}
   *
   * @param limit how long to wait
   * @throws EtlException if one failed
   */
  public boolean awaitReady(Duration limit) throws InterruptedException {
    return awaitRunning(limit, PipelineEngine::awaitReady);
  }

  /**
   * {@return whether everything committed before a position became durable in time}
   *
   * @param position the position
   * @param limit how long to wait
   * @throws EtlException if one failed
   */
  public boolean awaitApplied(Lsn position, Duration limit) throws InterruptedException {
    return awaitRunning(limit, (pipeline, left) -> pipeline.awaitApplied(position, left));
  }

  /** One that was ended because of another's failure has nothing to say of its own. */
  private boolean awaitRunning(Duration limit, Wait wait) throws InterruptedException {
    try {
      for (PipelineEngine pipeline : pipelines) {
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
    long until = System.nanoTime() + limit.toNanos();
    for (PipelineEngine pipeline : pipelines) {
      long left = Math.max(0, until - System.nanoTime());
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

package dev.pgetl.it.walk;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.net.TcpProxy;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One process that runs the pipeline: its connections, its store, its view of the destination.
 * Owned by the walk's thread.
 */
final class Instance {
  /** How a message says that the address leads to another server. */
  static final String OTHER_SERVER = "another one than before";

  /** Two questions that follow each other may each be lost, and are given up after 75 s. */
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private final TcpProxy proxy;
  private final MortalLayer layer;
  private final MemoryStore store;
  private final Front front;
  private final Pipeline pipeline;
  private final CountDownLatch started = new CountDownLatch(1);
  private volatile @Nullable EtlException failure;

  Instance(PipelineConfig config, TcpProxy proxy, MortalLayer layer, Front front, Heard heard) {
    this.proxy = proxy;
    this.layer = layer;
    this.store = new MemoryStore(layer);
    this.front = front;
    this.pipeline = Pipeline.create(config, store, front, heard);
  }

  /** Starts in the background. */
  void start() {
    inBackground(
        "walk-start",
        () -> {
          try {
            pipeline.start();
          } catch (EtlException e) {
            failure = e;
          } catch (IllegalStateException ignored) {
            // It was closed before.
          } finally {
            started.countDown();
          }
        });
  }

  private static Thread inBackground(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  boolean isStarting() {
    return started.getCount() > 0;
  }

  /** Waits until the start has succeeded or failed. */
  void awaitStarted() throws InterruptedException {
    if (!started.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new Failure(Failure.Kind.NO_REST, "the start does not return: " + status());
    }
  }

  /** {@return why it has failed; empty if it has not} */
  Optional<EtlException> failure() throws InterruptedException {
    if (failure != null || started.getCount() > 0) {
      return Optional.ofNullable(failure);
    }
    try {
      boolean unused = pipeline.awaitTermination(Duration.ZERO);
      return Optional.empty();
    } catch (EtlException e) {
      return Optional.of(e);
    }
  }

  /** {@return whether its connections work: it delivers what was committed before a position} */
  boolean isAtWork(Lsn position) throws InterruptedException {
    proxy.heal();
    awaitStarted();
    try {
      return failure().isEmpty() && pipeline.awaitApplied(position, Duration.ofSeconds(10));
    } catch (EtlException e) {
      return false;
    }
  }

  /** {@return whether its stream works: it has read what was committed before a position} */
  boolean isStreaming(Lsn position) throws InterruptedException {
    proxy.heal();
    awaitStarted();
    try {
      return failure().isEmpty()
          && pipeline.awaitApplied(position, Duration.ofSeconds(10), Set.of());
    } catch (EtlException e) {
      return false;
    }
  }

  /** Waits until it has failed, as it must. */
  EtlException awaitFailure() throws InterruptedException {
    await(
        () -> failure().isPresent(),
        Failure.Kind.SILENT_DIFFERENCE,
        "the pipeline does not notice");
    return failure().orElseThrow();
  }

  /** Waits until it has failed as it must, without a call of the destination. */
  void awaitRefused(ErrorKind kind) throws InterruptedException {
    EtlException refusal = awaitFailure();
    if (refusal.kind() != kind) {
      throw new Failure(
          Failure.Kind.FALSE_REPORT,
          "expected " + kind + ": " + refusal.kind() + " " + refusal.getMessage());
    }
    if (front.calls() > 0) {
      throw new Failure(Failure.Kind.BROKEN_RULE, "a refused process called the destination");
    }
  }

  /** Waits until the copy of a table has failed, or is over. */
  void awaitTrouble(long table) {
    await(
        () -> {
          TableStatus status = status().tables().get(new TableId(table));
          return status == null || status.isReady() || status.failure().isPresent();
        },
        Failure.Kind.NO_REST,
        "a copy that cannot begin is not reported");
  }

  /** Waits until a table is ready, has failed, or has left, or the pipeline has failed. */
  void awaitRest(long table) {
    await(
        () -> {
          TableStatus status = status().tables().get(new TableId(table));
          return status == null || Judge.isAtRest(status) || failure().isPresent();
        },
        Failure.Kind.NO_REST,
        "table " + table + " does not come to rest");
  }

  /** Waits until it has failed, or says that its server is another one. */
  void awaitOtherServer() {
    await(
        () ->
            failure().isPresent()
                || status().stream()
                    .failure()
                    .filter(failure -> failure.message().contains(OTHER_SERVER))
                    .isPresent(),
        Failure.Kind.SILENT_DIFFERENCE,
        "the pipeline does not notice that its server is another one");
  }

  private void await(Callable<Boolean> condition, Failure.Kind kind, String otherwise) {
    try {
      Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(10)).until(condition);
    } catch (ConditionTimeoutException e) {
      throw new Failure(kind, otherwise + ": " + status());
    }
  }

  boolean isReady(long table) {
    TableStatus status = status().tables().get(new TableId(table));
    return status != null && status.isReady();
  }

  PipelineStatus status() {
    return pipeline.status();
  }

  Pipeline pipeline() {
    return pipeline;
  }

  TcpProxy proxy() {
    return proxy;
  }

  Front front() {
    return front;
  }

  /** Ends it as an operator does. */
  void stop() {
    pipeline.close();
    front.die();
    store.close();
    proxy.close();
  }

  /** Ends it as {@code kill -9} does: nothing that it does afterwards has an effect. */
  Thread kill() {
    front.die();
    layer.die();
    proxy.refuse();
    return inBackground("walk-kill", this::stop);
  }
}

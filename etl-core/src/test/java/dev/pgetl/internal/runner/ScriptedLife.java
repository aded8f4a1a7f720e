package dev.pgetl.internal.runner;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Latch;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.platform.Ticker;
import dev.pgetl.internal.runner.Opening.Opened;
import dev.pgetl.internal.runtime.order.Operated;
import dev.pgetl.internal.runtime.worker.PipelineLife;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A pipeline that starts, becomes ready and fails as a test says. Thread-safe. */
final class ScriptedLife implements PipelineLife, Opened {
  final Latch started = new Latch(Platform.jvm());
  final Latch ready = new Latch(Platform.jvm());
  final Latch closed = new Latch(Platform.jvm());
  private final Latch ended = new Latch(Platform.jvm());
  private final @Nullable EtlException refusal;
  private volatile @Nullable EtlException failure;

  /** Starts if there is no reason why it cannot. */
  ScriptedLife(@Nullable EtlException refusal) {
    this.refusal = refusal;
  }

  void fail(EtlException cause) {
    failure = cause;
    ended.open();
    ready.open();
  }

  @Override
  public void start() {
    if (refusal != null) {
      throw refusal;
    }
    if (ended.isOpen()) {
      throw new IllegalStateException("was ended before");
    }
    started.open();
  }

  @Override
  public PipelineStatus status() {
    return PipelineStatus.builder(started.isOpen() ? State.RUNNING : State.STARTING).build();
  }

  @Override
  public boolean awaitReady(Duration limit) throws InterruptedException {
    if (!started.isOpen()) {
      throw new IllegalStateException("was not started");
    }
    boolean is = ready.await(Ticker.nanos(limit));
    throwFailure();
    return is && !ended.isOpen();
  }

  private void throwFailure() {
    EtlException cause = failure;
    if (cause != null) {
      throw cause;
    }
  }

  @Override
  public boolean awaitApplied(Lsn position, Duration limit, Predicate<TableId> wanted) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<Finding> diagnose() {
    return List.of();
  }

  @Override
  public Operated operated() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void shutdown() {
    ended.open();
    ready.open();
  }

  @Override
  public boolean awaitTermination(Duration limit) throws InterruptedException {
    boolean is = ended.await(Ticker.nanos(limit));
    throwFailure();
    return is;
  }

  @Override
  public PipelineLife life() {
    return this;
  }

  @Override
  public void close() {
    shutdown();
    closed.open();
  }
}

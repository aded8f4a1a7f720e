package dev.pgetl.internal.runtime.worker;

import dev.pgetl.error.EtlException;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.SchemaChange;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes calls on to a listener; what it throws is logged and has no other effect. */
public final class SafeListener implements PipelineListener {
  private static final Logger LOG = LoggerFactory.getLogger(SafeListener.class);
  private final PipelineListener listener;

  private SafeListener(PipelineListener listener) {
    this.listener = listener;
  }

  static PipelineListener of(PipelineListener listener) {
    return listener instanceof SafeListener ? listener : new SafeListener(listener);
  }

  @SuppressWarnings("IllegalCatch") // an error of a listener, such as a missing class, is its own
  private static void guarded(Runnable call) {
    try {
      call.run();
    } catch (Throwable e) {
      LOG.warn("a pipeline listener failed", e);
    }
  }

  @Override
  public void onTablePhase(TableId id, TableName name, TableReplicationPhase phase) {
    guarded(() -> listener.onTablePhase(id, name, phase));
  }

  @Override
  public void onPartitionsChanged(
      TableId id, TableName name, Set<TableName> attached, Set<TableName> detached) {
    guarded(() -> listener.onPartitionsChanged(id, name, attached, detached));
  }

  @Override
  public void onTableDiffers(TableId id, TableName name, String reason) {
    guarded(() -> listener.onTableDiffers(id, name, reason));
  }

  @Override
  public void onSchemaChanged(SchemaChange change) {
    guarded(() -> listener.onSchemaChanged(change));
  }

  @Override
  public void onRowsCopied(TableId id, int rows, long bytes) {
    guarded(() -> listener.onRowsCopied(id, rows, bytes));
  }

  @Override
  public void onEventsDelivered(int events, long bytes, Duration took) {
    guarded(() -> listener.onEventsDelivered(events, bytes, took));
  }

  @Override
  public void onProgress(Lsn durable) {
    guarded(() -> listener.onProgress(durable));
  }

  @Override
  public void onBackpressure(boolean paused) {
    guarded(() -> listener.onBackpressure(paused));
  }

  @Override
  public void onRetry(EtlException failure, int attempt, Duration delay) {
    guarded(() -> listener.onRetry(failure, attempt, delay));
  }

  @Override
  public void onStandby(String owner) {
    guarded(() -> listener.onStandby(owner));
  }

  @Override
  public void onOwner(long epoch) {
    guarded(() -> listener.onOwner(epoch));
  }
}

package dev.pgetl.internal.deliver;

import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.internal.platform.ManualPlatform;
import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what it hears; fails as told. */
final class RecordingListener implements DeliveryListener {
  /** A retry it was told of. */
  record Retry(EtlException failure, int attempt, Duration delay) {}

  final List<Lsn> durable = new CopyOnWriteArrayList<>();
  final List<Retry> retries = new CopyOnWriteArrayList<>();
  final List<EtlException> refusals = new CopyOnWriteArrayList<>();
  final List<String> delivered = new CopyOnWriteArrayList<>();
  final Queue<RuntimeException> failures = new ArrayDeque<>();
  final Queue<RuntimeException> refusalFailures = new ArrayDeque<>();
  final Set<TableId> refused = ConcurrentHashMap.newKeySet();
  boolean mayRefuse = true;
  private Runnable remembering = () -> {};

  /** Remembering a position takes that long, by the clock. */
  void takes(Duration time, ManualPlatform clock) {
    remembering = () -> clock.advance(time);
  }

  @Override
  public void delivered(List<Event> events, long bytes, Duration took) {
    delivered.add(events.size() + " events, " + bytes + " bytes, " + took.toMillis() + " ms");
  }

  @Override
  public void durable(Lsn boundary) {
    durable.add(boundary);
    remembering.run();
    RuntimeException failure = failures.poll();
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public void retrying(EtlException failure, int attempt, Duration delay) {
    retries.add(new Retry(failure, attempt, delay));
  }

  @Override
  public boolean tableRefused(EtlException failure) {
    refusals.add(failure);
    RuntimeException away = refusalFailures.poll();
    if (away != null) {
      throw away;
    }
    if (mayRefuse) {
      refused.add(new TableId(failure.tableOid().orElseThrow()));
    }
    return mayRefuse;
  }

  @Override
  public boolean anyRefused() {
    return !refused.isEmpty();
  }

  @Override
  public boolean isRefused(TableId table) {
    return refused.contains(table);
  }
}

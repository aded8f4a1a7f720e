package dev.pgetl.internal.runtime;

import dev.pgetl.internal.runtime.stream.StreamProgress;
import dev.pgetl.wal.Lsn;
import java.util.Collection;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** Which positions of the apply worker are waited for. Thread-safe. */
final class ApplyDemand {
  private final StreamProgress progress;
  private final AtomicReference<Lsn> wanted = new AtomicReference<>(Lsn.ZERO);

  /** What is waited for at the moment; the server may never get there. */
  private final Collection<Lsn> awaited = new ConcurrentLinkedQueue<>();

  private final AtomicBoolean always = new AtomicBoolean();

  ApplyDemand(StreamProgress progress) {
    this.progress = progress;
  }

  /** A position that exists on the server is to become durable. */
  void want(Lsn position) {
    Lsn unused = wanted.accumulateAndGet(position, Lsn::max);
  }

  /** The history that was read ends at a position, because the server was promoted. */
  void endAt(Lsn position) {
    Lsn unused = wanted.updateAndGet(end -> end.isAfter(position) ? position : end);
  }

  /** {@return whether everything committed before a position became durable in time} */
  boolean await(Lsn position, long nanos) throws InterruptedException {
    awaited.add(position);
    try {
      return progress.await(position, nanos);
    } finally {
      awaited.remove(position); // this one; others may wait for the same
    }
  }

  /**
   * Whatever is read is waited for from now on, or not any more.
   *
   * @return whether it was not before
   */
  boolean always(boolean now) {
    return always.getAndSet(now) != now && now;
  }

  /** {@return whether a position further than the durable one is waited for} */
  boolean isOpen() {
    Lsn durable = progress.durable();
    return always.get()
        || durable.isBefore(Objects.requireNonNull(wanted.get()))
        || awaited.stream().anyMatch(durable::isBefore);
  }

  /** {@return whether such a position has been read: only the delivery keeps whoever waits} */
  boolean isRead(Lsn position) {
    Lsn durable = progress.durable();
    Lsn furthest = Objects.requireNonNull(wanted.get());
    return (always.get() && durable.isBefore(position))
        || (durable.isBefore(furthest) && !furthest.isAfter(position))
        || (!awaited.isEmpty()
            && awaited.stream()
                .anyMatch(each -> durable.isBefore(each) && !each.isAfter(position)));
  }
}

package dev.pgetl.internal.deliver;

import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;

/** What the runtime does with the outcome of deliveries. Called by the delivery's thread. */
public interface DeliveryListener {
  /**
   * The destination took a batch.
   *
   * @param events the events
   * @param bytes their bytes
   * @param took how long it took
   */
  void delivered(List<Event> events, long bytes, Duration took);

  /**
   * Everything committed before a position is durable: remember it, then tell the server.
   *
   * @param position the position
   * @throws EtlException if it cannot be remembered
   */
  void durable(Lsn position) throws InterruptedException;

  /**
   * A call failed and is tried again.
   *
   * @param failure why
   * @param attempt how many times in a row it failed, from 1
   * @param delay when it is tried again
   */
  void retrying(EtlException failure, int attempt, Duration delay);

  /**
   * The destination refuses one table.
   *
   * @param failure why, with the table
   * @return whether the stream can go on without that table
   */
  boolean tableRefused(EtlException failure);
}

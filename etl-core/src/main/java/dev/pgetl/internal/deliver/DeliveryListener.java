package dev.pgetl.internal.deliver;

import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;

/** What the runtime does with the outcome of deliveries. Called by the delivery's thread. */
public interface DeliveryListener {
  /**
   * A batch is about to be given to the destination.
   *
   * @param events the events
   */
  default void delivering(List<Event> events) {}

  /**
   * The destination took a batch.
   *
   * @param events the events
   * @param bytes their bytes
   * @param took how long it took
   */
  void delivered(List<Event> events, long bytes, Duration took);

  /**
   * Everything committed before a boundary is durable: store it, then report it to the server.
   *
   * @param boundary the position
   * @throws EtlException if it cannot be stored
   */
  void durable(Lsn boundary) throws InterruptedException;

  /**
   * A call failed and is retried.
   *
   * @param failure why
   * @param attempt how many times in a row it failed, from 1
   * @param delay how long until it is retried
   */
  void retrying(EtlException failure, int attempt, Duration delay);

  /** A call that was retried has succeeded. */
  default void recovered() {}

  /**
   * The destination refuses one table.
   *
   * @param failure why, with the table
   * @return whether the delivery can continue without it; then {@link #isRefused} says so
   */
  boolean tableRefused(EtlException failure);

  /** {@return whether any table is refused} Asked for each batch. */
  boolean anyRefused();

  /**
   * {@return whether the delivery leaves a table out} Asked for each event while any is refused.
   *
   * @param table the table
   */
  boolean isRefused(TableId table);

  /** {@return whether something is to be done between two calls} Asked for each batch. */
  default boolean isAsked() {
    return false;
  }

  /** Does it: all that was delivered before has been answered. Fails only if the stream has to. */
  default void answer() {}
}

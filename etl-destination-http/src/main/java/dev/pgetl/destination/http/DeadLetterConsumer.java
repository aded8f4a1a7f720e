package dev.pgetl.destination.http;

/**
 * Receives rows and events that the receiver refuses.
 *
 * <p><b>Rules.</b>
 *
 * <ol>
 *   <li><b>L1</b> {@link #accept} returns when the letter is durable: the pipeline then counts the
 *       item as delivered and never sends it again.
 *   <li><b>L2</b> A letter may be delivered again after a crash, with the same key.
 *   <li><b>L3</b> A letter may be kept after the call.
 * </ol>
 *
 * <p><b>Threads.</b> Several threads call at once.
 *
 * <p><b>Failures.</b> An exception of {@link #accept} fails the delivery; nothing is lost.
 */
@FunctionalInterface
public interface DeadLetterConsumer extends AutoCloseable {

  /**
   * Takes a refused item.
   *
   * @param letter what was refused and why
   */
  void accept(DeadLetter letter);

  /** Releases what the consumer holds; called when the destination is closed. */
  @Override
  default void close() {}
}

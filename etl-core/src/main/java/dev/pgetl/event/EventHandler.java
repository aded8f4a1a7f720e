package dev.pgetl.event;

/**
 * Reacts to events, one at a time: a destination without rows of its own, see {@link
 * dev.pgetl.destination.Destination#ofEvents}.
 *
 * <p><b>Threads.</b> Several threads call at once: the apply worker's, and one for each table that
 * catches up. No two calls about the same table overlap.
 *
 * <p><b>Failures.</b> An {@link dev.pgetl.error.EtlException} is handled by its kind, as one of any
 * destination; an {@link java.io.IOException} as {@link
 * dev.pgetl.error.ErrorKind#DESTINATION_UNAVAILABLE}: the event is retried, with growing delay, and
 * the pipeline ends when the attempts are used up. Any other exception is {@link
 * dev.pgetl.error.ErrorKind#DESTINATION_FAILED} and ends the pipeline; the next start begins with
 * this event or earlier ones.
 */
@FunctionalInterface
public interface EventHandler {
  /**
   * Handles an event. An event counts as done when the call returns.
   *
   * @param event the event, immutable; may be kept. The same one may come again, with the same
   *     {@link Event#sequence()}, after a lost connection, a restart or a crash
   * @throws Exception if it is not done
   */
  void handle(Event event) throws Exception;
}

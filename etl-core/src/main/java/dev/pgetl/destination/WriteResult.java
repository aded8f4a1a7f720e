package dev.pgetl.destination;

/** What a destination says of a write it took. */
public enum WriteResult {
  /**
   * The data survives a crash of the destination's side. The pipeline may acknowledge it to
   * Postgres.
   */
  DURABLE,
  /**
   * The destination owns the data but has not made it durable. Progress does not move past it until
   * a {@link Destination#flush()} that began afterwards has returned.
   */
  ACCEPTED
}

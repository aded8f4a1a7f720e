package dev.pgetl.destination;

/** The result of a write. */
public enum WriteResult {
  /** The data survives a crash of the destination. The pipeline may acknowledge it to Postgres. */
  DURABLE,
  /**
   * The destination owns the data but has not made it durable. Progress does not move past it until
   * a {@link Destination#flush()} that began afterwards has returned.
   */
  ACCEPTED
}

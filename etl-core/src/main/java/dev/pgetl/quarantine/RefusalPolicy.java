package dev.pgetl.quarantine;

/** What becomes of a table when the destination refuses one of its events. */
public enum RefusalPolicy {
  /** The table stops and is {@code Errored} until it is resynced; the others continue. */
  STOP,

  /**
   * The stream stops at the event and retries it, like a temporary failure. No event is passed
   * over. When {@link dev.pgetl.config.PipelineConfig#tableErrorRetryMaxAttempts()} retries are
   * used up, the pipeline fails; the next start continues with the same event.
   */
  HOLD,

  /**
   * The event is kept in the quarantine, and so are later events of its key; other events continue.
   */
  QUARANTINE
}

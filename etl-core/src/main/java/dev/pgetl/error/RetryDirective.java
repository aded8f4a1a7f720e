package dev.pgetl.error;

/** What the pipeline does after a failure. */
public enum RetryDirective {
  /**
   * Retries automatically after a delay. A table is retried until it succeeds if the failure is
   * {@linkplain ErrorKind#isTemporary() temporary}, otherwise a limited number of times; then the
   * failure becomes {@link #MANUAL}.
   */
  TIMED,
  /**
   * Requires manual intervention: fix the cause, then resync the table or start the pipeline again.
   */
  MANUAL,
  /** Never retries. */
  NONE
}

package dev.pgetl.error;

/** What the pipeline does after a failure. */
public enum RetryDirective {
  /**
   * Tries again by itself after a delay, a limited number of times; then the failure becomes {@link
   * #MANUAL}.
   */
  TIMED,
  /**
   * Waits for a person: something outside has to change first, then the table is reset or the
   * pipeline started again.
   */
  MANUAL,
  /** Never tries again. */
  NONE
}

package dev.pgetl.config;

/**
 * What to do at start when changes are gone from the stream: the slot is missing, invalidated, or
 * of another history, or the server was set back.
 */
public enum InvalidatedSlotBehavior {
  /** Fail, and report what was lost and how to recover. */
  ERROR,
  /**
   * Create the slot again and copy every table, truncated first or replaced. Tables that {@link
   * TableCopyConfig} leaves out continue with changes made from then on.
   */
  RECREATE
}

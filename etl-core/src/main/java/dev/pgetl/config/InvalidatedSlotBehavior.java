package dev.pgetl.config;

/**
 * What to do at start when changes are gone from the stream: the slot is missing, invalidated, or
 * of another history.
 */
public enum InvalidatedSlotBehavior {
  /** Fail, and report what was lost and how to recover. */
  ERROR,
  /** Create the slot again and copy every table. */
  RECREATE
}

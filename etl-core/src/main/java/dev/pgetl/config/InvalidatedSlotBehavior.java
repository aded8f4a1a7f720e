package dev.pgetl.config;

/**
 * What to do at start when changes are gone from the stream: the slot is missing, invalidated, or
 * of another history.
 */
public enum InvalidatedSlotBehavior {
  /** Fail, say what was lost and how to go on. */
  ERROR,
  /** Create the slot anew and copy every table again. */
  RECREATE
}

package dev.pgetl.internal.sim;

/** What one call of the store or the destination does instead of just succeeding. */
enum Fault {
  NONE,
  /** Fails; nothing was done. */
  BEFORE,
  /** Fails though everything was done. */
  AFTER,
  /** Fails in the middle, where there is one. */
  HALF,
  /** Fails after a long time; nothing was done. */
  HANG,
  /** Is done, and answers after a long time. */
  LATE,
  /** The process dies before anything is done. */
  DIE_BEFORE,
  /** The process dies when everything is done, before the answer. */
  DIE_AFTER
}

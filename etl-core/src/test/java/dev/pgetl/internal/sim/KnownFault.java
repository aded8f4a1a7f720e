package dev.pgetl.internal.sim;

/** A fault or a limit of the engine that is known and that a history has met. */
enum KnownFault {
  /**
   * The server was set back, and by the time it was asked no process could know: its log had grown
   * past what was remembered. No fault, but a documented limit.
   */
  SET_BACK_UNSEEN,
  /**
   * A table left or joined the publication while a transaction that had changed it was open. A new
   * session of the server sends other changes of that transaction than the one before, so those
   * that are repeated have other ordinals. A documented limit.
   */
  ORDINALS_MOVED,
  /**
   * A call of the destination hung while its engine was closed, and took effect when the next
   * engine was at work. A documented limit.
   */
  LATE_CALL
}

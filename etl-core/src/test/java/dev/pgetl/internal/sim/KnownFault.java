package dev.pgetl.internal.sim;

/** A fault or a limit of the engine that is known and that a history has met. */
enum KnownFault {
  /**
   * The server was set back, and by the time it was asked no process could know: its log had grown
   * past what was remembered. No fault, but a documented limit.
   */
  SET_BACK_UNSEEN
}

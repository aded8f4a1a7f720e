package dev.pgetl.diagnose;

/** How bad a finding is; the worst comes first. */
public enum Severity {
  /** The pipeline cannot start, or a table of it cannot be copied or streamed. */
  ERROR,
  /** It works, but loses something, stops soon, or disturbs the source. */
  WARNING,
  /** Worth knowing; nothing has to be done. */
  INFO
}

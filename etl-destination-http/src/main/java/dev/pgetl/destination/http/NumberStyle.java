package dev.pgetl.destination.http;

/** The form in JSON of numbers that many readers would not keep exact. */
public enum NumberStyle {
  /**
   * Integers beyond 2^53 and all of {@code numeric} are strings: readers that know only doubles
   * lose nothing.
   */
  SAFE,
  /** They are JSON numbers with all their digits, for readers that keep them. */
  EXACT
}

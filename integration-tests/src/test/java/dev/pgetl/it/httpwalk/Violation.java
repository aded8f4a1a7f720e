package dev.pgetl.it.httpwalk;

/** What docs/http-destination.md does not allow. */
final class Violation extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int LENGTH = 300;

  Violation(String what) {
    super(what);
  }

  static String shortened(String text) {
    return text.length() <= LENGTH ? text : text.substring(0, LENGTH) + "…";
  }
}

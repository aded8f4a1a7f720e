package dev.pgetl.observe;

/** Checks of what status builders are given. */
final class Counts {
  private Counts() {}

  static long requireNotNegative(String what, long value) {
    return requireAtLeast(0, what, value);
  }

  static long requireAtLeast(long least, String what, long value) {
    if (value < least) {
      throw new IllegalArgumentException(what + " must be at least " + least + ", is " + value);
    }
    return value;
  }
}

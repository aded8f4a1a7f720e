package dev.pgetl.internal.capture.facts;

/**
 * A part of the catalogue.
 *
 * @param value what it says
 * @param writtenBy the transaction that wrote it ({@code xmin}), unsigned 32 bits
 */
public record Dated<T>(T value, long writtenBy) {
  /** Before all transactions ({@code FrozenTransactionId}). */
  static final long ALWAYS = 2;

  /**
   * {@return what no transaction is known to have written}
   *
   * @param value what it is
   */
  public static <T> Dated<T> always(T value) {
    return new Dated<>(value, ALWAYS);
  }
}

package dev.pgetl.verify;

/**
 * A destination whose tables can be compared with the source. It is read only; it is not the object
 * that a pipeline writes to, and may be used in another process.
 *
 * <p><b>Threads.</b> Tables may be opened and read by several threads at once.
 */
@FunctionalInterface
public interface VerifiableDestination {
  /**
   * Opens a table.
   *
   * @param shape what is compared
   * @return the table; the caller closes it
   * @throws dev.pgetl.error.EtlException of kind {@code CONFIGURATION} if the destination has no
   *     such table, or cannot hash it
   */
  VerifiedTable open(VerifiedShape shape);
}

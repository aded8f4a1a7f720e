package dev.pgetl.destination.postgres.table;

/**
 * A column of the source as it was when the destination's table was made to fit.
 *
 * @param name its name
 * @param number its number in the catalogue, which stays when it is renamed; 0 if it is not known;
 *     negative if the source has dropped the column and the destination has it still
 * @param type the type that it has in the destination
 */
public record SourceColumn(String name, int number, String type) {
  /** {@return whether the source has dropped it} */
  boolean isGone() {
    return number < 0;
  }

  /** {@return the same, dropped by the source} */
  SourceColumn gone() {
    return new SourceColumn(name, -Math.abs(number), type);
  }
}

package dev.pgetl.internal.estimate;

/**
 * What some rows have cost.
 *
 * @param rows how many
 * @param bytes their bytes as the server sent them
 * @param seconds how long their worker needed
 * @param share its share of that time, if it had taken turns with the others that copied
 */
public record Spent(double rows, double bytes, double seconds, double share) {
  /** No row yet. */
  public static final Spent NOTHING = new Spent(0, 0, 0, 0);

  /** {@return both together} */
  public Spent plus(Spent more) {
    return new Spent(
        rows + more.rows, bytes + more.bytes, seconds + more.seconds, share + more.share);
  }

  /** {@return the same rows in a part of the time} */
  Spent inTime(double part) {
    return new Spent(rows, bytes, seconds * part, share * part);
  }

  Spent half() {
    return new Spent(rows / 2, bytes / 2, seconds / 2, share / 2);
  }

  /** {@return how many bytes a row has} */
  double width() {
    return rows == 0 ? 0 : bytes / rows;
  }

  /** {@return how many workers copied at a time} */
  double workers() {
    return share == 0 ? 1 : Math.max(1, seconds / share);
  }
}

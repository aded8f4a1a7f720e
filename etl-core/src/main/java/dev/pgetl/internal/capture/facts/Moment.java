package dev.pgetl.internal.capture.facts;

/**
 * When the catalogue was read, on the scale of transaction ids. These have 32 bits and are used
 * again, so they are compared by how many ids ago they were given out. Immutable.
 *
 * @param nextXid the id that the next transaction was to get
 */
public record Moment(long nextXid) {
  /** For what is read without regard to time. */
  public static final Moment UNKNOWN = new Moment(0);

  private static final long MASK = 0xFFFF_FFFFL;

  /** {@return how many transaction ids ago one was given out} */
  private long age(long xid) {
    return (nextXid - xid) & MASK;
  }

  /** {@return whether one transaction began after another} */
  boolean isAfter(long xid, long other) {
    return age(xid) < age(other);
  }

  /** {@return the later of two transactions} */
  long later(long xid, long other) {
    return isAfter(xid, other) ? xid : other;
  }
}

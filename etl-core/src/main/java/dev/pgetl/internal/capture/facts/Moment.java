package dev.pgetl.internal.capture.facts;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * When the catalogue was read, on the scale of transaction ids. These have 32 bits and are used
 * again, so they are compared by how many ids ago they were given out. Immutable.
 *
 * @param nextXid the id that the next transaction was to get
 * @param running transactions that had begun and not ended
 */
public record Moment(long nextXid, Set<Long> running) {
  /** For what is read without regard to time. */
  public static final Moment UNKNOWN = new Moment(0, Set.of());

  private static final long MASK = 0xFFFF_FFFFL;
  private static final long HALF = 0x8000_0000L;

  public Moment {
    running = Set.copyOf(running);
  }

  /**
   * {@return the moment of a snapshot}
   *
   * @param snapshot the text of a {@code pg_snapshot}: {@code xmin:xmax:running,...}
   */
  public static Moment of(String snapshot) {
    String[] parts = snapshot.split(":", -1);
    return new Moment(
        Long.parseLong(parts[1]),
        Stream.of(parts[2].split(","))
            .filter(xid -> !xid.isEmpty())
            .map(xid -> Long.parseLong(xid) & MASK)
            .collect(Collectors.toSet()));
  }

  /**
   * {@return whether what was read shows the effects of a transaction that committed}
   *
   * @param xid the transaction
   */
  public boolean shows(long xid) {
    long age = age(xid);
    return age > 0 && age < HALF && !running.contains(xid);
  }

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

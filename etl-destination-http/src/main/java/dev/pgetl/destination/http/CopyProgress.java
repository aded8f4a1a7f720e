package dev.pgetl.destination.http;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.wal.Lsn;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The progress of the copy of a table. Immutable but for the size of bodies.
 *
 * @param part names the rows that follow one removal: part of their requests' keys. A receiver
 *     remembers keys, and rows that were removed may come again with the same content
 * @param begun a removal that was not answered yet, null if there is none
 * @param snapshot the version of the rows taken
 * @param rows how many rows of the part were taken
 * @param bodyLimit size of bodies the receiver takes
 */
record CopyProgress(
    String part, @Nullable Removal begun, Lsn snapshot, long rows, BodyLimit bodyLimit) {

  /**
   * A removal of rows, repeated under one name until it is answered.
   *
   * @param range which rows, null for all of the table
   * @param part names the rows that follow it
   */
  record Removal(@Nullable KeyRange range, String part) {}

  /** {@return the progress of a copy of which this process knows nothing} */
  static CopyProgress none(BodyLimit bodyLimit) {
    return new CopyProgress(newPart(), null, Lsn.ZERO, 0, bodyLimit);
  }

  private static String newPart() {
    return UUID.randomUUID().toString();
  }

  /** {@return a removal of rows: the one that has begun, if it is of the same rows} */
  Removal removal(@Nullable KeyRange range) {
    return begun != null && Objects.equals(begun.range(), range)
        ? begun
        : new Removal(range, newPart());
  }

  CopyProgress beginning(Removal removal) {
    return new CopyProgress(part, removal, snapshot, rows, bodyLimit);
  }

  CopyProgress after(Removal removal) {
    return new CopyProgress(removal.part(), null, Lsn.ZERO, 0, bodyLimit);
  }

  CopyProgress of(Lsn copy) {
    return snapshot.equals(copy) ? this : new CopyProgress(part, begun, copy, 0, bodyLimit);
  }

  CopyProgress plus(long count) {
    return new CopyProgress(part, begun, snapshot, rows + count, bodyLimit);
  }
}

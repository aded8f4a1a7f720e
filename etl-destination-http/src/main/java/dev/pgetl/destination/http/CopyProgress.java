package dev.pgetl.destination.http;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The progress of the copy of a table. Immutable but for the size of bodies.
 *
 * @param part names the rows that follow one removal: part of their requests' keys. A receiver
 *     remembers keys, and rows that were removed may come again with the same content
 * @param begun removals that were not answered yet; a receiver may carry one out late, so each is
 *     repeated under its own name before rows of its range follow
 * @param snapshot the version of the rows taken
 * @param rows how many rows of the part were taken
 * @param bodyLimit size of bodies the receiver takes
 */
record CopyProgress(
    String part, List<Removal> begun, Lsn snapshot, long rows, BodyLimit bodyLimit) {

  CopyProgress {
    begun = List.copyOf(begun);
  }

  /**
   * A removal of rows, repeated under one name until it is answered.
   *
   * @param range which rows, null for all of the table
   * @param part names the rows that follow it
   */
  record Removal(@Nullable KeyRange range, String part) {
    private boolean overlaps(Removal other, TableSchema table) {
      return range == null || other.range == null || range.overlaps(other.range, table);
    }
  }

  /** {@return the progress of a copy of which this process knows nothing} */
  static CopyProgress none(BodyLimit bodyLimit) {
    return new CopyProgress(newPart(), List.of(), Lsn.ZERO, 0, bodyLimit);
  }

  private static String newPart() {
    return UUID.randomUUID().toString();
  }

  /** {@return a removal of rows: one that has begun, if it is of the same rows} */
  Removal removal(@Nullable KeyRange range) {
    return begun.stream()
        .filter(removal -> Objects.equals(removal.range(), range))
        .findFirst()
        .orElseGet(() -> new Removal(range, newPart()));
  }

  CopyProgress beginning(Removal removal) {
    List<Removal> all = new ArrayList<>(without(removal));
    all.add(removal);
    return new CopyProgress(part, all, snapshot, rows, bodyLimit);
  }

  /**
   * A removal was answered. Its rows follow; so one of the same rows must not be repeated under the
   * name of an earlier one, which the receiver may know.
   */
  CopyProgress after(Removal removal, TableSchema table) {
    List<Removal> left = begun.stream().filter(other -> !other.overlaps(removal, table)).toList();
    return new CopyProgress(removal.part(), left, Lsn.ZERO, 0, bodyLimit);
  }

  private List<Removal> without(Removal removal) {
    return begun.stream().filter(other -> !other.equals(removal)).toList();
  }

  CopyProgress of(Lsn copy) {
    return snapshot.equals(copy) ? this : new CopyProgress(part, begun, copy, 0, bodyLimit);
  }

  CopyProgress plus(long count) {
    return new CopyProgress(part, begun, snapshot, rows + count, bodyLimit);
  }
}

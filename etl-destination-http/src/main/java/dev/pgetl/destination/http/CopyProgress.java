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
 * @param part names the rows that follow one beginning: part of their requests' keys. A receiver
 *     remembers keys, and rows that were removed may come again with the same content
 * @param begun beginnings that were not answered yet; a receiver may carry one out late, so each is
 *     repeated under its own name before rows of its range follow
 * @param snapshot the version of the rows taken
 * @param rows how many rows of the part were taken
 * @param bodyLimit size of bodies the receiver takes
 */
record CopyProgress(
    String part, List<Beginning> begun, Lsn snapshot, long rows, BodyLimit bodyLimit) {

  CopyProgress {
    begun = List.copyOf(begun);
  }

  /**
   * What precedes rows, repeated under one name until it is answered: the removal of those that
   * were there, or that they are kept aside from now on.
   *
   * @param range which rows, null for all of the table
   * @param replacing the version of rows that are kept aside; null if rows are removed
   * @param part names the rows that follow it
   */
  record Beginning(@Nullable KeyRange range, @Nullable TableSchema replacing, String part) {
    private boolean overlaps(Beginning other, TableSchema table) {
      return range == null || other.range == null || range.overlaps(other.range, table);
    }

    private boolean isOf(@Nullable KeyRange rows, @Nullable TableSchema next) {
      return Objects.equals(range, rows) && Objects.equals(replacing, next);
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
  Beginning removal(@Nullable KeyRange range) {
    return beginning(range, null);
  }

  /** {@return a replacement by rows of a version: one that has begun, if it is of the same} */
  Beginning replacement(TableSchema next) {
    return beginning(null, next);
  }

  private Beginning beginning(@Nullable KeyRange range, @Nullable TableSchema replacing) {
    return begun.stream()
        .filter(other -> other.isOf(range, replacing))
        .findFirst()
        .orElseGet(() -> new Beginning(range, replacing, newPart()));
  }

  /**
   * {@return replacements that were not answered, other than by rows of a version} A receiver that
   * carries one of them out late must not discard what it keeps aside of the next.
   */
  List<Beginning> replacementsBefore(TableSchema next) {
    return begun.stream()
        .filter(other -> other.replacing() != null && !next.equals(other.replacing()))
        .toList();
  }

  CopyProgress beginning(Beginning beginning) {
    List<Beginning> all = new ArrayList<>(without(beginning));
    all.add(beginning);
    return new CopyProgress(part, all, snapshot, rows, bodyLimit);
  }

  /**
   * A beginning was answered. Its rows follow; so one of the same rows must not be repeated under
   * the name of an earlier one, which the receiver may know.
   */
  CopyProgress after(Beginning beginning, TableSchema table) {
    List<Beginning> left =
        begun.stream().filter(other -> !other.overlaps(beginning, table)).toList();
    return new CopyProgress(beginning.part(), left, Lsn.ZERO, 0, bodyLimit);
  }

  private List<Beginning> without(Beginning beginning) {
    return begun.stream().filter(other -> !other.equals(beginning)).toList();
  }

  CopyProgress of(Lsn copy) {
    return snapshot.equals(copy) ? this : new CopyProgress(part, begun, copy, 0, bodyLimit);
  }

  CopyProgress plus(long count) {
    return new CopyProgress(part, begun, snapshot, rows + count, bodyLimit);
  }
}

package dev.pgetl.verify;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Objects;

/**
 * What a comparison found out about a table. Immutable.
 *
 * <p>Each key that is not named here was equal: at some position between the two, the destination
 * had exactly the rows that the source had at it.
 *
 * @param table the table
 * @param from the position at the beginning
 * @param to the position at the end
 * @param rows how many rows were equal
 * @param settled how many keys differed at first and were equal later, because the stream brought
 *     the change, or healed them
 * @param differences the keys that differ although no event of them is on its way
 * @param undecided the keys that changed each time they were read, or whose events were not applied
 *     in time
 * @param complete false if there were too many of both, so that the comparison ended early
 */
public record TableReport(
    TableSchema table,
    Lsn from,
    Lsn to,
    long rows,
    long settled,
    List<DifferentRow> differences,
    List<DifferentRow> undecided,
    boolean complete) {

  /** What is proven. */
  public enum Outcome {
    /** All rows are equal. */
    EQUAL,
    /** Rows differ. */
    DIFFERENT,
    /** No row is known to differ, but not all could be decided. */
    UNDECIDED
  }

  public TableReport {
    differences = List.copyOf(differences);
    undecided = List.copyOf(undecided);
  }

  /** {@return what is proven} */
  public Outcome outcome() {
    if (!differences.isEmpty()) {
      return Outcome.DIFFERENT;
    }
    return complete && undecided.isEmpty() ? Outcome.EQUAL : Outcome.UNDECIDED;
  }

  /**
   * {@return the ranges of keys that have all differences, to be copied again; empty if there is no
   * difference, or if the whole table has to be} See {@link #needsWholeCopy}.
   */
  public List<KeyRange> ranges() {
    return needsWholeCopy()
        ? List.of()
        : differences.stream()
            .map(row -> Objects.requireNonNull(row.part().range()))
            .distinct()
            .toList();
  }

  /** {@return whether differences cannot be repaired by copying ranges} */
  public boolean needsWholeCopy() {
    return !differences.isEmpty()
        && (!complete || differences.stream().anyMatch(row -> row.part().range() == null));
  }

  /** {@return the figures; no keys} */
  @Override
  public String toString() {
    return "table %s, from %s to %s: %s, %d rows equal, %d settled, %d different, %d undecided%s"
        .formatted(
            table.name(),
            from,
            to,
            outcome(),
            rows,
            settled,
            differences.size(),
            undecided.size(),
            complete ? "" : ", incomplete");
  }
}

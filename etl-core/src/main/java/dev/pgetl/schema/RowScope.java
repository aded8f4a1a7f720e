package dev.pgetl.schema;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which rows and columns of a table a publication sends, as the catalogue says. Immutable.
 *
 * <p>The stream does not say when it changes. Rows that begin to be sent, or cease to be, reach the
 * destination only by a resync.
 *
 * @param publication the publication's OID; another one when it was dropped and made again
 * @param membership the OIDs of the catalogue entries that publish the table, between colons; that
 *     of the table itself begins with {@code t}
 * @param operations which operations are sent: some of {@code insert update delete truncate}
 * @param rowFilter a digest of the row filter; empty if there is none
 * @param columnList the attribute numbers of the column list; empty if there is none
 * @param partitions the leaves of a table that is published as a whole
 */
public record RowScope(
    long publication,
    String membership,
    String operations,
    String rowFilter,
    String columnList,
    Map<TableId, TableName> partitions) {

  public RowScope {
    Objects.requireNonNull(membership, "membership");
    Objects.requireNonNull(operations, "operations");
    Objects.requireNonNull(rowFilter, "rowFilter");
    Objects.requireNonNull(columnList, "columnList");
    membership = shared(membership);
    operations = operations.intern(); // one of sixteen
    rowFilter = shared(rowFilter);
    columnList = shared(columnList);
    partitions = Map.copyOf(partitions);
  }

  /** There is a scope for each of thousands of tables, and most of it is empty. */
  private static String shared(String text) {
    return text.isEmpty() ? "" : text;
  }

  /**
   * {@return the same with these leaves}
   *
   * @param leaves the leaves of a table that is published as a whole
   */
  public RowScope withPartitions(Map<TableId, TableName> leaves) {
    return new RowScope(publication, membership, operations, rowFilter, columnList, leaves);
  }

  /**
   * {@return whether the table may not have been published for a while} Only an entry of its own
   * that is still there proves that it was: a table can leave its schema, or its root, and return.
   * A publication that was made again is another matter: the stream fails at changes made while
   * there was none.
   *
   * @param before what the publication said
   */
  public boolean cameBackSince(RowScope before) {
    return publication == before.publication
        && !membership.equals(before.membership)
        && (ownEntry().isEmpty() || !ownEntry().equals(before.ownEntry()));
  }

  private Optional<String> ownEntry() {
    return Stream.of(membership.split(":")).filter(entry -> entry.startsWith("t")).findFirst();
  }

  /**
   * {@return what the publication says otherwise than before of the table itself; empty if nothing}
   * Its leaves do not count.
   *
   * @param before what it said
   */
  public Optional<String> changeSince(RowScope before) {
    if (!rowFilter.equals(before.rowFilter)) {
      return Optional.of("its row filter was changed");
    }
    if (!columnList.equals(before.columnList)) {
      return Optional.of("its column list was changed");
    }
    if (!operations.equals(before.operations)) {
      return Optional.of(
          "the publication sends (" + operations + "), before it sent (" + before.operations + ")");
    }
    return Optional.empty();
  }
}

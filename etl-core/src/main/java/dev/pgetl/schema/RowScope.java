package dev.pgetl.schema;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
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
 * @param generated the attribute numbers of the generated columns that are sent, each with a digest
 *     of its expression, between blanks: {@code 3=d41d8cd9 5=...}; empty if there are none, or if
 *     it is not known
 */
public record RowScope(
    long publication,
    String membership,
    String operations,
    String rowFilter,
    String columnList,
    Map<TableId, TableName> partitions,
    String generated) {

  public RowScope {
    Objects.requireNonNull(membership, "membership");
    Objects.requireNonNull(operations, "operations");
    Objects.requireNonNull(rowFilter, "rowFilter");
    Objects.requireNonNull(columnList, "columnList");
    Objects.requireNonNull(generated, "generated");
    membership = shared(membership);
    operations = operations.intern(); // one of sixteen
    rowFilter = shared(rowFilter);
    columnList = shared(columnList);
    partitions = Map.copyOf(partitions);
    generated = shared(generated);
  }

  /**
   * What is sent of a table that publishes no generated column.
   *
   * @param publication see {@link #publication()}
   * @param membership see {@link #membership()}
   * @param operations see {@link #operations()}
   * @param rowFilter see {@link #rowFilter()}
   * @param columnList see {@link #columnList()}
   * @param partitions see {@link #partitions()}
   */
  public RowScope(
      long publication,
      String membership,
      String operations,
      String rowFilter,
      String columnList,
      Map<TableId, TableName> partitions) {
    this(publication, membership, operations, rowFilter, columnList, partitions, "");
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
    return new RowScope(
        publication, membership, operations, rowFilter, columnList, leaves, generated);
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
   * {@return what is sent otherwise than before of the table itself; empty if nothing} Its leaves
   * do not count, nor do columns that were not sent before.
   *
   * @param before what it said
   */
  public Optional<String> changeSince(RowScope before) {
    if (isComputedOtherwise(before)) {
      return Optional.of("the expression of a generated column was changed");
    }
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

  /** The values of such a column are written for all rows, and no event of them is sent. */
  private boolean isComputedOtherwise(RowScope before) {
    Map<String, String> earlier = before.expressions();
    return expressions().entrySet().stream()
        .anyMatch(
            now -> !earlier.getOrDefault(now.getKey(), now.getValue()).equals(now.getValue()));
  }

  private Map<String, String> expressions() {
    return Stream.of(generated.split(" "))
        .map(column -> column.split("=", 2))
        .filter(column -> column.length == 2)
        .collect(Collectors.toMap(column -> column[0], column -> column[1], (a, b) -> b));
  }
}

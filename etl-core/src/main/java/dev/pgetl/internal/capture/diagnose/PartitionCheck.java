package dev.pgetl.internal.capture.diagnose;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.diagnose.Severity;
import dev.pgetl.internal.capture.catalog.PartitionTree;
import dev.pgetl.internal.capture.catalog.PublicationCatalog;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.UnsentTable;
import dev.pgetl.internal.capture.session.LockTable;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.schema.TableId;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Tables that are published through their roots: partitions that are never sent, and locks. */
final class PartitionCheck implements Check {
  private static final String LARGEST =
      """
      SELECT root.oid FROM unnest(?::int8[]) AS root(oid) CROSS JOIN LATERAL %s AS t
      GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"""
          .formatted(PartitionTree.of("root.oid::oid"));

  private static final String PARTITIONS =
      "SELECT t.oid FROM %s AS t".formatted(PartitionTree.of("?::oid"));

  @Override
  public void run(Examined source, Consumer<Finding> found) throws SQLException {
    List<TableId> roots = source.roots();
    if (roots.isEmpty()) {
      return;
    }
    for (UnsentTable unsent : PublicationCatalog.unsentPartitions(source.connection(), roots)) {
      found.accept(TableCheck.unsent(unsent, FindingCode.UNSENT_PARTITION));
    }
    Map<TableId, String> differing =
        PublicationCatalog.identityProblems(source.connection(), roots);
    for (PublishedTable table : source.tables()) {
      if (differing.containsKey(table.id())) {
        found.accept(differing(table));
      }
    }
    locks(source, roots, found);
  }

  private static Finding differing(PublishedTable table) {
    return Finding.of(
            FindingCode.IDENTITY_DIFFERS,
            "partitions of table %s differ in their replica identity from each other or from the table:"
                    .formatted(table.name())
                + " old rows of updates and deletes may lack values")
        .fixedBy(
            "Give all the same, for example the whole row",
            IdentityCheck.fullIdentity(table.name()))
        .about(table.name());
  }

  /** The table with the most partitions needs the most. */
  private static void locks(Examined source, List<TableId> roots, Consumer<Finding> found)
      throws SQLException {
    TableId largest =
        Sql.first(
                source.connection(),
                LARGEST,
                row -> new TableId(row.getLong(1)),
                source.oids(roots))
            .orElse(null);
    if (largest == null) {
      return; // all have gone meanwhile
    }
    List<Long> partitions =
        Sql.list(source.connection(), PARTITIONS, row -> row.getLong(1), largest.oid());
    LockTable locks = LockTable.of(source.connection(), partitions);
    int wanted = source.config().maxCopyConnectionsPerTable();
    if (locks.connections(wanted) < wanted || !locks.fits()) {
      source.tables().stream()
          .filter(each -> each.id().equals(largest))
          .map(table -> locks(table, locks, wanted))
          .forEach(found);
    }
  }

  private static Finding locks(PublishedTable table, LockTable locks, int wanted) {
    String size =
        "the lock table of the server is too small for table %s with %d partitions and %d indexes: "
            .formatted(table.name(), locks.partitions() - 1, locks.indexes());
    Finding finding =
        locks.fits()
            ? Finding.of(FindingCode.LOCKS, size + "it is copied over fewer connections")
            : Finding.of(FindingCode.LOCKS, size + "it cannot be copied").as(Severity.ERROR);
    return finding
        .fixedBy(
            "",
            "ALTER SYSTEM SET max_locks_per_transaction = "
                + Math.max(locks.perProcess() + 1, locks.neededFor(wanted)))
        .thenRestart()
        .about(table.name());
  }
}

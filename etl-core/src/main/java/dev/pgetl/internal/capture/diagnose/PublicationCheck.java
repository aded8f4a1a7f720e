package dev.pgetl.internal.capture.diagnose;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.diagnose.Severity;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.PublicationCatalog;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.schema.TableName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The publication: whether it is there, its operations, and its tables. */
final class PublicationCheck implements Check {
  /** More tables than these are to be chosen by the operator. */
  private static final int LISTED = 20;

  private static final String PUBLICATION =
      """
      SELECT p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate,
        p.pubviaroot OR NOT EXISTS (SELECT FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid
          WHERE r.prpubid = p.oid AND c.relkind = 'p'),
        (SELECT coalesce(string_agg(format('%I.%I', n.nspname, c.relname), ', ' ORDER BY n.nspname, c.relname), '')
          FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE r.prpubid = p.oid AND c.relkind = 'p')
      FROM pg_publication p WHERE p.pubname = ?""";

  private static final String OTHER_TABLES =
      """
      SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND NOT c.relispartition
        AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND NOT %s
      ORDER BY 1, 2 LIMIT %d"""
          .formatted(PublicationCatalog.IS_STORE, LISTED + 1);

  /** One row of {@link #PUBLICATION}. */
  private record Publication(
      boolean inserts,
      boolean updates,
      boolean deletes,
      boolean truncates,
      boolean viaRoot,
      String partitioned) {
    static Publication read(ResultSet row) throws SQLException {
      return new Publication(
          row.getBoolean(1),
          row.getBoolean(2),
          row.getBoolean(3),
          row.getBoolean(4),
          row.getBoolean(5),
          row.getString(6));
    }

    List<String> left() {
      List<String> left = new ArrayList<>();
      if (!inserts) {
        left.add("inserts");
      }
      if (!updates) {
        left.add("updates");
      }
      if (!deletes) {
        left.add("deletes");
      }
      if (!truncates) {
        left.add("truncations");
      }
      return left;
    }
  }

  @Override
  public void run(Examined source, Consumer<Finding> found) throws SQLException {
    String name = source.config().publicationName();
    Optional<Publication> publication =
        Sql.first(source.connection(), PUBLICATION, Publication::read, name);
    if (publication.isEmpty()) {
      found.accept(missing(name));
      return;
    }
    if (source.tables().isEmpty()) {
      found.accept(empty(source, name));
    }
    operations(publication.get(), name).ifPresent(found);
    byLeaf(publication.get(), name).ifPresent(found);
  }

  private static Finding missing(String name) {
    EtlException missing = PublicationCatalog.missing(name);
    return Finding.of(FindingCode.PUBLICATION_MISSING, missing.summary())
        .fixedBy(
            "Create it for the tables you want, or for all",
            "CREATE PUBLICATION " + TableName.quote(name) + " FOR ALL TABLES");
  }

  private static Finding empty(Examined source, String name) throws SQLException {
    Finding empty =
        Finding.of(
            FindingCode.PUBLICATION_EMPTY, "publication \"" + name + "\" publishes no table");
    if (PublicationCatalog.grows(source.connection(), name)) {
      return empty
          .as(Severity.INFO)
          .fixedBy("None is needed: tables that are created later are taken in");
    }
    List<String> others =
        Sql.list(
            source.connection(),
            OTHER_TABLES,
            row -> new TableName(row.getString(1), row.getString(2)).quoted());
    String add = "ALTER PUBLICATION " + TableName.quote(name) + " ADD TABLE ";
    return others.isEmpty() || others.size() > LISTED
        ? empty.fixedBy("Add the tables you want: " + add + "…")
        : empty.fixedBy(
            "Add the tables you want, or all of the database", add + String.join(", ", others));
  }

  private static Optional<Finding> operations(Publication publication, String name) {
    List<String> left = publication.left();
    if (left.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Finding.of(
                FindingCode.PUBLISHED_OPERATIONS,
                "publication \"%s\" does not publish %s: the destination never gets them"
                    .formatted(name, left.stream().collect(Collectors.joining(", "))))
            .as(left.equals(List.of("truncations")) ? Severity.INFO : Severity.WARNING)
            .fixedBy(
                "Unless that is what you want",
                "ALTER PUBLICATION "
                    + TableName.quote(name)
                    + " SET (publish = 'insert, update, delete, truncate')"));
  }

  private static Optional<Finding> byLeaf(Publication publication, String name) {
    return publication.viaRoot()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                    FindingCode.PARTITIONS_BY_LEAF,
                    "publication \"%s\" publishes partitioned tables by their partitions, each as a table of its own: %s"
                        .formatted(name, publication.partitioned()))
                .fixedBy(
                    "For one table in the destination; it is copied as a new one",
                    "ALTER PUBLICATION "
                        + TableName.quote(name)
                        + " SET (publish_via_partition_root = true)"));
  }
}

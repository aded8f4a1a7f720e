package dev.pgetl.internal.capture.diagnose;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.internal.capture.catalog.IdentityGap;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.schema.TableName;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Consumer;

/** Tables whose updates and deletes the server refuses while they are published as they are. */
final class IdentityCheck implements Check {
  private static final String CHANGES =
      "SELECT pubupdate OR pubdelete FROM pg_publication WHERE pubname = ?";

  /**
   * What a publication says of a table: the columns of its list together with those of its
   * identity, none if the whole row is its identity, and its condition on rows.
   */
  private static final String ENTRY =
      """
      SELECT CASE WHEN c.relreplident = 'f' OR r.prattrs IS NULL THEN '' ELSE
          (SELECT ' (' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) || ')' FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND (a.attnum = ANY (r.prattrs)
              OR EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1])
                AND (c.relreplident = 'd' AND i.indisprimary OR c.relreplident = 'i' AND i.indisreplident)))) END
        || coalesce(' WHERE ' || pg_get_expr(r.prqual, r.prrelid), '')
      FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid
        JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE p.pubname = ? AND n.nspname = ? AND c.relname = ?""";

  @Override
  public void run(Examined source, Consumer<Finding> found) throws SQLException {
    String publication = source.config().publicationName();
    boolean changes =
        Sql.first(source.connection(), CHANGES, row -> row.getBoolean(1), publication)
            .orElse(false);
    if (changes) {
      for (IdentityGap gap : IdentityGap.of(source.connection(), publication)) {
        found.accept(gap(source, gap));
      }
    }
  }

  private static Finding gap(Examined source, IdentityGap gap) throws SQLException {
    FindingCode code =
        switch (gap.reason()) {
          case NO_IDENTITY -> FindingCode.IDENTITY_MISSING;
          case NOT_PUBLISHED -> FindingCode.IDENTITY_NOT_PUBLISHED;
          case FILTERED -> FindingCode.IDENTITY_FILTERED;
        };
    Finding finding =
        Finding.of(code, "table " + gap.table() + " " + gap.problem()).about(gap.table());
    if (code == FindingCode.IDENTITY_NOT_PUBLISHED) {
      return published(source, gap.table(), finding);
    }
    String better =
        code == FindingCode.IDENTITY_MISSING ? "Give it a primary key" : "Change the filter";
    return finding.fixedBy(
        better + ", or have the whole row identify it",
        gap.leaf().equals(gap.table())
            ? "ALTER TABLE " + gap.table().quoted() + " REPLICA IDENTITY FULL"
            : fullIdentity(gap.table()));
  }

  private static Finding published(Examined source, TableName table, Finding finding)
      throws SQLException {
    String publication = source.config().publicationName();
    Optional<String> entry =
        Sql.first(
            source.connection(),
            ENTRY,
            row -> row.getString(1),
            publication,
            table.schema(),
            table.name());
    if (entry.isEmpty()) {
      return finding.fixedBy("Publish all columns of its replica identity");
    }
    String alter = "ALTER PUBLICATION " + TableName.quote(publication);
    return finding.fixedBy(
        "Publish those columns, too; the pipeline copies the table again",
        alter + " DROP TABLE " + table.quoted(),
        alter + " ADD TABLE " + table.quoted() + entry.get());
  }

  /** {@return SQL that lets whole rows identify those of a table and of all its partitions} */
  static String fullIdentity(TableName root) {
    return "DO $$ DECLARE part regclass; BEGIN FOR part IN SELECT t.relid FROM pg_partition_tree("
        + Sql.literal(root.quoted())
        + ") t JOIN pg_class c ON c.oid = t.relid WHERE c.relkind IN ('r', 'p') LOOP"
        + " EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', part); END LOOP; END $$";
  }
}

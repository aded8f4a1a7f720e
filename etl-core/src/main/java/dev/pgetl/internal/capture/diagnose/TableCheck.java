package dev.pgetl.internal.capture.diagnose;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.internal.capture.catalog.PublicationCatalog;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.UnsentTable;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Tables: whether this role may read them, and what of them is not sent. */
final class TableCheck implements Check {
  /** From so many columns on, an old row in the WAL with each update is worth a remark. */
  private static final int WIDE = 20;

  /** So many tables are named in one finding. */
  private static final int NAMED = 5;

  /** Columns that are not sent, or only when they change. */
  private static final String COLUMNS =
      """
      SELECT c.oid, a.attname, a.attgenerated = 's', a.attgenerated <> '',
        c.relreplident <> 'f' AND a.attstorage IN ('x', 'e') AND a.attlen = -1
      FROM unnest(?::int8[]) AS published(oid) CROSS JOIN LATERAL (
          SELECT p.oid, p.relreplident FROM pg_class p WHERE p.oid = published.oid::oid OFFSET 0) c
        CROSS JOIN LATERAL (SELECT a.attname, a.attgenerated, a.attstorage, a.attlen FROM pg_attribute a
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped OFFSET 0) a
      WHERE a.attgenerated <> '' OR a.attstorage IN ('x', 'e')""";

  private static final String KEYED =
      """
      SELECT i.indrelid FROM pg_index i
      WHERE i.indrelid = ANY (?::oid[]) AND i.indisprimary AND i.indisvalid AND i.indimmediate""";

  /** One row of {@link #COLUMNS}. */
  private record Column(
      TableId table, String name, boolean stored, boolean generated, boolean large) {
    static Column read(ResultSet row) throws SQLException {
      return new Column(
          new TableId(row.getLong(1)),
          row.getString(2),
          row.getBoolean(3),
          row.getBoolean(4),
          row.getBoolean(5));
    }
  }

  @Override
  public void run(Examined source, Consumer<Finding> found) throws SQLException {
    source.tables().forEach(table -> privileges(table, found));
    for (UnsentTable unsent :
        PublicationCatalog.unsent(source.connection(), source.config().publicationName())) {
      found.accept(unsent(unsent, FindingCode.UNSENT_TABLE));
    }
    List<Column> columns = Sql.list(source.connection(), COLUMNS, Column::read, source.oids());
    generated(source, columns, found);
    large(source, columns, found);
    wide(source, found);
  }

  private static void privileges(PublishedTable table, Consumer<Finding> found) {
    List<String> grants = new ArrayList<>();
    for (String statement : table.missingPrivileges().split("; ")) {
      if (statement.endsWith(" BYPASSRLS")) {
        found.accept(
            Finding.of(
                    FindingCode.ROW_SECURITY,
                    "table %s has row level security, which hides rows of it from this role: it is not copied"
                        .formatted(table.name()))
                .fixedBy("", statement)
                .about(table.name()));
      } else if (!statement.isEmpty()) {
        grants.add(statement);
      }
    }
    if (!grants.isEmpty()) {
      found.accept(
          Finding.of(
                  FindingCode.TABLE_PRIVILEGE,
                  "table %s cannot be copied: this role may not read all of it"
                      .formatted(table.name()))
              .fixedBy("", grants.toArray(String[]::new))
              .about(table.name()));
    }
  }

  static Finding unsent(UnsentTable table, FindingCode code) {
    Finding finding = Finding.of(code, "table " + table.problem()).about(table.name());
    return table.foreign()
        ? finding.fixedBy(table.fix())
        : finding.fixedBy(
            "Log its changes and resync the table, or keep it out of the publication",
            "ALTER TABLE " + table.name().quoted() + " SET LOGGED");
  }

  private static void generated(Examined source, List<Column> columns, Consumer<Finding> found)
      throws SQLException {
    Map<TableId, PublishedTable> tables = byId(source);
    List<Column> unsent =
        columns.stream()
            .filter(Column::generated)
            .filter(column -> !published(tables, column).columns().names().contains(column.name()))
            .toList();
    if (unsent.isEmpty()) {
      return;
    }
    Finding finding =
        Finding.of(
            FindingCode.GENERATED_COLUMNS,
            "generated columns are not sent: "
                + named(
                    unsent.stream()
                        .map(each -> published(tables, each).name() + "." + each.name())
                        .toList()));
    boolean publishable = source.major() >= 18 && unsent.stream().anyMatch(Column::stored);
    found.accept(
        publishable
            ? finding.fixedBy(
                "To send those that are stored, of tables without a column list",
                "ALTER PUBLICATION "
                    + TableName.quote(source.config().publicationName())
                    + " SET (publish_generated_columns = stored)")
            : finding.fixedBy("If the destination needs them, have it compute them"));
  }

  private static void large(Examined source, List<Column> columns, Consumer<Finding> found) {
    Map<TableId, PublishedTable> tables = byId(source);
    List<TableName> names =
        columns.stream()
            .filter(Column::large)
            .map(column -> published(tables, column).name())
            .distinct()
            .toList();
    if (!names.isEmpty()) {
      found.accept(
          Finding.of(
                  FindingCode.LARGE_VALUES,
                  "values of more than some 2 kB that an update did not change are absent in its event: a"
                      + " destination that writes whole rows has to keep them; tables that can have such: "
                      + named(names))
              .fixedBy(
                  "If the destination cannot keep them, have the whole old row sent, at the price of more"
                      + " WAL",
                  names.stream()
                      .limit(NAMED)
                      .map(name -> "ALTER TABLE " + name.quoted() + " REPLICA IDENTITY FULL")
                      .toArray(String[]::new)));
    }
  }

  private static void wide(Examined source, Consumer<Finding> found) throws SQLException {
    List<PublishedTable> wide =
        source.tables().stream()
            .filter(table -> table.identity() == ReplicaIdentity.FULL && !table.partitioned())
            .filter(table -> table.columns().names().size() >= WIDE)
            .toList();
    Set<Long> keyed =
        Set.copyOf(
            Sql.list(
                source.connection(),
                KEYED,
                row -> row.getLong(1),
                source.oids(wide.stream().map(PublishedTable::id).toList())));
    for (PublishedTable table : wide) {
      if (keyed.contains(table.id().oid())) {
        found.accept(
            Finding.of(
                    FindingCode.IDENTITY_FULL,
                    "table %s has %d columns and REPLICA IDENTITY FULL: each update and delete writes its whole old row"
                            .formatted(table.name(), table.columns().names().size())
                        + " to the WAL")
                .fixedBy(
                    "If the primary key is enough for the destination",
                    "ALTER TABLE " + table.name().quoted() + " REPLICA IDENTITY DEFAULT")
                .about(table.name()));
      }
    }
  }

  private static Map<TableId, PublishedTable> byId(Examined source) {
    return source.tables().stream()
        .collect(Collectors.toMap(PublishedTable::id, Function.identity(), (one, other) -> one));
  }

  private static PublishedTable published(Map<TableId, PublishedTable> tables, Column column) {
    return Objects.requireNonNull(tables.get(column.table()));
  }

  private static String named(Collection<?> names) {
    String first =
        names.stream().limit(NAMED).map(Object::toString).collect(Collectors.joining(", "));
    return names.size() <= NAMED ? first : first + " and " + (names.size() - NAMED) + " more";
  }
}

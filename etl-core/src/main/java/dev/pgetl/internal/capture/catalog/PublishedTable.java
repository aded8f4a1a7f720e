package dev.pgetl.internal.capture.catalog;

import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.RowScope;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A table under which a publication sends changes: a plain table, a leaf partition, or, with {@code
 * publish_via_partition_root}, the topmost published partitioned table.
 *
 * @param publicationName the publication
 * @param id the table
 * @param name its qualified name
 * @param partitioned whether the table is partitioned, so that its rows are in its leaves
 * @param columns the published columns
 * @param missingPrivileges SQL that lets this role lock the table and read all rows; empty if it
 *     may
 * @param identity which old columns are sent
 * @param scope which rows are sent, without the leaves; {@link PublicationCatalog#rowFilter} has
 *     the condition on rows as SQL
 */
public record PublishedTable(
    String publicationName,
    TableId id,
    TableName name,
    boolean partitioned,
    Columns columns,
    String missingPrivileges,
    ReplicaIdentity identity,
    RowScope scope) {

  /**
   * The published columns of a table, in its order.
   *
   * @param names their names
   * @param shape their numbers, types and modifiers: {@code 1:23:-1,2:25:-1}
   */
  public record Columns(List<String> names, String shape) {
    public Columns {
      names = List.copyOf(names);
    }

    /** {@return the columns of a version} */
    public static Columns of(TableSchema version) {
      return new Columns(
          version.columns().stream().map(ColumnSchema::name).toList(),
          version.columns().stream().map(Columns::shape).collect(Collectors.joining(",")));
    }

    private static String shape(ColumnSchema column) {
      return column.attributeNumber() + ":" + column.type().oid() + ":" + column.modifier();
    }
  }

  /** {@return those of the tables that are partitioned} */
  public static List<TableId> partitioned(List<PublishedTable> tables) {
    return tables.stream().filter(PublishedTable::partitioned).map(PublishedTable::id).toList();
  }
}

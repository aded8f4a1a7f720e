package dev.pgetl.internal.capture.catalog;

import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.RowScope;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.util.List;

/**
 * A table under which a publication sends changes: a plain table, a leaf partition, or, with {@code
 * publish_via_partition_root}, the topmost published partitioned table.
 *
 * @param publicationName the publication
 * @param id the table
 * @param name its qualified name
 * @param partitioned whether the table is partitioned, so that its rows are in its leaves
 * @param columns names of the published columns, in table order
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
    List<String> columns,
    String missingPrivileges,
    ReplicaIdentity identity,
    RowScope scope) {

  public PublishedTable {
    columns = List.copyOf(columns);
  }

  /** {@return those of the tables that are partitioned} */
  public static List<TableId> partitioned(List<PublishedTable> tables) {
    return tables.stream().filter(PublishedTable::partitioned).map(PublishedTable::id).toList();
  }
}

package dev.pgetl.internal.capture.catalog;

import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the server's catalogue knows of tables and the stream does not say. Thread-safe. */
public interface Catalog {
  /**
   * {@return a type, if it is built in or was looked up before} Sends no query.
   *
   * @param oid its OID
   */
  Optional<PgType> knownType(long oid);

  /**
   * {@return a type; {@link PgType#unknown} if the catalogue does not have it}
   *
   * @param oid its OID
   */
  PgType type(long oid);

  /**
   * {@return the same version with what the catalogue knows about its columns now}
   *
   * @param version as the stream describes it
   */
  TableSchema withHints(TableSchema version);

  /**
   * {@return the leaf partitions of a table}
   *
   * @param root a partitioned table
   */
  Map<TableId, TableName> partitions(TableId root);

  /**
   * {@return whether leaves may have had rows before they became part of a table} False for such as
   * were made as partitions, and for empty ones.
   *
   * @param root a partitioned table
   * @param attached some of its leaves
   */
  boolean hadRows(TableId root, Set<TableId> attached);
}

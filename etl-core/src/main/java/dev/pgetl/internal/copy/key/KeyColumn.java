package dev.pgetl.internal.copy.key;

import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.value.order.KeyOrder;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The first column of a primary key, whose values the ranges of a copy are of.
 *
 * @param name its name
 * @param order the order of its values
 */
record KeyColumn(String name, KeyOrder order) {
  /**
   * The first column of the primary key, if the order of its values is that of their bytes. The key
   * of a temporal table has no B-tree.
   */
  private static final String FIRST =
      """
      SELECT a.attname
      FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
        JOIN pg_database d ON d.datname = current_database()
      WHERE i.indrelid = ?::oid AND i.indisprimary AND i.indisvalid AND m.amname = 'btree'
        AND a.attgenerated = '' AND (a.attcollation = 0 OR current_setting('server_encoding') = 'UTF8'
          AND (a.attcollation IN ('pg_catalog."C"'::regcollation, 'pg_catalog."POSIX"'::regcollation)
            OR a.attcollation = 'pg_catalog."default"'::regcollation AND d.datcollate IN ('C', 'POSIX')
              AND coalesce(to_jsonb(d) ->> 'datlocprovider', 'c') = 'c'))""";

  /**
   * {@return the column; empty if there is none whose values Java puts in the same order, or the
   * stream does not send it with every old row}
   */
  static Optional<KeyColumn> of(Connection connection, TableSchema table) throws SQLException {
    String name =
        Sql.first(connection, FIRST, row -> row.getString(1), table.id().oid()).orElse("");
    Optional<ColumnSchema> column =
        table.columns().stream()
            .filter(sent -> sent.name().equals(name) && sent.inReplicaIdentity())
            .findFirst();
    return column
        .flatMap(sent -> KeyOrder.of(sent.type()))
        .map(order -> new KeyColumn(name, order));
  }
}

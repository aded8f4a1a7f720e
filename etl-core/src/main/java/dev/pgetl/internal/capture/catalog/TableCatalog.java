package dev.pgetl.internal.capture.catalog;

import dev.pgetl.internal.capture.session.ControlSession;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.RowScope;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Catalogue look-ups for what the stream does not say. Thread-safe. */
public final class TableCatalog implements Catalog {
  private static final Logger LOG = LoggerFactory.getLogger(TableCatalog.class);

  /**
   * A not-null constraint that was not checked yet says nothing about the rows that are there. The
   * columns an index only includes are no part of the key. A default holds no columns, so the
   * server need not know the table to write it out, and does not wait for a lock on it.
   */
  private static final String COLUMNS =
      """
      SELECT a.attname, a.atttypid, a.atttypmod, a.attnum,
        a.attnotnull AND NOT EXISTS (SELECT FROM pg_constraint n
          WHERE n.conrelid = a.attrelid AND n.contype = 'n' AND n.conkey[1] = a.attnum AND NOT n.convalidated),
        coalesce((SELECT k.place FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
          WHERE i.indrelid = a.attrelid AND i.indisprimary AND k.attnum = a.attnum AND k.place <= i.indnkeyatts), 0),
        CASE WHEN a.attgenerated = ''
          THEN (SELECT pg_get_expr(d.adbin, 0) FROM pg_attrdef d
            WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END,
        c.relreplident = 'f' OR EXISTS (SELECT FROM pg_index i
          WHERE i.indrelid = a.attrelid AND i.indisvalid AND i.indimmediate AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1])
            AND (c.relreplident = 'd' AND i.indisprimary OR c.relreplident = 'i' AND i.indisreplident))
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      WHERE a.attrelid = ?::oid AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY a.attnum""";

  private static final String PARTITIONS =
      """
      SELECT l.* FROM %1$s AS t CROSS JOIN LATERAL (
        SELECT c.oid, n.nspname, c.relname, %2$s, c.relkind = 'f'
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = t.oid AND c.relkind <> 'p' OFFSET 0) l"""
          .formatted(PartitionTree.of("?::oid"), UnsentTable.CONDITION);

  /**
   * A table that was made as a partition has its columns from the same command as its row type; one
   * that was attached got them changed then. So does a partition between the leaf and the root.
   */
  private static final String HAD_ROWS =
      """
      SELECT EXISTS (SELECT FROM unnest(?::int8[]) AS leaf(oid)
        CROSS JOIN LATERAL pg_partition_ancestors(leaf.oid::oid::regclass) AS node(id)
        JOIN pg_class c ON c.oid = node.id JOIN pg_type t ON t.oid = c.reltype
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = 1
        WHERE node.id <> ?::oid AND c.relispartition AND pg_relation_size(leaf.oid::oid::regclass) > 0
          AND (a.xmin::text <> t.xmin::text OR a.cmin::text <> t.cmin::text))""";

  /** One row of {@link #COLUMNS}. */
  private record Column(
      String name,
      long typeOid,
      int modifier,
      int attributeNumber,
      boolean notNull,
      int primaryKeyOrdinal,
      @Nullable String defaultExpression,
      boolean inReplicaIdentity) {

    static Column read(ResultSet row) throws SQLException {
      return new Column(
          row.getString(1),
          row.getLong(2),
          row.getInt(3),
          row.getInt(4),
          row.getBoolean(5),
          row.getInt(6),
          row.getString(7),
          row.getBoolean(8));
    }

    boolean describes(ColumnSchema column) {
      return typeOid == column.type().oid() && modifier == column.modifier();
    }

    ColumnSchema schema(PgType type, boolean inIdentity) {
      return ColumnSchema.builder(name, type)
          .modifier(modifier)
          .inReplicaIdentity(inIdentity)
          .attributeNumber(attributeNumber)
          .nullable(!notNull)
          .primaryKeyOrdinal(primaryKeyOrdinal)
          .defaultExpression(defaultExpression)
          .build();
    }
  }

  private final ControlSession control;
  private final TypeCatalog types = new TypeCatalog();
  private final Set<TableId> unsent = ConcurrentHashMap.newKeySet();

  public TableCatalog(ControlSession control) {
    this.control = control;
  }

  @Override
  public Optional<PgType> knownType(long oid) {
    return types.known(oid);
  }

  /**
   * {@return a type; {@link PgType#unknown} if the catalogue does not hold it (any more)} Built-in
   * types need no look-up.
   *
   * @param oid its OID
   */
  @Override
  public PgType type(long oid) {
    Optional<PgType> known = types.known(oid);
    return known.isPresent()
        ? known.get()
        : control.call("look up type " + oid, c -> types.find(c, oid));
  }

  /**
   * {@return the same version with what the catalogue of now knows about its columns}
   *
   * <p>The catalogue may be ahead of the stream. So a column takes part only if name, type and
   * modifier are the same in both; a table that is gone changes nothing. The stream sends columns
   * by their numbers: names found in another order have been traded since, and nothing is taken.
   *
   * @param fromStream a version as the stream describes it
   */
  @Override
  public TableSchema withHints(TableSchema fromStream) {
    Map<String, Column> found = new HashMap<>();
    control
        .call("look up table " + fromStream.id(), c -> columns(c, fromStream.id()))
        .forEach(column -> found.put(column.name(), column));
    List<ColumnSchema> hinted = new ArrayList<>();
    for (ColumnSchema column : fromStream.columns()) {
      Column hint = found.get(column.name());
      hinted.add(
          hint != null && hint.describes(column)
              ? hint.schema(column.type(), column.inReplicaIdentity())
              : column);
    }
    if (hinted.stream().filter(TableCatalog::inKey).count() < keySize(found.values())) {
      hinted.replaceAll(TableCatalog::withoutKey);
    }
    return inOrder(hinted) ? fromStream.toBuilder().columns(hinted).build() : fromStream;
  }

  private static long keySize(Collection<Column> columns) {
    return columns.stream().filter(column -> column.primaryKeyOrdinal() > 0).count();
  }

  private static boolean inKey(ColumnSchema column) {
    return column.primaryKeyOrdinal() > 0;
  }

  /** A part of the key does not distinguish one row from another. */
  private static ColumnSchema withoutKey(ColumnSchema column) {
    return inKey(column) ? column.toBuilder().primaryKeyOrdinal(0).build() : column;
  }

  private static boolean inOrder(List<ColumnSchema> columns) {
    int last = 0;
    for (ColumnSchema column : columns) {
      int number = column.attributeNumber();
      if (number > 0 && number <= last) {
        return false;
      }
      last = Math.max(last, number);
    }
    return true;
  }

  /**
   * {@return the published shape of a table as the catalogue describes it}
   *
   * @param connection where to read it, for example under a snapshot
   * @param table the table
   * @param at the position this version is to have
   * @throws SQLException if the query fails
   */
  public TableSchema schema(Connection connection, PublishedTable table, Lsn at)
      throws SQLException {
    Set<String> names = Set.copyOf(table.columns());
    List<ColumnSchema> published = new ArrayList<>();
    List<Column> columns = columns(connection, table.id());
    for (Column column : columns) {
      if (names.contains(column.name())) {
        PgType type = types.find(connection, column.typeOid());
        published.add(column.schema(type, column.inReplicaIdentity()));
      }
    }
    if (published.stream().filter(TableCatalog::inKey).count() < keySize(columns)) {
      published.replaceAll(TableCatalog::withoutKey);
    }
    return TableSchema.builder(table.id(), table.name())
        .snapshotLsn(at)
        .replicaIdentity(table.identity())
        .columns(published)
        .scope(scope(connection, table))
        .build();
  }

  private RowScope scope(Connection connection, PublishedTable table) throws SQLException {
    return table.partitioned()
        ? table.scope().withPartitions(partitions(connection, table.id()))
        : table.scope();
  }

  /**
   * {@return the leaf partitions of a partitioned table; none if it is gone} Warns of each one
   * whose changes the server does not send, when it is seen first.
   *
   * @param root the table
   */
  @Override
  public Map<TableId, TableName> partitions(TableId root) {
    return control.call("list the partitions of table " + root, c -> partitions(c, root));
  }

  private Map<TableId, TableName> partitions(Connection connection, TableId root)
      throws SQLException {
    Map<TableId, TableName> partitions = new HashMap<>();
    List<TableName> unused =
        Sql.list(
            connection,
            PARTITIONS,
            row -> partitions.put(partition(row), nameOf(row)),
            root.oid());
    return partitions;
  }

  @Override
  public boolean hadRows(TableId root, Set<TableId> attached) {
    return control.call(
        "look at the new partitions of table " + root,
        c ->
            Sql.first(
                    c,
                    HAD_ROWS,
                    row -> row.getBoolean(1),
                    c.createArrayOf("int8", attached.stream().map(TableId::oid).toArray()),
                    root.oid())
                .orElseThrow());
  }

  private TableId partition(ResultSet row) throws SQLException {
    TableId id = new TableId(row.getLong(1));
    if (row.getBoolean(4) && unsent.add(id)) {
      LOG.warn(
          "partition {}; the table it belongs to is copied and streamed without its rows",
          new UnsentTable(nameOf(row), row.getBoolean(5)).problem());
    }
    return id;
  }

  private static TableName nameOf(ResultSet row) throws SQLException {
    return new TableName(row.getString(2), row.getString(3));
  }

  private static List<Column> columns(Connection connection, TableId id) throws SQLException {
    return Sql.list(connection, COLUMNS, Column::read, id.oid());
  }
}

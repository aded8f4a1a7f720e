package dev.pgetl.internal.capture.catalog;

import dev.pgetl.internal.capture.facts.AddedValues;
import dev.pgetl.internal.capture.facts.ColumnFacts;
import dev.pgetl.internal.capture.facts.Dated;
import dev.pgetl.internal.capture.facts.LeafIdentity;
import dev.pgetl.internal.capture.facts.Moment;
import dev.pgetl.internal.capture.facts.TableFacts;
import dev.pgetl.internal.capture.facts.TypeReader;
import dev.pgetl.internal.capture.session.ControlSession;
import dev.pgetl.internal.capture.session.Sql;
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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
          WHERE n.conrelid = a.attrelid AND n.contype = 'n' AND n.conkey[1] = a.attnum AND NOT n.convalidated OFFSET 0),
        CASE WHEN a.attgenerated = ''
          THEN (SELECT pg_get_expr(d.adbin, 0) FROM pg_attrdef d
            WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END,
        (a.attmissingval::text::text[])[1],
        a.attidentity <> '' OR a.attgenerated <> '' OR %s
          OR EXISTS (SELECT FROM pg_type t WHERE t.oid = a.atttypid AND t.typdefault IS NOT NULL OFFSET 0),
        c.relreplident = 'f' OR a.attnum = ANY (id.columns),
        a.xmin::text::bigint, array_to_string(pk.columns, ','), pk.writer,
        c.relkind = 'p' AND (c.relreplident = 'f' OR id.columns IS NULL),
        c.oid, c.relkind = 'p'
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        LEFT JOIN LATERAL (SELECT i.indkey[0:i.indnkeyatts - 1] AS columns, i.xmin::text::bigint AS writer
          FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND i.indimmediate OFFSET 0) pk ON true
        LEFT JOIN LATERAL (SELECT i.indkey[0:i.indnkeyatts - 1] AS columns
          FROM pg_index i WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
            AND (c.relreplident = 'd' AND i.indisprimary OR c.relreplident = 'i' AND i.indisreplident) OFFSET 0) id ON true
      WHERE c.oid = ANY (?::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY c.oid, a.attnum"""
          .formatted(AddedValues.MAY_BE_FILLED);

  /** A table that was rewritten, truncated or altered between two looks has another shape. */
  private static final String SHAPES =
      """
      SELECT c.oid, concat_ws(' ', n.nspname, c.relname, c.relkind, c.relpersistence, c.relfilenode, c.relrowsecurity,
        (SELECT string_agg(concat_ws(':', a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attisdropped),
            ',' ORDER BY a.attnum)
          FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0))
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = ANY (?::oid[])""";

  private static final String SNAPSHOT = "SELECT pg_current_snapshot()::text";

  /** One row of {@link #COLUMNS}: a column and what is the same for all of its table. */
  private record Row(
      TableId table,
      boolean partitioned,
      boolean leavesIdentify,
      Dated<List<Integer>> key,
      ColumnFacts own) {
    static Row read(ResultSet row) throws SQLException {
      return new Row(
          new TableId(row.getLong(14)),
          row.getBoolean(15),
          row.getBoolean(13),
          key(row.getString(11), row.getLong(12)),
          new ColumnFacts(
              row.getString(1),
              row.getLong(2),
              row.getInt(3),
              row.getInt(4),
              row.getBoolean(5),
              AddedValues.of(row.getLong(2), row.getString(6), row.getString(7), row.getBoolean(8)),
              row.getBoolean(9),
              row.getLong(10)));
    }

    /** {@return the column, with what rows in a leaf have in it} */
    ColumnFacts column(Map<String, @Nullable String> inLeaf) {
      return inLeaf.containsKey(own.name())
          ? own.with(
              AddedValues.of(
                  own.typeOid(), own.values().expression(), inLeaf.get(own.name()), true))
          : own;
    }

    /** {@return the primary key of the table, or of its leaves} */
    Dated<List<Integer>> key(@Nullable Dated<LeafIdentity> leaves, List<ColumnFacts> columns) {
      return leavesIdentify && leaves != null
          ? new Dated<>(leaves.value().key(columns), leaves.writtenBy())
          : key;
    }

    private static Dated<List<Integer>> key(@Nullable String numbers, long writtenBy) {
      return numbers == null
          ? Dated.always(List.of())
          : new Dated<>(Stream.of(numbers.split(",")).map(Integer::valueOf).toList(), writtenBy);
    }
  }

  private final ControlSession control;
  private final Map<Long, PgType> types = new ConcurrentHashMap<>();
  private final AtomicLong typeChanges = new AtomicLong();
  private final Set<TableId> unsent = ConcurrentHashMap.newKeySet();
  private final Map<TableId, Set<TableId>> leaves = new ConcurrentHashMap<>();
  private final Map<TableId, String> problems = new ConcurrentHashMap<>();

  public TableCatalog(ControlSession control) {
    this.control = control;
  }

  @Override
  public Map<TableId, TableFacts> facts(TableSchema wire, Collection<TableId> others) {
    Map<TableId, Set<Long>> tables = new HashMap<>();
    others.forEach(other -> tables.put(other, Set.of()));
    tables.put(
        wire.id(),
        wire.columns().stream().map(column -> column.type().oid()).collect(Collectors.toSet()));
    return control.callAtOneMoment("look up table " + wire.id(), c -> facts(c, tables));
  }

  /**
   * {@return what decides how the rows of tables are read, their names, columns and files, as it is
   * now} Tables that are gone are left out.
   *
   * @param tables the tables
   */
  public Map<TableId, String> shapes(Collection<TableId> tables) {
    return control.call("look up the shape of tables", c -> shapes(c, tables));
  }

  /** {@return the same as a snapshot shows it} */
  public static Map<TableId, String> shapes(Connection connection, Collection<TableId> tables)
      throws SQLException {
    Map<TableId, String> shapes = new HashMap<>();
    List<String> unused =
        Sql.list(
            connection,
            SHAPES,
            row -> shapes.put(new TableId(row.getLong(1)), row.getString(2)),
            PartitionTree.oids(connection, tables));
    return shapes;
  }

  /**
   * {@return the published shapes of tables as the catalogue describes them}
   *
   * @param connection where to read them, for example under a snapshot
   * @param tables the tables, none of them partitioned
   * @param at the position these versions are to have
   * @throws SQLException if a query fails
   */
  public List<TableSchema> schemas(Connection connection, List<PublishedTable> tables, Lsn at)
      throws SQLException {
    Map<TableId, Set<Long>> wanted = new HashMap<>();
    tables.forEach(table -> wanted.put(table.id(), Set.of()));
    Map<TableId, TableFacts> facts = facts(connection, wanted);
    return tables.stream()
        .map(
            table ->
                schema(
                    table,
                    facts.getOrDefault(table.id(), TableFacts.NONE),
                    table.scope(),
                    at,
                    null))
        .toList();
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
    return schema(connection, table, at, null);
  }

  @Override
  public Optional<String> difference(PublishedTable table, TableSchema before) {
    return control.callAtOneMoment(
        "look up table " + table.id(),
        c -> schema(c, table, before.snapshotLsn(), before).difference());
  }

  private TableSchema schema(
      Connection connection, PublishedTable table, Lsn at, @Nullable TableSchema before)
      throws SQLException {
    TableFacts facts =
        facts(connection, Map.of(table.id(), Set.of())).getOrDefault(table.id(), TableFacts.NONE);
    return schema(table, facts, scope(connection, table), at, before);
  }

  private static TableSchema schema(
      PublishedTable table,
      TableFacts facts,
      RowScope scope,
      Lsn at,
      @Nullable TableSchema before) {
    TableSchema published =
        TableSchema.builder(table.id(), table.name())
            .snapshotLsn(at)
            .replicaIdentity(table.identity())
            .columns(
                facts.columns().stream()
                    .filter(column -> table.columns().names().contains(column.name()))
                    .map(ColumnFacts::described)
                    .toList())
            .scope(scope)
            .build();
    return facts.complete(published, before, facts.read().nextXid());
  }

  /**
   * Looks tables up.
   *
   * @param tables types to look up for each, beside those of its columns
   */
  private Map<TableId, TableFacts> facts(Connection connection, Map<TableId, Set<Long>> tables)
      throws SQLException {
    Moment read = Sql.first(connection, SNAPSHOT, row -> Moment.of(row.getString(1))).orElseThrow();
    Map<TableId, List<Row>> rows = new HashMap<>();
    Set<Long> oids = new HashSet<>();
    tables.values().forEach(oids::addAll);
    for (Row row :
        Sql.list(connection, COLUMNS, Row::read, PartitionTree.oids(connection, tables.keySet()))) {
      rows.computeIfAbsent(row.table(), table -> new ArrayList<>()).add(row);
      oids.add(row.own().typeOid());
    }
    Map<Long, Dated<PgType>> types = TypeReader.types(connection, read, oids);
    types.forEach((oid, type) -> remember(oid, type.value()));
    Map<TableId, Dated<LeafIdentity>> ofLeaves =
        PartitionIdentity.ofLeaves(connection, tablesOf(rows, Row::partitioned));
    Map<TableId, Map<String, @Nullable String>> older =
        PartitionTree.olderValues(connection, tablesOf(rows, Row::partitioned));
    Map<TableId, TableFacts> facts = new HashMap<>();
    rows.forEach(
        (table, its) -> {
          Map<Long, Dated<PgType>> used = new HashMap<>(types);
          Set<Long> wanted = new HashSet<>(tables.getOrDefault(table, Set.of()));
          its.forEach(row -> wanted.add(row.own().typeOid()));
          used.keySet().retainAll(wanted);
          Map<String, @Nullable String> inLeaf = older.getOrDefault(table, Map.of());
          List<ColumnFacts> columns = its.stream().map(row -> row.column(inLeaf)).toList();
          Dated<LeafIdentity> leaves = ofLeaves.get(table);
          Dated<List<Integer>> key = its.get(0).key(leaves, columns);
          facts.put(table, new TableFacts(read, columns, key, used, leaves));
        });
    return facts;
  }

  private static List<TableId> tablesOf(Map<TableId, List<Row>> rows, Predicate<Row> which) {
    return rows.values().stream().map(its -> its.get(0)).filter(which).map(Row::table).toList();
  }

  private void remember(long oid, PgType type) {
    PgType before = types.put(oid, type);
    if (before != null && !before.equals(type)) {
      typeChanges.incrementAndGet();
    }
  }

  @Override
  public void checkTypes() {
    Set<Long> used = Set.copyOf(types.keySet());
    if (!used.isEmpty()) {
      control
          .call("look up types", c -> TypeReader.types(c, Moment.UNKNOWN, used))
          .forEach((oid, type) -> remember(oid, type.value()));
    }
  }

  @Override
  public long typeChanges() {
    return typeChanges.get();
  }

  private RowScope scope(Connection connection, PublishedTable table) throws SQLException {
    Map<TableId, Map<TableId, TableName>> leavesOf =
        table.partitioned() ? partitions(connection, List.of(table.id())) : Map.of();
    return table.scope().withPartitions(leavesOf.getOrDefault(table.id(), Map.of()));
  }

  /**
   * {@return the leaf partitions of each partitioned table; tables without any, and those that are
   * gone, are left out} Warns of each one whose changes the server does not send, when it is seen
   * first, and of an identity in which one that is new differs from the others.
   *
   * @param roots the tables
   */
  @Override
  public Map<TableId, Map<TableId, TableName>> partitions(Collection<TableId> roots) {
    return roots.isEmpty()
        ? Map.of()
        : control.call("list the partitions of tables " + roots, c -> partitions(c, roots));
  }

  private Map<TableId, Map<TableId, TableName>> partitions(
      Connection connection, Collection<TableId> roots) throws SQLException {
    Map<TableId, Map<TableId, TableName>> partitions = new HashMap<>();
    roots.forEach(root -> partitions.put(root, new HashMap<>()));
    for (PartitionTree.Leaf leaf : PartitionTree.leaves(connection, roots)) {
      partitions.computeIfAbsent(leaf.root(), root -> new HashMap<>()).put(leaf.id(), leaf.name());
      warnOfUnsent(leaf);
    }
    Set<TableId> changed = new HashSet<>(roots);
    partitions.forEach(
        (root, now) -> {
          if (now.keySet().equals(leaves.put(root, Set.copyOf(now.keySet())))) {
            changed.remove(root);
          }
        });
    warnOfIdentity(connection, changed);
    return partitions;
  }

  @Override
  public boolean hadRows(TableId root, Set<TableId> attached) {
    return control.call(
        "look at the new partitions of table " + root,
        c -> PartitionTree.hadRows(c, root, attached));
  }

  @Override
  public boolean streamsFollowPartitions() {
    return control.call(
        "ask for the server's version", c -> c.getMetaData().getDatabaseMajorVersion() >= 15);
  }

  /**
   * Warns once of partitions that differ in their replica identity.
   *
   * @param connection where to look
   * @param roots the partitioned tables
   * @throws SQLException if the query fails
   */
  public void warnOfIdentity(Connection connection, Collection<TableId> roots) throws SQLException {
    Map<TableId, String> found =
        roots.isEmpty() ? Map.of() : PartitionIdentity.problems(connection, roots);
    for (TableId root : roots) {
      String problem = found.getOrDefault(root, "");
      if (!problem.equals(problems.put(root, problem)) && !problem.isEmpty()) {
        LOG.warn(problem);
      }
    }
  }

  private void warnOfUnsent(PartitionTree.Leaf leaf) {
    if (leaf.unsent() != null && unsent.add(leaf.id())) {
      LOG.warn(
          "partition {}; the table it belongs to is copied and streamed without its rows",
          leaf.unsent().problem());
    }
  }
}

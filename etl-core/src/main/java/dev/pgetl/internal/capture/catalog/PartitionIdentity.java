package dev.pgetl.internal.capture.catalog;

import dev.pgetl.internal.capture.facts.Dated;
import dev.pgetl.internal.capture.facts.LeafIdentity;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A partitioned table, or leaf partitions of it, that identify their rows in one way.
 *
 * @param table the name of one of them
 * @param root whether it is the partitioned table
 * @param identity the way, with the newest writer of all leaves
 */
record PartitionIdentity(TableName table, boolean root, Dated<LeafIdentity> identity) {
  private static final String INDEX_COLUMNS =
      """
      (SELECT coalesce(array_agg(a.attname::text ORDER BY k.place), '{}') AS columns
        FROM pg_index i, unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k(attnum, place), pg_attribute a
        WHERE i.indrelid = c.oid AND a.attrelid = c.oid AND a.attnum = k.attnum AND i.indisvalid AND %s)""";

  /**
   * One row for each way of each table. Leaves whose ways have become the same have one, so the
   * newest writer is that of all leaves; {@code age} compares ids that are used again.
   */
  private static final String WAYS =
      """
      SELECT DISTINCT ON (root.oid, c.relkind, c.relreplident, id.columns, pk.columns)
        n.nspname, c.relname, c.relkind = 'p', c.relreplident, id.columns, pk.columns, root.oid,
        (first_value(w.writer) OVER (PARTITION BY root.oid, c.relkind ORDER BY age(w.writer)))::text::bigint
      FROM unnest(?::int8[]) AS root(oid) CROSS JOIN LATERAL %s AS t
        CROSS JOIN LATERAL (SELECT c.xmin AS writer, c.* FROM pg_class c WHERE c.oid = t.oid
          AND (c.relkind = 'r' AND c.relpersistence = 'p' OR c.oid = root.oid) OFFSET 0) c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL %s id CROSS JOIN LATERAL %s pk
        CROSS JOIN LATERAL (SELECT each.writer FROM (SELECT c.writer UNION ALL SELECT i.xmin FROM pg_index i
            WHERE i.indrelid = c.oid AND (i.indisprimary OR i.indisreplident)) each ORDER BY age(each.writer) LIMIT 1) w
      ORDER BY root.oid, c.relkind, c.relreplident, id.columns, pk.columns, c.relname"""
          .formatted(
              PartitionTree.of("root.oid::oid"),
              INDEX_COLUMNS.formatted(
                  "i.indimmediate AND (c.relreplident = 'd' AND i.indisprimary OR c.relreplident = 'i' AND i.indisreplident)"),
              INDEX_COLUMNS.formatted("i.indisprimary AND i.indimmediate"));

  private static Map<TableId, List<PartitionIdentity>> ways(
      Connection connection, Collection<TableId> roots) throws SQLException {
    Map<TableId, List<PartitionIdentity>> ways = new HashMap<>();
    List<Boolean> unused =
        Sql.list(
            connection,
            WAYS,
            row ->
                ways.computeIfAbsent(new TableId(row.getLong(7)), root -> new ArrayList<>())
                    .add(read(row)),
            PartitionTree.oids(connection, roots));
    return ways;
  }

  private static PartitionIdentity read(ResultSet row) throws SQLException {
    return new PartitionIdentity(
        new TableName(row.getString(1), row.getString(2)),
        row.getBoolean(3),
        new Dated<>(
            new LeafIdentity(
                ReplicaIdentity.ofCode(row.getString(4).charAt(0)),
                names(row.getArray(5)),
                names(row.getArray(6))),
            row.getLong(8)));
  }

  private static List<String> names(Array array) throws SQLException {
    return List.of((String[]) array.getArray());
  }

  /** {@return how all leaf partitions of each table identify rows; without those that have none} */
  static Map<TableId, Dated<LeafIdentity>> ofLeaves(
      Connection connection, Collection<TableId> roots) throws SQLException {
    Map<TableId, Dated<LeafIdentity>> identities = new HashMap<>();
    if (!roots.isEmpty()) {
      ways(connection, roots)
          .forEach(
              (root, ways) ->
                  leaves(ways)
                      .reduce(PartitionIdentity::common)
                      .ifPresent(identity -> identities.put(root, identity)));
    }
    return identities;
  }

  private static Dated<LeafIdentity> common(Dated<LeafIdentity> one, Dated<LeafIdentity> other) {
    return new Dated<>(one.value().common(other.value()), one.writtenBy());
  }

  private static Stream<Dated<LeafIdentity>> leaves(List<PartitionIdentity> ways) {
    return ways.stream().filter(way -> !way.root()).map(PartitionIdentity::identity);
  }

  /**
   * {@return what is wrong with tables that are published through their roots, and what to do;
   * tables that are all right are left out}
   */
  static Map<TableId, String> problems(Connection connection, Collection<TableId> roots)
      throws SQLException {
    Map<TableId, String> problems = new HashMap<>();
    ways(connection, roots)
        .forEach((root, ways) -> problem(ways).ifPresent(what -> problems.put(root, what)));
    return problems;
  }

  private static Optional<String> problem(List<PartitionIdentity> ways) {
    boolean alike =
        leaves(ways).map(leaf -> leaf.value().columns()).distinct().count() <= 1
            && ways.stream().map(PartitionIdentity::isFull).distinct().count() <= 1;
    return alike
        ? Optional.empty()
        : ways.stream()
            .filter(way -> !way.isFull())
            .findFirst()
            .map(
                differing ->
                    "partitions of table "
                        + ways.stream()
                            .filter(PartitionIdentity::root)
                            .findFirst()
                            .orElse(differing)
                            .table()
                        + " differ in their replica identity from each other or from the table: old rows of"
                        + " updates and deletes may lack values; give all the same, for example ALTER TABLE "
                        + differing.table().quoted()
                        + " REPLICA IDENTITY FULL and so for the others and the table itself");
  }

  private boolean isFull() {
    return identity.value().identity() == ReplicaIdentity.FULL;
  }
}

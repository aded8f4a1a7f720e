package dev.pgetl.destination.postgres.verify;

import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Where the destination keeps a table, as the state says.
 *
 * @param targets the table of the state, in SQL
 * @param pipelineId whose tables
 * @param id the table of the source
 */
record TargetPlace(String targets, String pipelineId, TableId id) {
  /** A copy adds to the count of calls with rows, or puts another table in the place. */
  private static final String QUERY =
      "select schema_name, table_name, concat_ws(' ', copied, aside_table, aside_version,"
          + " replaced_version, pg_catalog.to_regclass(pg_catalog.format('%%I.%%I', schema_name,"
          + " table_name))::oid) from %s where pipeline = ? and source_oid = ?";

  Optional<TableName> name(Session session) throws SQLException {
    return session.one(
        row -> new TableName(row.getString(1), row.getString(2)),
        QUERY.formatted(targets),
        pipelineId,
        id.oid());
  }

  String generation(Session session) throws SQLException {
    return session
        .one(row -> row.getString(3), QUERY.formatted(targets), pipelineId, id.oid())
        .orElse("");
  }
}

package dev.pgetl.destination.postgres.sql;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * Whether the destination's database can be reached, and the schema of the state be used or
 * created. Connects for each question, and changes nothing. Thread-safe.
 */
public final class DestinationDoctor {
  private static final String PRIVILEGES =
      """
      select current_user, current_database(), n.oid is not null,
        pg_catalog.has_database_privilege(current_database(), 'CREATE'),
        coalesce(pg_catalog.has_schema_privilege(n.oid, 'USAGE'), false)
      from (values (?::text)) as wanted(schema)
        left join pg_catalog.pg_namespace n on n.nspname = wanted.schema""";

  private final Connector connector;
  private final String schema;

  /**
   * Creates it; connects to nothing yet.
   *
   * @param config how to reach the database
   * @param pipelineId whose connections they are
   * @param callTimeout how long the server may take for an answer
   * @param schema the schema of the state
   */
  public DestinationDoctor(
      PgConnectionConfig config, String pipelineId, Duration callTimeout, String schema) {
    this.connector = new Connector(config, pipelineId, callTimeout);
    this.schema = schema;
  }

  /** {@return what is wrong} */
  public List<Finding> examine() {
    String doing = "examine the destination";
    try (Connection connection = connector.open(doing);
        PreparedStatement statement = connection.prepareStatement(PRIVILEGES)) {
      statement.setString(1, schema);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? examine(row) : List.of();
      }
    } catch (EtlException e) {
      return List.of(unreachable(e));
    } catch (SQLException e) {
      return List.of(unreachable(connector.failure(doing, e)));
    }
  }

  private static Finding unreachable(EtlException e) {
    return Finding.of(FindingCode.DESTINATION_UNREACHABLE, e.summary()).fixedBy(e.fix());
  }

  private List<Finding> examine(ResultSet row) throws SQLException {
    String to = " TO " + TableName.quote(row.getString(1));
    if (!row.getBoolean(3) && !row.getBoolean(4)) {
      return List.of(
          Finding.of(
                  FindingCode.DESTINATION_READ_ONLY,
                  "schema %s of the destination's state does not exist, and the role may not create it"
                      .formatted(schema))
              .fixedBy(
                  "On the destination, run PostgresDestination.ddl, or let the role create it",
                  "GRANT CREATE ON DATABASE " + TableName.quote(row.getString(2)) + to));
    }
    return row.getBoolean(3) && !row.getBoolean(5)
        ? List.of(
            Finding.of(
                    FindingCode.DESTINATION_READ_ONLY,
                    "the role may not use schema %s of the destination's state".formatted(schema))
                .fixedBy(
                    "On the destination", "GRANT USAGE ON SCHEMA " + TableName.quote(schema) + to))
        : List.of();
  }
}

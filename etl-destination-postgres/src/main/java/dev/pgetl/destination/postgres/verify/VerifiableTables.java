package dev.pgetl.destination.postgres.verify;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.destination.postgres.sql.ReadingSession;
import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.destination.postgres.table.TargetCatalog;
import dev.pgetl.destination.postgres.table.TargetColumn;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.verify.sql.HashQueries;
import dev.pgetl.internal.verify.sql.HashedColumn;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.verify.VerifiableDestination;
import dev.pgetl.verify.VerifiedShape;
import dev.pgetl.verify.VerifiedTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Opens the tables that a pipeline has written; takes over nothing. Thread-safe. */
public final class VerifiableTables implements VerifiableDestination {
  private final PgConnectionConfig config;
  private final String pipelineId;
  private final String targets;
  private final Duration callTimeout;

  /**
   * Creates it; connects to nothing yet.
   *
   * @param config how to reach the database
   * @param pipelineId whose tables
   * @param schema the schema of the state
   * @param callTimeout how long the server may take for an answer
   */
  public VerifiableTables(
      PgConnectionConfig config, String pipelineId, String schema, Duration callTimeout) {
    this.config = config;
    this.pipelineId = pipelineId;
    this.targets = new TableName(schema, "target").quoted();
    this.callTimeout = callTimeout;
  }

  @Override
  public VerifiedTable open(VerifiedShape shape) {
    ReadingSession session = ReadingSession.open(config, pipelineId, callTimeout);
    boolean opened = false;
    try {
      VerifiedTable table =
          session.ask(
              "look up the destination of " + shape.version().name(),
              (asked, connection) -> open(shape, session, asked, connection));
      opened = true;
      return table;
    } finally {
      if (!opened) {
        session.close();
      }
    }
  }

  private VerifiedTable open(
      VerifiedShape shape, ReadingSession session, Session asked, Connection connection)
      throws SQLException {
    requireSameHash(shape, asked, connection);
    TargetPlace place = new TargetPlace(targets, pipelineId, shape.version().id());
    TableName name =
        place
            .name(asked)
            .orElseThrow(
                () -> unknown(shape.version(), "pipeline " + pipelineId + " has not written"));
    List<TargetColumn> columns =
        TargetCatalog.columns(asked, name)
            .orElseThrow(() -> unknown(shape.version(), "the destination has no"));
    return new HashedTable(session, shape, place, name, ordered(shape.version(), name, columns));
  }

  private static void requireSameHash(VerifiedShape shape, Session session, Connection connection)
      throws SQLException {
    String encoding = session.one(row -> row.getString(1), "show server_encoding").orElseThrow();
    if (!encoding.equals(shape.encoding())) {
      throw new EtlException(
          ErrorKind.CONFIGURATION,
          "the source's encoding is %s and the destination's %s, so their hashes differ"
              .formatted(shape.encoding(), encoding));
    }
    if (!HashQueries.fits(connection, encoding)) {
      throw new EtlException(
          ErrorKind.CONFIGURATION, "the destination's server has another hash function");
    }
  }

  private static EtlException unknown(TableSchema version, String what) {
    return new EtlException(ErrorKind.CONFIGURATION, what + " table for " + version.name())
        .withTable(version.id().oid());
  }

  private static List<HashedColumn> ordered(
      TableSchema version, TableName name, List<TargetColumn> columns) {
    List<HashedColumn> ordered = new ArrayList<>();
    for (ColumnSchema column : version.columns()) {
      TargetColumn found =
          columns.stream()
              .filter(each -> each.name().equals(column.name()))
              .findFirst()
              .orElseThrow(
                  () ->
                      new EtlException(
                              ErrorKind.CONFIGURATION,
                              "table %s of the destination lacks column %s"
                                  .formatted(name, column.name()))
                          .withFix("A new column is added with the next event of the table")
                          .withTable(version.id().oid()));
      ordered.add(
          new HashedColumn(found.name(), found.type(), found.fullType(), "", found.nullable()));
    }
    return ordered;
  }
}

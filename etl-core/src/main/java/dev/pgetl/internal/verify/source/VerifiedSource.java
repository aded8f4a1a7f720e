package dev.pgetl.internal.verify.source;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.PublicationCatalog;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.TableCatalog;
import dev.pgetl.internal.capture.session.Connector;
import dev.pgetl.internal.capture.session.ControlSession;
import dev.pgetl.internal.capture.session.Session;
import dev.pgetl.internal.capture.session.SessionSettings;
import dev.pgetl.internal.capture.session.SessionSettings.Purpose;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.capture.session.SqlErrors;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.verify.sql.HashQueries;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.verify.VerifiedShape;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * A connection to the source that reads what a pipeline publishes, and owns nothing. Owned by one
 * thread; {@link #close} may be called by others.
 */
public final class VerifiedSource implements AutoCloseable {
  private static final String ENCODING = "SELECT pg_catalog.current_setting('server_encoding')";

  private static final String EXISTS = "SELECT FROM pg_catalog.pg_publication WHERE pubname = ?";

  private final String pipelineId;
  private final String publication;
  private final Session session;
  private final TableCatalog catalog;

  /** A question to the source. */
  interface Question<T> {
    T ask(Connection connection) throws SQLException;
  }

  private VerifiedSource(
      String pipelineId, String publication, Session session, TableCatalog catalog) {
    this.pipelineId = pipelineId;
    this.publication = publication;
    this.session = session;
    this.catalog = catalog;
  }

  /**
   * Connects.
   *
   * @param config how to reach the server
   * @param pipelineId the pipeline that carries the tables
   * @param publication its publication
   * @param callTimeout how long the server may take for one answer
   * @param platform time and locks
   */
  public static VerifiedSource open(
      PgConnectionConfig config,
      String pipelineId,
      String publication,
      Duration callTimeout,
      Platform platform) {
    Connector connector = new Connector(config, new SessionSettings(config, pipelineId), platform);
    Session session = connector.open(Purpose.CONTROL, "verify");
    VerifiedSource source =
        new VerifiedSource(
            pipelineId, publication, session, new TableCatalog(new ControlSession(connector)));
    boolean opened = false;
    try {
      boolean unused = source.ask("connect to the source", c -> source.prepare(c, callTimeout));
      opened = true;
      return source;
    } finally {
      if (!opened) {
        session.abort();
      }
    }
  }

  private boolean prepare(Connection connection, Duration callTimeout) throws SQLException {
    Sql.run(connection, "SET statement_timeout = " + callTimeout.toMillis());
    Sql.run(connection, "SET lc_monetary = 'C'");
    Sql.run(connection, "SET default_transaction_read_only = on");
    session.expectAnswersWithin(callTimeout.plusSeconds(15));
    return true;
  }

  <T> T ask(String doing, Question<T> question) {
    try {
      return question.ask(session.jdbc());
    } catch (SQLException e) {
      throw SqlErrors.failure(doing, e);
    }
  }

  String pipelineId() {
    return pipelineId;
  }

  /** {@return the published tables, by name} */
  public List<PublishedTable> tables() {
    List<PublishedTable> tables =
        ask("look up the publication", c -> PublicationCatalog.tables(c, publication));
    if (tables.isEmpty()
        && ask("look up the publication", c -> Sql.list(c, EXISTS, row -> true, publication))
            .isEmpty()) {
      throw PublicationCatalog.missing(publication);
    }
    return tables;
  }

  /**
   * {@return what of a table is compared}
   *
   * @param condition a condition on rows for both sides; empty for all rows
   */
  public VerifiedShape shape(PublishedTable table, String condition) {
    if (!table.missingPrivileges().isEmpty()) {
      throw new EtlException(
              ErrorKind.SOURCE_PERMISSION, "table " + table.name() + " cannot be read")
          .withFix("Run on the source: " + table.missingPrivileges());
    }
    return ask(
        "look up table " + table.name(),
        c -> {
          TableSchema version = catalog.schema(c, table, Lsn.ZERO);
          String encoding = Sql.first(c, ENCODING, row -> row.getString(1)).orElseThrow();
          if (!HashQueries.fits(c, encoding)) {
            throw new EtlException(
                ErrorKind.CONFIGURATION, "the source's server has another hash function");
          }
          return new VerifiedShape(version, key(version), condition, encoding);
        });
  }

  /** Columns of a key are not null; those of {@code REPLICA IDENTITY FULL} may be. */
  private static List<String> key(TableSchema version) {
    List<ColumnSchema> primary = version.primaryKey();
    List<ColumnSchema> key =
        primary.isEmpty() && version.identityColumns().size() < version.columnCount()
            ? version.identityColumns()
            : primary;
    return key.stream().map(ColumnSchema::name).toList();
  }

  /**
   * {@return the table}
   *
   * @param shape what of it is compared
   * @param types the types whose text counts, from the other side
   */
  public PublishedRows rows(PublishedTable table, VerifiedShape shape, List<String> types) {
    return ask(
        "look up table " + table.name(),
        c -> {
          String filter = PublicationCatalog.rowFilter(c, publication, table.id());
          return new PublishedRows(this, table, shape, SourceColumns.of(c, shape, types), filter);
        });
  }

  /** Cuts the connection, also while a call runs. */
  @Override
  public void close() {
    session.abort();
  }
}

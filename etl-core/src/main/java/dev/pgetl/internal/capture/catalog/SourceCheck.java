package dev.pgetl.internal.capture.catalog;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.capture.standby.StandbySource;
import dev.pgetl.schema.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Validates the source before a pipeline starts. Reports all problems at once, each with its fix;
 * possible later problems are logged as warnings. Used once.
 */
public final class SourceCheck {
  private static final Logger LOG = LoggerFactory.getLogger(SourceCheck.class);

  /** The oldest server whose pgoutput has all messages and options that are used here. */
  private static final int OLDEST_MAJOR = 14;

  /**
   * Minor versions that fix lost changes and excessive memory use in logical decoding, by major
   * version.
   */
  private static final Map<Integer, Integer> RECOMMENDED_MINORS =
      Map.of(14, 19, 15, 14, 16, 10, 17, 6);

  /**
   * Settings that are not there, or hidden from the role, have no row in {@code pg_settings}. A
   * server that has {@code effective_wal_level} (19) raises {@code replica} to {@code logical} with
   * its first logical slot.
   */
  private static final String SERVER =
      """
      SELECT CASE WHEN current_setting('wal_level') = 'replica' AND current_setting('effective_wal_level', true) <> ''
            THEN 'logical' ELSE current_setting('wal_level') END,
        current_user,
        r.rolsuper OR r.rolreplication
          OR EXISTS (SELECT FROM pg_roles m WHERE m.rolname = 'rds_replication' AND pg_has_role(m.oid, 'MEMBER')),
        current_setting('max_replication_slots')::int - (SELECT count(*) FROM pg_replication_slots),
        current_setting('max_wal_senders')::int - (SELECT count(*) FROM pg_stat_replication),
        coalesce((SELECT setting FROM pg_settings WHERE name = 'output_plugin_libraries'), 'pgoutput'),
        (SELECT source IN ('user', 'database user') FROM pg_settings WHERE name = 'lc_monetary')
      FROM pg_roles r WHERE r.rolname = current_user""";

  /** One row of {@link #SERVER}. */
  private record Server(
      String walLevel,
      String role,
      boolean mayReplicate,
      long freeSlots,
      long freeSenders,
      String plugins,
      boolean ownMoney) {}

  /** Something wrong. */
  private record Problem(ErrorKind kind, String what, String fix) {}

  private final Connection connection;
  private final String publication;
  private final List<Problem> problems = new ArrayList<>();
  private List<PublishedTable> tables = List.of();

  private SourceCheck(Connection connection, String publication) {
    this.connection = connection;
    this.publication = publication;
  }

  /**
   * Looks at the source.
   *
   * @param standby what is to be said if it is a standby, or was to be one
   * @param slotsNeeded slots and WAL senders the pipeline will use besides those it has
   * @param slotsRequired those without which it cannot make its first step
   * @return the tables of the publication
   * @throws EtlException naming everything that is wrong
   */
  public static List<PublishedTable> run(
      Connection connection,
      String publication,
      StandbySource standby,
      int slotsNeeded,
      int slotsRequired)
      throws SQLException {
    SourceCheck check = new SourceCheck(connection, publication);
    check.version();
    if (check.problems.isEmpty()) {
      standby.check(connection, check::problem);
      check.server(slotsNeeded, slotsRequired);
      check.publication();
    }
    check.throwIfAny();
    return check.tables;
  }

  private void version() throws SQLException {
    int number =
        Sql.first(connection, "SHOW server_version_num", row -> row.getInt(1)).orElseThrow();
    int major = number / 10_000;
    if (major < OLDEST_MAJOR) {
      problem(
          ErrorKind.SOURCE_CONFIGURATION,
          "the server is Postgres " + major,
          "Upgrade it to " + OLDEST_MAJOR + " or later");
    }
    int recommended = RECOMMENDED_MINORS.getOrDefault(major, 0);
    if (number % 10_000 < recommended) {
      LOG.warn(
          "server version {}.{} has errors in logical decoding that can lose changes; upgrade it to {}.{}",
          major,
          number % 10_000,
          major,
          recommended);
    }
  }

  private void server(int slotsNeeded, int slotsRequired) throws SQLException {
    Server server =
        Sql.first(
                connection,
                SERVER,
                row ->
                    new Server(
                        row.getString(1),
                        row.getString(2),
                        row.getBoolean(3),
                        row.getLong(4),
                        row.getLong(5),
                        row.getString(6),
                        row.getBoolean(7)))
            .orElseThrow();
    decoding(server);
    if (server.ownMoney()) {
      LOG.warn(
          "role \"{}\" has an lc_monetary of its own: money values have the number of digits of that locale, not"
              + " of the one others write them with; ALTER ROLE {} RESET lc_monetary, or set it for the database",
          server.role(),
          TableName.quote(server.role()));
    }
    free(
        "max_replication_slots",
        "replication slots",
        server.freeSlots(),
        slotsNeeded,
        slotsRequired);
    free("max_wal_senders", "WAL senders", server.freeSenders(), slotsNeeded, slotsRequired);
  }

  private void decoding(Server server) {
    if (!server.walLevel().equals("logical")) {
      problem(
          ErrorKind.SOURCE_CONFIGURATION,
          "wal_level is " + server.walLevel(),
          "ALTER SYSTEM SET wal_level = logical, then restart the server");
    }
    if (!server.mayReplicate()) {
      problem(
          ErrorKind.SOURCE_PERMISSION,
          "role \"" + server.role() + "\" may not replicate",
          "ALTER ROLE " + TableName.quote(server.role()) + " REPLICATION");
    }
    if (!server.plugins().contains("pgoutput")) {
      problem(
          ErrorKind.SOURCE_CONFIGURATION,
          "output_plugin_libraries does not name pgoutput",
          "Add it to that setting of the server");
    }
  }

  private void free(String setting, String what, long free, int needed, int required) {
    if (free < required) {
      problem(
          ErrorKind.SOURCE_BUSY,
          "of the server's " + what + " only " + free + " are free, " + needed + " are needed",
          "Raise " + setting + ", drop what is not used any more, or lower maxTableSyncWorkers");
    } else if (free < needed) {
      LOG.warn(
          "of the server's {} only {} are free, {} may be needed: tables will wait for each other",
          what,
          free,
          needed);
    }
  }

  private void publication() throws SQLException {
    PublicationCatalog.Publication found =
        PublicationCatalog.publication(connection, publication).orElse(null);
    if (found == null) {
      EtlException missing = PublicationCatalog.missing(publication);
      problem(missing.kind(), missing.summary(), missing.fix());
      return;
    }
    tables = PublicationCatalog.tables(connection, publication);
    if (tables.isEmpty() && found.grows()) {
      LOG.warn(
          "publication \"{}\" publishes no table yet; tables that are created later are taken in",
          publication);
    } else if (tables.isEmpty()) {
      problem(
          ErrorKind.SOURCE_CONFIGURATION,
          "publication \"" + publication + "\" publishes no table",
          "ALTER PUBLICATION " + TableName.quote(publication) + " ADD TABLE ...");
    }
    tables.forEach(SourceCheck::warnOfPrivileges);
    if (found.updatesOrDeletes()) {
      for (IdentityGap gap : IdentityGap.of(connection, publication)) {
        LOG.warn("table {} {}", gap.table(), gap.description());
      }
    }
    for (UnsentTable unsent : PublicationCatalog.unsent(connection, publication)) {
      LOG.warn("table {}; {}", unsent.problem(), unsent.fix());
    }
  }

  private static void warnOfPrivileges(PublishedTable table) {
    if (!table.missingPrivileges().isEmpty()) {
      LOG.warn(
          "table {} cannot be copied: this role may not read all of it; {}",
          table.name(),
          table.missingPrivileges());
    }
  }

  private void problem(ErrorKind kind, String what, String fix) {
    problems.add(new Problem(kind, what, fix));
  }

  private void throwIfAny() {
    if (problems.isEmpty()) {
      return;
    }
    List<ErrorKind> kinds = problems.stream().map(Problem::kind).distinct().toList();
    ErrorKind kind = kinds.size() == 1 ? kinds.get(0) : ErrorKind.SOURCE_CONFIGURATION;
    String what = String.join("; ", problems.stream().map(Problem::what).toList());
    String fix = String.join("; ", problems.stream().map(Problem::fix).toList());
    throw new EtlException(kind, "the source is not ready: " + what)
        .withFix(Objects.requireNonNull(fix));
  }
}

package dev.pgetl.internal.capture.diagnose;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.diagnose.Severity;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.schema.TableName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The role: how many sessions it may have, how long its password is valid, what is set for it. */
final class RoleCheck implements Check {
  /** What is pinned for the sessions of a pipeline, and would disturb them otherwise. */
  private static final Set<String> PINNED =
      Set.of(
          "statement_timeout",
          "lock_timeout",
          "idle_in_transaction_session_timeout",
          "idle_session_timeout",
          "transaction_timeout",
          "wal_sender_timeout",
          "search_path",
          "row_security",
          "role",
          "default_transaction_read_only",
          "datestyle",
          "intervalstyle",
          "timezone",
          "bytea_output",
          "extra_float_digits");

  private static final String ROLE =
      """
      SELECT r.rolname, d.datname,
        CASE WHEN r.rolsuper THEN -1 ELSE r.rolconnlimit END, CASE WHEN r.rolsuper THEN -1 ELSE d.datconnlimit END,
        CASE WHEN isfinite(r.rolvaliduntil) THEN extract(epoch FROM r.rolvaliduntil - now())::bigint END,
        r.rolsuper OR pg_has_role('pg_read_all_stats', 'USAGE')
      FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()""";

  private static final String SETTINGS =
      """
      SELECT lower(split_part(each, '=', 1)), s.setdatabase <> 0
      FROM pg_db_role_setting s, unnest(s.setconfig) AS each
      WHERE s.setrole = (SELECT oid FROM pg_roles WHERE rolname = current_user)
        AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
      ORDER BY 1""";

  /** One row of {@link #ROLE}. */
  private record Role(
      String name,
      String database,
      int limit,
      int databaseLimit,
      @Nullable Long secondsLeft,
      boolean seesSessions) {
    static Role read(ResultSet row) throws SQLException {
      return new Role(
          row.getString(1),
          row.getString(2),
          row.getInt(3),
          row.getInt(4),
          row.getObject(5, Long.class),
          row.getBoolean(6));
    }
  }

  /** A setting of the role, in all databases or in this one. */
  private record Setting(String name, boolean here) {}

  @Override
  public void run(Examined source, Consumer<Finding> found) throws SQLException {
    Role role = Sql.first(source.connection(), ROLE, Role::read).orElseThrow();
    limits(role, source.connections(), found);
    password(role, source.limits(), found);
    if (!role.seesSessions()) {
      found.accept(
          Finding.of(
                  FindingCode.HIDDEN_SESSIONS,
                  "role \""
                      + role.name()
                      + "\" does not see since when transactions of other roles are open")
              .fixedBy("", "GRANT pg_read_all_stats TO " + TableName.quote(role.name())));
    }
    settings(
        role,
        Sql.list(
            source.connection(), SETTINGS, row -> new Setting(row.getString(1), row.getBoolean(2))),
        found);
  }

  private static void limits(Role role, int needed, Consumer<Finding> found) {
    if (role.limit() >= 0 && role.limit() < needed) {
      found.accept(
          Finding.of(
                  FindingCode.ROLE_CONNECTION_LIMIT,
                  "role \"%s\" may have %d connections, %d may be needed: copies fail and are retried"
                      .formatted(role.name(), role.limit(), needed))
              .fixedBy("", "ALTER ROLE " + TableName.quote(role.name()) + " CONNECTION LIMIT -1"));
    }
    if (role.databaseLimit() >= 0 && role.databaseLimit() < needed) {
      found.accept(
          Finding.of(
                  FindingCode.DATABASE_CONNECTION_LIMIT,
                  "database \"%s\" allows %d connections, %d may be needed: copies fail and are retried"
                      .formatted(role.database(), role.databaseLimit(), needed))
              .fixedBy(
                  "",
                  "ALTER DATABASE " + TableName.quote(role.database()) + " CONNECTION LIMIT -1"));
    }
  }

  private static void password(Role role, SourceDoctor.Limits limits, Consumer<Finding> found) {
    Long left = role.secondsLeft();
    if (left != null && left < limits.passwordLeft().toSeconds()) {
      found.accept(
          Finding.of(
                  FindingCode.PASSWORD_EXPIRY,
                  "the password of role \"%s\" %s: then no connection can be opened"
                      .formatted(
                          role.name(),
                          left < 0 ? "has expired" : "expires in " + left / 3600 + " h"))
              .as(left < 0 ? Severity.ERROR : Severity.WARNING)
              .fixedBy(
                  "Give it another time, or none",
                  "ALTER ROLE " + TableName.quote(role.name()) + " VALID UNTIL 'infinity'"));
    }
  }

  private static void settings(Role role, List<Setting> all, Consumer<Finding> found) {
    List<Setting> pinned = all.stream().filter(each -> PINNED.contains(each.name())).toList();
    if (!pinned.isEmpty()) {
      String name = TableName.quote(role.name());
      found.accept(
          Finding.of(
                  FindingCode.ROLE_SETTINGS,
                  "role \"%s\" has settings of its own, %s: the pipeline replaces them for its sessions,"
                          .formatted(
                              role.name(),
                              pinned.stream()
                                  .map(Setting::name)
                                  .distinct()
                                  .collect(Collectors.joining(", ")))
                      + " so that they apply to other programs only")
              .fixedBy(
                  "If no other program needs them",
                  pinned.stream()
                      .map(
                          each ->
                              "ALTER ROLE "
                                  + name
                                  + (each.here()
                                      ? " IN DATABASE " + TableName.quote(role.database())
                                      : "")
                                  + " RESET "
                                  + each.name())
                      .toArray(String[]::new)));
    }
  }
}

package dev.pgetl.internal.capture.advice;

import dev.pgetl.internal.capture.session.Sql;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * What the server offers to this role.
 *
 * @param walLevel how much its log says
 * @param role this role
 * @param mayReplicate whether the role may
 * @param slots how many replication slots there may be, and how many are free
 * @param senders how many WAL senders there may be, and how many are free
 * @param plugins which libraries may decode the log
 * @param ownMoney whether the role has a locale of its own for money
 */
public record ServerFacts(
    String walLevel,
    String role,
    boolean mayReplicate,
    Room slots,
    Room senders,
    String plugins,
    boolean ownMoney) {
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
        current_setting('max_replication_slots')::int, (SELECT count(*) FROM pg_replication_slots),
        current_setting('max_wal_senders')::int, (SELECT count(*) FROM pg_stat_replication),
        coalesce((SELECT setting FROM pg_settings WHERE name = 'output_plugin_libraries'), 'pgoutput'),
        (SELECT source IN ('user', 'database user') FROM pg_settings WHERE name = 'lc_monetary')
      FROM pg_roles r WHERE r.rolname = current_user""";

  /**
   * How much there is of something.
   *
   * @param most how much there may be
   * @param free how much of it is free
   */
  public record Room(long most, long free) {}

  /** {@return what a server offers to the role of a connection} */
  public static ServerFacts of(Connection connection) throws SQLException {
    return Sql.first(
            connection,
            SERVER,
            row ->
                new ServerFacts(
                    row.getString(1),
                    row.getString(2),
                    row.getBoolean(3),
                    new Room(row.getLong(4), row.getLong(4) - row.getLong(5)),
                    new Room(row.getLong(6), row.getLong(6) - row.getLong(7)),
                    row.getString(8),
                    row.getBoolean(9)))
        .orElseThrow();
  }
}

package dev.pgetl.internal.capture.diagnose;

import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.internal.capture.session.Sql;
import java.sql.SQLException;
import java.util.function.Consumer;

/** Settings of the server that let a pipeline run, and may end it later. */
final class SettingsCheck implements Check {
  private static final String RELOAD = "SELECT pg_reload_conf()";

  /** Less than that is written within minutes by a server that is busy. */
  private static final long SMALL_MB = 1024;

  private static final long ENOUGH_MB = 10_240;

  /**
   * Connections that ordinary roles may have, and that are there; a setting that there is not is 0.
   * The doctor's own is not counted. Standbys are sessions that replicate no database.
   */
  private static final String SETTINGS =
      """
      SELECT (SELECT setting::bigint FROM pg_settings WHERE name = 'max_slot_wal_keep_size'),
        extract(epoch FROM coalesce(current_setting('idle_replication_slot_timeout', true), '0')::interval),
        current_setting('synchronous_standby_names'),
        (SELECT coalesce(string_agg(DISTINCT quote_ident(r.application_name), ', '), '') FROM pg_stat_replication r
          WHERE NOT starts_with(r.application_name, 'pgetl/')),
        current_setting('max_connections')::bigint,
        current_setting('max_connections')::bigint + 1 - (SELECT sum(numbackends) FROM pg_stat_database)
          - CASE WHEN r.rolsuper THEN 0 ELSE current_setting('superuser_reserved_connections')::bigint
            + coalesce(current_setting('reserved_connections', true)::bigint, 0) END,
        (SELECT count(*) FROM pg_stat_activity WHERE starts_with(application_name, ?) AND pid <> pg_backend_pid())
      FROM pg_roles r WHERE r.rolname = current_user""";

  /** One row of {@link #SETTINGS}. */
  private record Settings(
      long keepMb,
      long idleSeconds,
      String synchronous,
      String standbys,
      long connections,
      long freeConnections,
      long ownConnections) {}

  @Override
  public void run(Examined source, Consumer<Finding> found) throws SQLException {
    Settings settings =
        Sql.first(
                source.connection(),
                SETTINGS,
                row ->
                    new Settings(
                        row.getLong(1),
                        row.getLong(2),
                        row.getString(3),
                        row.getString(4),
                        row.getLong(5),
                        row.getLong(6),
                        row.getLong(7)),
                "pgetl/" + source.config().id() + "/")
            .orElseThrow();
    retention(settings.keepMb(), found);
    idle(settings.idleSeconds(), source.limits(), found);
    synchronous(settings, source, found);
    connections(settings, source, found);
  }

  private static void retention(long keepMb, Consumer<Finding> found) {
    String set = "ALTER SYSTEM SET max_slot_wal_keep_size = '" + ENOUGH_MB + "MB'";
    if (keepMb < 0) {
      found.accept(
          Finding.of(
                  FindingCode.WAL_UNLIMITED,
                  "max_slot_wal_keep_size is not set: if the pipeline is stopped for long, the log"
                      + " that its slot keeps fills the disk of the source")
              .fixedBy("If the source is worth more than a copy from the start", set, RELOAD));
    } else if (keepMb < SMALL_MB) {
      found.accept(
          Finding.of(
                  FindingCode.WAL_LIMIT_SMALL,
                  "max_slot_wal_keep_size is "
                      + keepMb
                      + " MB: a pipeline that is that far behind loses its slot, and copies all again")
              .fixedBy("Allow what the disk has room for, for example", set, RELOAD));
    }
  }

  private static void idle(long seconds, SourceDoctor.Limits limits, Consumer<Finding> found) {
    if (seconds > 0 && seconds < limits.stopped().toSeconds()) {
      found.accept(
          Finding.of(
                  FindingCode.IDLE_SLOT_TIMEOUT,
                  "idle_replication_slot_timeout is "
                      + seconds
                      + " s: a pipeline that is stopped for longer loses its slot, and copies all again")
              .fixedBy("", "ALTER SYSTEM SET idle_replication_slot_timeout = '0'", RELOAD));
    }
  }

  private static void synchronous(Settings settings, Examined source, Consumer<Finding> found) {
    String names = settings.synchronous();
    if (names.contains("*") || names.contains("pgetl/" + source.config().id())) {
      found.accept(
          Finding.of(
                  FindingCode.SYNCHRONOUS_STANDBY,
                  "synchronous_standby_names is "
                      + names
                      + ", which the pipeline matches: commits of the source may wait until the"
                      + " destination has them")
              .fixedBy(
                  "Name the standbys that commits are to wait for; connected are: "
                      + (settings.standbys().isEmpty() ? "none" : settings.standbys()),
                  "ALTER SYSTEM SET synchronous_standby_names = "
                      + Sql.literal(
                          settings.standbys().isEmpty()
                              ? ""
                              : "ANY 1 (" + settings.standbys() + ")"),
                  RELOAD));
    }
  }

  private static void connections(Settings settings, Examined source, Consumer<Finding> found) {
    long free = settings.freeConnections() + settings.ownConnections();
    int needed = source.connections();
    if (free < needed) {
      found.accept(
          Finding.of(
                  FindingCode.CONNECTIONS,
                  "of the server's connections only %d are free, %d may be needed: copies fail and are retried"
                      .formatted(free, needed))
              .fixedBy(
                  "Raise max_connections, or lower maxTableSyncWorkers or maxCopyConnectionsPerTable",
                  "ALTER SYSTEM SET max_connections = " + (settings.connections() - free + needed))
              .thenRestart());
    }
  }
}

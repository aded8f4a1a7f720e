package dev.pgetl.internal.capture;

import dev.pgetl.config.FailoverSlots;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.SlotCatalog;
import dev.pgetl.internal.capture.session.Session;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.capture.standby.StandbySource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the slots of a pipeline failover slots, if the configuration and the server say so, and
 * reports what the server lacks so that nothing is delivered before a standby has it. What standbys
 * are set to is not visible on a primary. Immutable.
 */
public final class SlotFailover {
  private static final Logger LOG = LoggerFactory.getLogger(SlotFailover.class);

  /** The first server that copies slots to its standbys. */
  private static final int FIRST_MAJOR = 17;

  private static final String RELOAD = "SELECT pg_reload_conf()";
  private static final String SETTING = "synchronized_standby_slots";

  /** The slots that a setting names, and physical slots in use if it names none. */
  private static final String PROBLEMS =
      """
      WITH listed AS (
        SELECT trim(both ' "' FROM name) AS name
        FROM string_to_table(current_setting('synchronized_standby_slots', true), ',') AS name
        WHERE trim(name) <> '')
      SELECT l.name, CASE WHEN s.slot_name IS NULL THEN 'missing' ELSE 'unused' END,
        (SELECT coalesce(string_agg(o.name, ', '), '') FROM listed o JOIN pg_replication_slots s ON s.slot_name = o.name AND s.slot_type = 'physical' AND s.active)
      FROM listed l LEFT JOIN pg_replication_slots s ON s.slot_name = l.name AND s.slot_type = 'physical'
      WHERE s.active IS NOT true
      UNION ALL
      SELECT s.slot_name, 'unlisted', '' FROM pg_replication_slots s
      WHERE s.slot_type = 'physical' AND s.active AND NOT EXISTS (SELECT FROM listed)""";

  private static final String NO_FAILOVER =
      "SELECT active FROM pg_replication_slots WHERE slot_name = ? AND NOT failover AND NOT temporary";

  private final FailoverSlots wanted;

  /** What is wanted of a server. */
  public SlotFailover(FailoverSlots wanted) {
    this.wanted = wanted;
  }

  /**
   * Checks the server.
   *
   * @throws EtlException of kind {@code SOURCE_CONFIGURATION} if failover slots are required and
   *     the server has none
   */
  void check(Connection connection) throws SQLException {
    if (StandbySource.is(connection)) {
      return; // it has none, and cascades no waiting
    }
    requireSupport(connection);
    if (wanted != FailoverSlots.OFF) {
      for (Finding finding : findings(connection)) {
        LOG.warn("{}; {}", finding.problem(), finding.fix());
      }
    }
  }

  /**
   * Checks the version of the server.
   *
   * @throws EtlException of kind {@code SOURCE_CONFIGURATION} if failover slots are required and
   *     the server has none
   */
  public void requireSupport(Connection connection) throws SQLException {
    int major = connection.getMetaData().getDatabaseMajorVersion();
    if (wanted == FailoverSlots.ON && major < FIRST_MAJOR) {
      throw new EtlException(
              ErrorKind.SOURCE_CONFIGURATION,
              "the source is not ready: failoverSlots is ON, and the server is Postgres " + major)
          .withFix("Upgrade it to " + FIRST_MAJOR + " or later, or set failoverSlots to AUTO");
    }
  }

  /** {@return what keeps changes from standbys, or standbys from changes; nothing before 17} */
  public static List<Finding> findings(Connection connection) throws SQLException {
    if (connection.getMetaData().getDatabaseMajorVersion() < FIRST_MAJOR) {
      return List.of();
    }
    List<Problem> problems = Sql.list(connection, PROBLEMS, Problem::read);
    String unlisted =
        problems.stream()
            .filter(problem -> problem.what().equals("unlisted"))
            .map(Problem::slot)
            .collect(Collectors.joining(", "));
    return problems.stream().map(problem -> problem.finding(unlisted)).toList();
  }

  /**
   * A slot, what is wrong with it, and the setting without it.
   *
   * @param slot a physical slot, or what the setting names as one
   * @param what {@code missing}, {@code unused} or {@code unlisted}
   * @param used those that the setting names and standbys use
   */
  private record Problem(String slot, String what, String used) {
    static Problem read(ResultSet row) throws SQLException {
      return new Problem(row.getString(1), row.getString(2), row.getString(3));
    }

    Finding finding(String unlisted) {
      return switch (what) {
        case "missing" ->
            Finding.of(
                    FindingCode.STANDBY_GONE,
                    SETTING
                        + " names slot "
                        + slot
                        + ", which does not exist: the server holds all changes back until it does")
                .fixedBy("Leave only those that are used", set(used), RELOAD);
        case "unused" ->
            Finding.of(
                    FindingCode.STANDBY_UNUSED,
                    SETTING
                        + " names slot "
                        + slot
                        + ", which no standby uses: the server holds all changes back until its standby"
                        + " is connected")
                .fixedBy(
                    "If it is gone for good, leave only those that are used", set(used), RELOAD);
        default ->
            Finding.of(
                    FindingCode.STANDBY_UNLISTED,
                    "a standby uses slot "
                        + slot
                        + " and "
                        + SETTING
                        + " is empty: after a failover it may lack what was delivered, and the"
                        + " pipeline would end as DIVERGED")
                .fixedBy("Have changes wait for it", set(unlisted), RELOAD);
      };
    }

    private static String set(String slots) {
      return "ALTER SYSTEM SET " + SETTING + " = '" + slots + "'";
    }
  }

  /** {@return whether slots are created as failover slots} */
  boolean applies(Session session) throws SQLException {
    return wanted != FailoverSlots.OFF
        && !StandbySource.is(session.jdbc())
        && session.jdbc().getMetaData().getDatabaseMajorVersion() >= FIRST_MAJOR;
  }

  /**
   * Makes a slot a failover slot if slots are to be, and it is none. One that another client holds
   * stays as it is: the server would wait for its end.
   */
  void make(Session session, SlotCatalog slots, String name) throws SQLException {
    if (!applies(session)) {
      return;
    }
    Optional<Boolean> held = Sql.first(session.jdbc(), NO_FAILOVER, row -> row.getBoolean(1), name);
    if (held.orElse(false)) {
      slots.release(name);
    }
    if (held.isPresent() && slots.awaitFree(name)) {
      try (Statement statement = session.jdbc().createStatement()) {
        statement.execute("ALTER_REPLICATION_SLOT " + SlotCatalog.checked(name) + " (FAILOVER)");
      }
      LOG.info("replication slot {} is a failover slot from now on", name);
    }
  }
}

package dev.pgetl.internal.capture.standby;

import dev.pgetl.config.FailoverSlots;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.capture.session.SqlErrors;
import dev.pgetl.internal.connect.Hosts;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What differs where the source is a standby: what it needs, how far its log can be read, and what
 * its failures mean. Immutable.
 *
 * <p>A standby takes advisory locks, table locks that readers take, and exported snapshots as a
 * primary does. It does not write: its log ends where it has replayed that of the primary. It sends
 * a transaction only once it has replayed it, so its catalogue shows what a stream describes. The
 * slots of a standby are on that server only.
 */
public final class StandbySource {
  private static final Logger LOG = LoggerFactory.getLogger(StandbySource.class);

  /** The first standby that decodes its log. */
  private static final int FIRST_MAJOR = 16;

  /** SQL for how far the log of a server can be read. */
  public static final String END_OF_WAL =
      "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END";

  /** What to do about a slot whose rows of the catalogue are gone. */
  public static final String FEEDBACK =
      "The primary has removed rows that the slot needed: on the standby, ALTER SYSTEM SET"
          + " hot_standby_feedback = on, and set primary_slot_name to a physical slot of the primary. ";

  /** What to do about a primary that does not log enough. */
  public static final String WAL_LEVEL =
      "On the primary: ALTER SYSTEM SET wal_level = logical, then restart it. ";

  private static final String SERVER =
      """
      SELECT current_setting('server_version_num')::int / 10000, pg_is_in_recovery(),
        current_setting('hot_standby_feedback')::boolean, current_setting('primary_slot_name') <> '',
        s.slot_name IS NOT NULL, coalesce(to_jsonb(s) ->> 'synced' = 'true', false)
      FROM (VALUES (?)) AS of_pipeline(slot) LEFT JOIN pg_replication_slots s ON s.slot_name = of_pipeline.slot""";

  /** One row of {@link #SERVER}. */
  private record Server(
      int major,
      boolean standby,
      boolean feedback,
      boolean hasPhysicalSlot,
      boolean hasSlot,
      boolean synced) {}

  /** Takes what is wrong. */
  @FunctionalInterface
  public interface Problems {
    /** Takes one problem with its fix. */
    void problem(ErrorKind kind, String what, String fix);
  }

  private final boolean wanted;
  private final FailoverSlots failover;
  private final String slot;

  /**
   * Creates it.
   *
   * @param wanted whether the source is to be a standby
   * @param failover whether slots are to be failover slots
   * @param slot of the pipeline's stream
   */
  public StandbySource(boolean wanted, FailoverSlots failover, String slot) {
    this.wanted = wanted;
    this.failover = failover;
    this.slot = slot;
  }

  /** {@return whether the server is a standby} Asks nothing. */
  public static boolean is(Connection connection) throws SQLException {
    return Hosts.isStandby(connection);
  }

  /** {@return how far the log of the server can be read} */
  public static Lsn endOfWal(Connection connection) throws SQLException {
    return Lsn.parse(
        Sql.first(connection, "SELECT " + END_OF_WAL, row -> row.getString(1)).orElse("0/0"));
  }

  /** Checks before a start that the server is what is wanted, and has what it needs. */
  public void check(Connection connection, Problems problems) throws SQLException {
    Server server =
        Sql.first(
                connection,
                SERVER,
                row ->
                    new Server(
                        row.getInt(1),
                        row.getBoolean(2),
                        row.getBoolean(3),
                        row.getBoolean(4),
                        row.getBoolean(5),
                        row.getBoolean(6)),
                slot)
            .orElseThrow();
    if (server.standby() && wanted) {
      checkStandby(server, problems);
    } else if (server.standby()) {
      problems.problem(
          ErrorKind.SOURCE_CONFIGURATION,
          "the server is a standby",
          "Connect to the primary server, or set pgConnection.readFromStandby to read from this one");
    } else if (wanted && !server.hasSlot()) {
      problems.problem(
          ErrorKind.SOURCE_CONFIGURATION,
          "the server is no standby, pgConnection.readFromStandby is set, and no slot shows that it was one",
          "Connect to the standby, or do not set readFromStandby");
    }
  }

  private void checkStandby(Server server, Problems problems) {
    if (server.major() < FIRST_MAJOR) {
      problems.problem(
          ErrorKind.SOURCE_CONFIGURATION,
          "the server is a standby of Postgres " + server.major() + ", which has no logical slots",
          "Upgrade it to " + FIRST_MAJOR + " or later, or connect to the primary server");
      return;
    }
    if (!server.feedback()) {
      problems.problem(
          ErrorKind.SOURCE_CONFIGURATION,
          "hot_standby_feedback of the standby is off",
          "On the standby: ALTER SYSTEM SET hot_standby_feedback = on; SELECT pg_reload_conf()");
    }
    if (failover == FailoverSlots.ON) {
      problems.problem(
          ErrorKind.SOURCE_CONFIGURATION,
          "failoverSlots is ON, and a standby has none",
          "Set failoverSlots to AUTO");
    }
    if (server.synced()) {
      problems.problem(
          ErrorKind.SOURCE_CONFIGURATION,
          "replication slot " + slot + " of the standby is a copy of one of the primary",
          "Give the pipeline another id");
    }
    if (!server.hasPhysicalSlot()) {
      LOG.warn(
          "primary_slot_name of the standby is empty: while it is not connected to the primary, that may remove rows"
              + " which the pipeline's slots need, and they are lost; set it to a physical slot of the primary");
    }
  }

  /** Says what a slot waits for that is about to be made. */
  public static void creating(String slot) {
    LOG.info(
        "creating replication slot {} waits until the primary logs its running transactions, which takes 15 s if it is"
            + " written to; at once: SELECT pg_log_standby_snapshot() on the primary",
        slot);
  }

  /**
   * {@return why a slot was not made, if that is because of the standby}
   *
   * @param connection where it was tried
   * @param limit how long it was waited for
   */
  public static Optional<EtlException> slotNotCreated(
      Connection connection, String slot, SQLException e, Duration limit) {
    String doing = "create slot " + slot + " on a standby failed: ";
    return switch (isSafely(connection) ? SqlErrors.stateOf(e) : "") {
      case SqlErrors.QUERY_CANCELED ->
          Optional.of(
              new EtlException(
                      ErrorKind.SOURCE_BUSY,
                      doing
                          + "within "
                          + limit.toSeconds()
                          + " s the primary has not logged its running transactions, or some that"
                          + " were open before have not ended",
                      e)
                  .withFix(
                      "On the primary, while the slot is made: SELECT pg_log_standby_snapshot();"
                          + " or raise pgConnection.lockTimeout"));
      case SqlErrors.NOT_IN_PREREQUISITE_STATE ->
          Optional.of(
              new EtlException(ErrorKind.SOURCE_CONFIGURATION, doing + SqlErrors.describe(e), e)
                  .withFix(WAL_LEVEL.strip()));
      default -> Optional.empty();
    };
  }

  private static boolean isSafely(Connection connection) {
    try {
      return is(connection);
    } catch (SQLException e) {
      return false; // it is closed, which is another failure
    }
  }
}

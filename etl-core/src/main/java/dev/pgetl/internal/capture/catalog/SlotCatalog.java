package dev.pgetl.internal.capture.catalog;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.session.ControlSession;
import dev.pgetl.internal.capture.session.OwnBackends;
import dev.pgetl.internal.capture.session.Session;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.capture.session.SqlErrors;
import dev.pgetl.internal.capture.standby.StandbySource;
import dev.pgetl.internal.platform.Ticker;
import dev.pgetl.schema.TableName;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The logical replication slots of the database. Thread-safe. */
public final class SlotCatalog {
  /** What comes with a new slot. */
  public enum Snapshot {
    NONE("LOGICAL pgoutput NOEXPORT_SNAPSHOT", "LOGICAL pgoutput (SNAPSHOT 'nothing', FAILOVER)"),
    /** The snapshot of its first position. */
    EXPORTED("LOGICAL pgoutput EXPORT_SNAPSHOT", "LOGICAL pgoutput (SNAPSHOT 'export', FAILOVER)"),
    /** The same; the slot ends with its connection, so that no standby needs it. */
    EXPORTED_TEMPORARY(
        "TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT", "TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT");

    private final String options;
    private final String failoverOptions;

    Snapshot(String options, String failoverOptions) {
      this.options = options;
      this.failoverOptions = failoverOptions;
    }

    private String options(boolean failover) {
      return failover ? failoverOptions : options;
    }
  }

  private static final Pattern NAME = Pattern.compile("[a-z0-9_]{1,63}");

  /**
   * {@code to_jsonb} because older servers lack the last columns, whose names have changed.
   * Postgres 16 says {@code conflicting} of every slot that it has invalidated, also where no
   * replay can conflict.
   */
  private static final String SLOTS =
      """
      SELECT slot_name, coalesce(active_pid, 0), confirmed_flush_lsn, coalesce(wal_status, ''),
        coalesce(j ->> 'invalidation_reason',
          CASE WHEN pg_is_in_recovery() AND j ->> 'conflicting' = 'true' THEN 'conflicting' END, ''),
        plugin, two_phase, coalesce(j ->> 'synced' = 'true', false)
      FROM pg_replication_slots s, to_jsonb(s) j
      WHERE slot_type = 'logical' AND database = current_database()""";

  /** The name is compared because a process number may have been reused. */
  private static final String TERMINATE_HOLDER =
      """
      SELECT pg_terminate_backend(a.pid, ?)
      FROM pg_replication_slots s JOIN pg_stat_activity a ON a.pid = s.active_pid
      WHERE s.slot_name = ? AND a.pid = ? AND starts_with(a.application_name, ?)""";

  /** Decoding ends where the slot stands. */
  private static final String USE =
      """
      SELECT count(*) FROM pg_replication_slots s CROSS JOIN LATERAL pg_logical_slot_peek_binary_changes(
        s.slot_name, s.confirmed_flush_lsn, 1, 'proto_version', '1', 'publication_names', ?) c
      WHERE coalesce(current_setting('idle_replication_slot_timeout', true), '0') <> '0'
        AND s.slot_name = ANY (?) AND s.database = current_database() AND s.plugin = 'pgoutput'
        AND NOT s.active AND s.wal_status <> 'lost' AND s.confirmed_flush_lsn IS NOT NULL""";

  /** A role without pg_read_all_stats sees no priority, not even of its own sessions. */
  private static final String SYNCHRONOUS =
      """
      SELECT a.pid, EXISTS (SELECT FROM pg_stat_replication r,
          lower(current_setting('synchronous_standby_names')) AS standbys
        WHERE r.pid = a.pid AND coalesce(r.sync_priority > 0,
          strpos(standbys, '*') > 0 OR strpos(standbys, lower(r.application_name)) > 0))
      FROM pg_stat_activity a WHERE a.pid = ANY (?) AND starts_with(a.application_name, ?)""";

  private static final String DROP =
      """
      SELECT pg_drop_replication_slot(slot_name)
      FROM pg_replication_slots
      WHERE slot_name = ? AND slot_type = 'logical' AND database = current_database()""";

  private static final String OTHER_DATABASE =
      """
      SELECT coalesce('database "' || database || '"', 'physical replication') FROM pg_replication_slots
      WHERE slot_name = ? AND database IS DISTINCT FROM current_database()""";

  /** How long to wait for a process to leave a slot. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Duration POLL = Duration.ofMillis(50);

  private final ControlSession control;
  private final LockReport lockReport;
  private final String applicationPrefix;
  private final Ticker ticker;
  private final OwnBackends own = new OwnBackends();

  /**
   * Creates the catalogue.
   *
   * @param applicationPrefix how the application names of this pipeline's connections begin
   * @param ticker a clock in nanoseconds
   */
  public SlotCatalog(
      ControlSession control, LockReport lockReport, String applicationPrefix, Ticker ticker) {
    this.control = control;
    this.lockReport = lockReport;
    this.applicationPrefix = applicationPrefix;
    this.ticker = ticker;
  }

  /** {@return the name, fit to stand in a replication command as it is} */
  public static String checked(String slotName) {
    if (!NAME.matcher(slotName).matches()) {
      throw new IllegalArgumentException("not the name of a slot: " + slotName);
    }
    return slotName;
  }

  public List<SlotState> all() {
    return control.call("list the replication slots", c -> Sql.list(c, SLOTS, SlotCatalog::read));
  }

  public Optional<SlotState> find(String name) {
    return control.call("look for slot " + name, c -> find(c, name));
  }

  public static Optional<SlotState> find(Connection connection, String name) throws SQLException {
    return Sql.first(connection, SLOTS + " AND slot_name = ?", SlotCatalog::read, name);
  }

  /** Remembers a server process of ours: only such are ever ended. */
  public void opened(int backendPid) {
    own.opened(backendPid);
  }

  /** Uses slots that nobody reads from, so that the server does not think they are not needed. */
  public void use(Set<String> names, String publication) {
    if (!names.isEmpty()) {
      control.call(
          "use slots " + names,
          c ->
              Sql.list(
                  c,
                  USE,
                  row -> row.getLong(1),
                  TableName.quote(publication),
                  c.createArrayOf("text", names.toArray())));
    }
  }

  public boolean isSynchronousStandby() {
    Set<Integer> asked = own.all();
    Map<Integer, Boolean> present =
        control
            .call(
                "look for synchronous standbys",
                c ->
                    Sql.list(
                        c,
                        SYNCHRONOUS,
                        row -> Map.entry(row.getInt(1), row.getBoolean(2)),
                        c.createArrayOf("int4", asked.toArray()),
                        applicationPrefix))
            .stream()
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    own.keep(asked, present.keySet());
    return present.containsValue(true);
  }

  /** Ends the process of ours that holds the slot, if one does, and waits until it is gone. */
  public void release(String name) {
    int holder = find(name).filter(SlotState::active).map(SlotState::activePid).orElse(0);
    if (own.contains(holder)) {
      control.call(
          "release slot " + name,
          c ->
              Sql.list(
                  c,
                  TERMINATE_HOLDER,
                  row -> row.getBoolean(1),
                  PATIENCE.toMillis(),
                  name,
                  holder,
                  applicationPrefix));
    }
  }

  /**
   * Waits for a slot whose holder is about to leave: the server notices the end of a killed client
   * only after a moment.
   *
   * @return whether it is free, or gone
   */
  public boolean awaitFree(String name) {
    long start = ticker.nanos();
    while (find(name).filter(SlotState::active).isPresent()) {
      boolean late = ticker.nanos() - start > PATIENCE.toNanos();
      if (late || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
    return true;
  }

  /**
   * Drops the slot, after ending a process of ours that holds it; does nothing if there is none.
   *
   * @throws EtlException if it is another program's
   */
  public void drop(String name) {
    find(name).ifPresent(SlotState::requireOurs);
    release(name);
    String doing = "drop slot " + name;
    if (!awaitFree(name) && find(name).filter(SlotState::unfinished).isPresent()) {
      throw new EtlException(
              ErrorKind.SOURCE_BUSY,
              doing
                  + " failed: the server is still making it, maybe for a client that is gone, and"
                  + " waits for transactions that were open before: "
                  + lockReport.openTransactions())
          .withFix("End them, or try again after pgConnection.lockTimeout");
    }
    control.call(doing, c -> dropIfPresent(c, name));
  }

  private static boolean dropIfPresent(Connection connection, String name) throws SQLException {
    try {
      return Sql.first(connection, DROP, row -> true, name).isPresent();
    } catch (SQLException e) {
      if (SqlErrors.stateOf(e).equals(SqlErrors.UNDEFINED_OBJECT)) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Creates a slot for pgoutput. The server waits for all transactions that write at the moment, in
   * any of its databases. It does not notice meanwhile that its client is gone, so it has a limit
   * of its own.
   *
   * @param session a replication session; the next command on it, or its end, ends the exported
   *     snapshot
   * @param failover whether the server copies it to its standbys
   * @param limit how long to wait for them
   */
  public CreatedSlot create(
      Session session, String name, Snapshot snapshot, boolean failover, Duration limit) {
    String command = "CREATE_REPLICATION_SLOT " + checked(name) + " " + snapshot.options(failover);
    try (Statement statement = session.jdbc().createStatement()) {
      statement.execute("SET lock_timeout = " + serverLimit(limit));
      if (StandbySource.is(session.jdbc())) {
        StandbySource.creating(name);
      }
      statement.setQueryTimeout((int) Math.max(1, limit.plusMillis(999).toSeconds()));
      try (ResultSet created = statement.executeQuery(command)) {
        created.next();
        return new CreatedSlot(
            Lsn.parse(created.getString("consistent_point")),
            Objects.requireNonNullElse(created.getString("snapshot_name"), ""));
      }
    } catch (SQLException e) {
      throw StandbySource.slotNotCreated(session.jdbc(), name, e, limit)
          .orElseGet(() -> creationFailure(name, e, limit));
    }
  }

  private static long serverLimit(Duration limit) {
    return Math.min(Math.max(1, limit.toMillis()), Integer.MAX_VALUE);
  }

  private EtlException creationFailure(String name, SQLException e, Duration limit) {
    String doing = "create slot " + name;
    return switch (SqlErrors.stateOf(e)) {
      case SqlErrors.QUERY_CANCELED, SqlErrors.LOCK_NOT_AVAILABLE ->
          new EtlException(
                  ErrorKind.SOURCE_BUSY,
                  doing
                      + " failed: transactions that were open before did not end within "
                      + limit.toSeconds()
                      + " s: "
                      + lockReport.openTransactions(),
                  e)
              .withFix("End them, or raise pgConnection.lockTimeout");
      case SqlErrors.DUPLICATE_OBJECT -> taken(name, doing, e);
      default -> SqlErrors.failure(doing, e);
    };
  }

  /** Names of slots are the server's, not the database's. */
  private EtlException taken(String name, String doing, SQLException e) {
    String database =
        control.call(
            "look for slot " + name,
            c -> Sql.first(c, OTHER_DATABASE, row -> row.getString(1), name).orElse(""));
    return database.isEmpty()
        ? new EtlException(ErrorKind.SLOT_IN_USE, doing + " failed: the slot exists", e)
            .withFix(
                "If no other pipeline has this id: SELECT pg_drop_replication_slot('" + name + "')")
        : new EtlException(
                ErrorKind.SLOT_IN_USE,
                doing + " failed: a slot of that name belongs to " + database,
                e)
            .withFix(
                "Give this pipeline another id: a pipeline of another database has this one, or had it");
  }

  /**
   * {@return why a stream that read from the slot has broken, as far as the server reports it}
   *
   * @param doing what the stream was doing
   * @param ownPid the server process of the stream
   * @param cause how it broke
   */
  public EtlException whyBroken(String doing, String name, int ownPid, Exception cause) {
    Optional<SlotState> state;
    try {
      state = find(name);
    } catch (EtlException e) {
      return new EtlException(
          ErrorKind.SOURCE_UNAVAILABLE,
          doing + " failed: the server went away; " + e.summary(),
          cause);
    }
    return state
        .map(slot -> whyBroken(doing, slot, ownPid, cause))
        .orElseGet(
            () ->
                SlotState.changesMissing(
                    doing + " failed: the slot does not exist any more", cause));
  }

  /** Another connection to the server turned out to lead nowhere. */
  public void suspectConnection() {
    control.suspect();
  }

  /** {@return the failure, as a lost slot if that is the reason} */
  public EtlException ifLost(EtlException failure, String name) {
    try {
      return find(name).filter(SlotState::lost).isPresent()
          ? whyBroken(failure.summary(), name, 0, failure)
          : failure;
    } catch (EtlException e) {
      failure.addSuppressed(e);
      return failure;
    }
  }

  private static EtlException whyBroken(
      String doing, SlotState slot, int ownPid, @Nullable Exception cause) {
    if (slot.lost()) {
      return slot.invalidated(doing, cause);
    }
    if (slot.active() && slot.activePid() != ownPid) {
      return new EtlException(
          ErrorKind.SLOT_IN_USE,
          doing + " failed: process " + slot.activePid() + " has taken the slot over",
          cause);
    }
    return new EtlException(
        ErrorKind.SOURCE_UNAVAILABLE, doing + " failed: the connection was lost", cause);
  }

  private static SlotState read(ResultSet row) throws SQLException {
    return new SlotState(
        row.getString(1),
        row.getInt(2),
        lsn(row.getString(3)),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        row.getBoolean(7),
        row.getBoolean(8));
  }

  private static Lsn lsn(@Nullable String text) {
    return text == null ? Lsn.ZERO : Lsn.parse(text);
  }
}

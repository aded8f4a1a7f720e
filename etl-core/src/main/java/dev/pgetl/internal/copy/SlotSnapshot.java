package dev.pgetl.internal.copy;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.ReplicationSession;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.catalog.CreatedSlot;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.capture.session.Session;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.capture.session.SqlErrors;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.wal.Lsn;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections that see one table as it was at the first position of its slot.
 *
 * <p>Each of them has locked the table against changes of its shape before the slot was made.
 * Otherwise the server would show a table that is rewritten or truncated in between as empty,
 * without an error; and a connection that locks later could wait behind a DDL statement that waits
 * for the first one. Owned by one thread; {@link #abort} may be called from any.
 */
final class SlotSnapshot implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SlotSnapshot.class);

  /** Takes no snapshot yet, and neither does {@code LOCK TABLE}. */
  private static final String BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

  /** Connections with the same answer lead to the same server. */
  private static final String SERVER =
      "SELECT concat_ws(' ', pg_postmaster_start_time(), inet_server_addr(), inet_server_port())";

  private static final String SEEN = "SELECT pg_current_snapshot()::text";

  /** SQLSTATEs of a snapshot that another server exported, or a connection that is gone. */
  private static final Set<String> UNKNOWN_SNAPSHOT = Set.of("22023", "42704");

  private final SourceDatabase source;
  private final TableCopier.Request request;
  private final List<Session> sessions;
  private final SourceFacts facts;
  private final CreatedSlot slot;

  private SlotSnapshot(
      SourceDatabase source,
      TableCopier.Request request,
      List<Session> sessions,
      SourceFacts facts,
      CreatedSlot slot) {
    this.source = source;
    this.request = request;
    this.sessions = List.copyOf(sessions);
    this.facts = facts;
    this.slot = slot;
  }

  /** {@return the part of the application name of connections that copy a table} */
  static String role(PublishedTable table) {
    return "copy_" + table.id();
  }

  /** Locks the table, as the first thing in the session's transaction. */
  static void lock(PublishedTable table, Session session) throws SQLException {
    String only = table.partitioned() ? "" : "ONLY ";
    Sql.run(session.jdbc(), BEGIN);
    Sql.run(session.jdbc(), "LOCK TABLE " + only + table.name().quoted() + " IN ACCESS SHARE MODE");
  }

  /**
   * Creates the slot and lets connections see its snapshot.
   *
   * @param sessions have locked the table; stay the caller's if this fails
   */
  static SlotSnapshot take(
      CopyConnections connections, TableCopier.Request request, List<Session> sessions)
      throws SQLException {
    try (ReplicationSession exporter = connections.openReplication(role(request.table()))) {
      String server = server(exporter.session());
      SourceFacts facts = exporter.facts();
      CreatedSlot slot =
          request.temporary()
              ? temporarySlot(exporter, request)
              : exporter.createSlotWithSnapshot(request.slotName());
      SlotSnapshot snapshot =
          new SlotSnapshot(connections.source(), request, sessions, facts, slot);
      boolean seen = false;
      try {
        Failpoint.BEFORE_SNAPSHOT_IMPORTED.reached();
        snapshot.see(exporter.session(), server);
        seen = true;
        return snapshot;
      } finally {
        if (!seen) {
          snapshot.discard();
        }
      }
    }
  }

  /**
   * {@return a slot that ends with its connection} Where a copy continues it is a second one beside
   * the table's own: to wait until one is free would be in vain, because slots of tables that wait
   * as well may be all there are.
   */
  private static CreatedSlot temporarySlot(
      ReplicationSession exporter, TableCopier.Request request) {
    try {
      return exporter.createTemporarySlot(request.slotName());
    } catch (EtlException e) {
      if (request.continues()
          && e.getCause() instanceof SQLException cause
          && SqlErrors.stateOf(cause).equals(SqlErrors.CONFIGURATION_LIMIT_EXCEEDED)) {
        throw new EtlException(
                ErrorKind.SOURCE_CONFIGURATION,
                "no replication slot is free for the snapshot of a copy that continues",
                e)
            .withFix("Raise max_replication_slots: each sync worker may need two")
            .withTable(request.table().id().oid());
      }
      throw e;
    }
  }

  /** Imports the snapshot on all connections, and proves that all of them see it. */
  private void see(Session exporter, String server) throws SQLException {
    for (Session session : sessions) {
      try {
        Sql.run(session.jdbc(), "SET TRANSACTION SNAPSHOT '" + slot.snapshotName() + "'");
      } catch (SQLException e) {
        if (UNKNOWN_SNAPSHOT.contains(SqlErrors.stateOf(e))) {
          ask(exporter, SERVER); // fails if the snapshot went with its connection
          throw severalServers(e);
        }
        throw e;
      }
    }
    String seen = ask(leader(), SEEN);
    for (Session session : sessions) {
      if (!server(session).equals(server) || !ask(session, SEEN).equals(seen)) {
        throw severalServers(null);
      }
    }
  }

  private EtlException severalServers(@Nullable SQLException cause) {
    return new EtlException(
            ErrorKind.SOURCE_CONFIGURATION,
            "take the snapshot of table "
                + request.table().name()
                + " failed: connections to the same address lead to different servers",
            cause)
        .withFix("Connect to one server itself, not to a load balancer or pooler")
        .withTable(request.table().id().oid());
  }

  /** {@return which server a connection leads to} */
  static String server(Session session) throws SQLException {
    return ask(session, SERVER);
  }

  private static String ask(Session session, String question) throws SQLException {
    return Sql.first(session.jdbc(), question, row -> row.getString(1)).orElse("");
  }

  /** {@return the server the slot belongs to} */
  SourceFacts facts() {
    return facts;
  }

  /** {@return the slot's first position} */
  Lsn consistentPoint() {
    return slot.consistentPoint();
  }

  /** {@return one of the connections, for questions} */
  Session leader() {
    return sessions.get(0);
  }

  /** {@return all connections that see the snapshot} */
  List<Session> sessions() {
    return sessions;
  }

  /** Gives the copy up: cuts the connections and drops the slot. Never fails. */
  void discard() {
    abort();
    if (request.temporary()) {
      return; // its slot ends with the connection that made it
    }
    try {
      source.dropSlot(request.slotName());
    } catch (EtlException e) {
      LOG.warn(
          "slot {} of a copy that failed could not be dropped: {}",
          request.slotName(),
          e.getMessage());
    }
  }

  /** Cuts all connections at once. Idempotent. */
  void abort() {
    sessions.forEach(Session::abort);
  }

  /** Ends the transactions, and with them the locks. Idempotent. */
  @Override
  public void close() {
    sessions.forEach(Session::close);
  }
}

package dev.pgetl.destination.postgres.apply;

import dev.pgetl.destination.postgres.sql.Failures;
import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.destination.postgres.sql.Sessions;
import dev.pgetl.destination.postgres.state.TableState;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events, each list in one transaction together with the keys of its last events. Events
 * that are not behind the remembered key of their table are dropped. Thread-safe for lists about
 * other tables.
 */
public final class EventWriter {
  private static final Logger LOG = LoggerFactory.getLogger(EventWriter.class);

  private final Sessions sessions;
  private final Tables tables;

  /**
   * Creates it.
   *
   * @param sessions the connections
   * @param tables the tables
   */
  public EventWriter(Sessions sessions, Tables tables) {
    this.sessions = sessions;
    this.tables = tables;
  }

  /** Writes events durably. */
  public void write(List<Event> events) {
    Map<TableId, EventSequence> last = BatchKeys.last(events);
    if (last.isEmpty()) {
      return;
    }
    boolean complete = false;
    try {
      sessions
          .inTransaction(
              "write events of " + last.size() + " tables", session -> apply(session, events, last))
          .committed();
      complete = true;
    } finally {
      if (!complete) {
        tables.forget(last.keySet());
      }
    }
  }

  /** {@return the tables as the transaction leaves them} */
  private OpenTables apply(Session session, List<Event> events, Map<TableId, EventSequence> last)
      throws SQLException {
    OpenTables open = locked(session, last.keySet());
    if (!folded(session, open, newer(open, events), last)) {
      LOG.debug("{} events are applied in their order", events.size());
      session.rollback();
      tables.forget(last.keySet());
      open = locked(session, last.keySet());
      new OrderedBatch(session, open).apply(newer(open, events));
      advance(open, last);
    }
    return open;
  }

  /** Whether the events could be folded; otherwise the transaction is of no use. */
  private static boolean folded(
      Session session, OpenTables open, List<Event> newer, Map<TableId, EventSequence> last)
      throws SQLException {
    if (newer.isEmpty()) {
      return true;
    }
    try {
      if (!new FoldedBatch(session, open).apply(newer)) {
        return false;
      }
      advance(open, last);
    } catch (SQLException e) {
      if (Failures.mayComeFromFolding(e)) {
        return false;
      }
      throw e;
    }
    return true;
  }

  private OpenTables locked(Session session, Set<TableId> ids) throws SQLException {
    OpenTables open = tables.open(session);
    open.lock(ids);
    open.requireAcknowledged(ids);
    return open;
  }

  private static List<Event> newer(OpenTables open, List<Event> events) {
    return BatchKeys.newer(events, table -> open.known(table).map(TableState::last).orElse(null));
  }

  /** A replay takes no key back. */
  private static void advance(OpenTables open, Map<TableId, EventSequence> last)
      throws SQLException {
    for (Map.Entry<TableId, EventSequence> each : last.entrySet()) {
      EventSequence known =
          open.known(each.getKey()).map(TableState::last).orElse(EventSequence.NONE);
      if (each.getValue().compareTo(known) > 0) {
        open.at(each.getKey(), each.getValue());
      }
    }
    open.commitKeys();
  }
}

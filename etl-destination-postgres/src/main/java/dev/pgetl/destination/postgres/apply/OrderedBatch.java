package dev.pgetl.destination.postgres.apply;

import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.event.Event;
import java.sql.SQLException;
import java.util.List;

/** Events one by one, in their order. Owned by one transaction. */
final class OrderedBatch {
  private final Session session;
  private final OpenTables open;
  private final OrderedApply rows;

  OrderedBatch(Session session, OpenTables open) {
    this.session = session;
    this.open = open;
    this.rows = new OrderedApply(session);
  }

  void apply(List<Event> events) throws SQLException {
    for (Event event : events) {
      if (event instanceof Event.RowChange change) {
        rows.apply(open.visible(change.table()), change);
      } else if (event instanceof Event.Relation relation) {
        var unused = open.visible(relation.table());
      } else if (event instanceof Event.Truncate truncate) {
        Truncation.apply(session, open, truncate);
      }
    }
  }
}

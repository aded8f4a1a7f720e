package dev.pgetl.destination.postgres.apply;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.postgres.fold.TableFold;
import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.destination.postgres.table.TargetTable;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Events gathered per table, until the order between them matters: at a new version of the table,
 * at a truncation, and at the end. Owned by one transaction.
 */
final class FoldedBatch {
  private final Session session;
  private final OpenTables open;
  private final SetApply sets;
  private final OrderedApply ordered;
  private final Map<TableId, Gathered> gathered = new LinkedHashMap<>();

  /** Changes of one version of a table; without a key only inserts. */
  private static final class Gathered {
    final TargetTable table;
    final TableFold fold;
    final List<TableRow> inserts = new ArrayList<>();

    Gathered(TargetTable table) {
      this.table = table;
      this.fold = new TableFold(table.key());
    }
  }

  FoldedBatch(Session session, OpenTables open) {
    this.session = session;
    this.open = open;
    this.sets = new SetApply(session);
    this.ordered = new OrderedApply(session);
  }

  /** {@return false if the events are to be applied in their order, in another transaction} */
  boolean apply(List<Event> events) throws SQLException {
    for (Event event : events) {
      if (!add(event)) {
        return false;
      }
    }
    for (TableId id : List.copyOf(gathered.keySet())) {
      if (!write(id)) {
        return false;
      }
    }
    return true;
  }

  private boolean add(Event event) throws SQLException {
    if (event instanceof Event.RowChange change) {
      return add(change);
    }
    if (event instanceof Event.Relation relation) {
      return of(relation.table()) != null;
    }
    return !(event instanceof Event.Truncate truncate) || truncate(truncate);
  }

  private boolean truncate(Event.Truncate truncate) throws SQLException {
    for (TableSchema version : truncate.tables()) {
      if (!write(version.id())) {
        return false;
      }
    }
    Truncation.apply(session, open, truncate);
    return true;
  }

  private boolean add(Event.RowChange change) throws SQLException {
    Gathered of = of(change.table());
    if (of == null) {
      return false;
    }
    if (!of.table.key().isEmpty()) {
      return of.fold.add(change);
    }
    if (change instanceof Event.Insert insert) {
      of.inserts.add(insert.row());
    } else {
      copy(of);
      ordered.apply(of.table, change);
    }
    return true;
  }

  /** The place of a version's changes; null if those of the version before cannot be folded. */
  @SuppressWarnings("ReferenceEquality") // one object is shared by all rows of a version
  private @Nullable Gathered of(TableSchema version) throws SQLException {
    Gathered known = gathered.get(version.id());
    if (known != null
        && (known.table.version() == version || known.table.version().equals(version))) {
      return known;
    }
    if (!write(version.id())) {
      return null;
    }
    Gathered next = new Gathered(open.visible(version));
    gathered.put(version.id(), next);
    return next;
  }

  private boolean write(TableId id) throws SQLException {
    Gathered all = gathered.remove(id);
    if (all == null) {
      return true;
    }
    copy(all);
    return sets.apply(all.table, all.fold);
  }

  private void copy(Gathered of) throws SQLException {
    if (!of.inserts.isEmpty()) {
      session.doing(of.table.version(), "insert into " + of.table.name());
      CopiedRows.write(session, of.table, of.inserts);
      of.inserts.clear();
    }
  }
}

package dev.pgetl.destination.postgres.apply;

import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Empties tables. */
public final class Truncation {
  /** Another table refers to one of them. */
  private static final String REFERENCED = "0A000";

  /** It has a sequence that the role does not own; replicated rows need none. */
  private static final String NOT_OWNER = "42501";

  private Truncation() {}

  /** Empties the tables of an event. */
  static void apply(Session session, OpenTables open, Event.Truncate truncate) throws SQLException {
    List<TableName> names = new ArrayList<>();
    for (TableSchema version : truncate.tables()) {
      names.add(open.visible(version).name());
    }
    session.doing(truncate.tables().get(0), "truncate " + names);
    empty(session, names, truncate.restartIdentity());
  }

  /** Empties tables: a table to which others refer, by deleting its rows. */
  public static void empty(Session session, List<TableName> tables, boolean restartIdentity)
      throws SQLException {
    String all = tables.stream().map(TableName::quoted).collect(Collectors.joining(", "));
    boolean done =
        restartIdentity
            && session.attempt("truncate " + all + " restart identity", REFERENCED, NOT_OWNER);
    if (!done && !session.attempt("truncate " + all, REFERENCED)) {
      for (TableName table : tables) {
        session.run("delete from " + table.quoted());
      }
    }
  }
}

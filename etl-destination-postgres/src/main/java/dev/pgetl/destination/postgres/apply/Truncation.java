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
    String restart = restartIdentity ? " restart identity" : "";
    if (!session.attempt("truncate " + all + restart, REFERENCED)) {
      for (TableName table : tables) {
        session.run("delete from " + table.quoted());
      }
    }
  }
}

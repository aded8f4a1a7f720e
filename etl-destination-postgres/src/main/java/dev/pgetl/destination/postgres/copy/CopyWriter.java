package dev.pgetl.destination.postgres.copy;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.postgres.apply.CopiedRows;
import dev.pgetl.destination.postgres.apply.OpenTables;
import dev.pgetl.destination.postgres.apply.Tables;
import dev.pgetl.destination.postgres.apply.Truncation;
import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.destination.postgres.sql.Sessions;
import dev.pgetl.destination.postgres.state.TableState;
import dev.pgetl.destination.postgres.table.TargetCatalog;
import dev.pgetl.destination.postgres.table.TargetTable;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The calls of a copy, each a transaction. Thread-safe for calls about other tables. */
public final class CopyWriter {
  private final Sessions sessions;
  private final Tables tables;
  private final boolean replacesRows;
  private final Map<TableId, Attempt> attempts = new ConcurrentHashMap<>();

  /**
   * Rows whose call may have been committed although it failed.
   *
   * @param rows the rows
   * @param copied how many calls with rows there have been, if so
   */
  private record Attempt(List<TableRow> rows, long copied) {}

  /**
   * Creates it.
   *
   * @param sessions the connections
   * @param tables the tables
   * @param replacesRows whether a first copy may empty a table that has rows already
   */
  public CopyWriter(Sessions sessions, Tables tables, boolean replacesRows) {
    this.sessions = sessions;
    this.tables = tables;
    this.replacesRows = replacesRows;
  }

  /**
   * Empties a table for the rows of a version, and forgets its key.
   *
   * @param last the last version; null if none is known
   * @param next the version
   */
  public void truncate(@Nullable TableSchema last, TableSchema next) {
    boolean unused =
        call(
            next,
            "truncate the destination of " + next.name(),
            (session, open) -> empty(session, open, last, next));
  }

  private boolean empty(
      Session session, OpenTables open, @Nullable TableSchema last, TableSchema next)
      throws SQLException {
    TableState known = open.known(next.id()).orElse(null);
    if (known != null && isOfAnother(open, known, last, next)) {
      Replacement.discard(session, known);
      open.forget(next.id());
      known = null;
    }
    TableState state = known == null ? firstCopy(session, open, next) : known;
    Replacement.discard(session, state);
    boolean there = TargetCatalog.exists(session, state.target());
    if (there) {
      Truncation.empty(session, List.of(state.target()), false);
    }
    TableState empty = state.emptied();
    TableState saved = open.save(there ? empty : empty.fitting(List.of()));
    tables.forget(List.of(saved.id()));
    TargetTable unused = open.visible(next);
    return true;
  }

  /** The store is lost, and the OID may be that of a table of another server. */
  private static boolean isOfAnother(
      OpenTables open, TableState state, @Nullable TableSchema last, TableSchema next) {
    return last == null && !open.isNamedFor(state, next);
  }

  /** Rows that the destination has not written are not removed without a word. */
  private TableState firstCopy(Session session, OpenTables open, TableSchema next)
      throws SQLException {
    boolean known = open.release(next);
    TableState state = open.state(next);
    TableName target = state.target();
    boolean filled =
        TargetCatalog.exists(session, target)
            && session
                .one(row -> true, "select 1 from " + target.quoted() + " limit 1")
                .isPresent();
    if (filled && !known && !replacesRows) {
      throw new EtlException(
              ErrorKind.CONFIGURATION,
              "table %s of the destination has rows that this pipeline has not written"
                  .formatted(target))
          .withFix(
              "Check that it is the right database. If the rows may go, run on the destination:"
                  + " TRUNCATE "
                  + target.quoted()
                  + "; or build the destination with replaceExistingRows(true)")
          .withTable(next.id().oid());
    }
    return state;
  }

  /** Writes rows, once also if the call is repeated because its outcome was not known. */
  public void write(TableSchema version, List<TableRow> rows) {
    sessions
        .inTransaction(
            "write rows of " + version.name(),
            session -> {
              OpenTables open = open(session, version);
              open.requireAcknowledged(List.of(version.id()));
              TableState state = open.state(version);
              Attempt last = attempts.get(version.id());
              boolean repeated =
                  last != null && last.copied == state.copied() && last.rows.equals(rows);
              if (!repeated) {
                session.doing(version, "write rows of " + version.name());
                write(session, open, version, rows);
              }
              return open;
            })
        .committed();
    attempts.remove(version.id());
  }

  private void write(Session session, OpenTables open, TableSchema version, List<TableRow> rows)
      throws SQLException {
    boolean complete = false;
    try {
      TargetTable table = open.written(version);
      if (!rows.isEmpty()) {
        session.doing(version, "copy rows into " + table.name());
        CopiedRows.write(session, table, rows);
        TableState next = open.state(version).copiedOnce();
        attempts.put(version.id(), new Attempt(rows, next.copied()));
        open.commitCopied(next);
      }
      complete = true;
    } finally {
      if (!complete) {
        tables.forget(List.of(version.id()));
      }
    }
  }

  /**
   * Removes rows of a range.
   *
   * @return false if their order is not that of the source
   */
  public boolean removeRange(TableSchema version, KeyRange range) {
    return call(
        version,
        "remove a range from the destination of " + version.name(),
        (session, open) -> {
          open.requireAcknowledged(List.of(version.id()));
          return RangeRemoval.run(session, open.written(version), range);
        });
  }

  /**
   * {@return whether the rows of a version are kept aside from now on}
   *
   * @param last the last version; null if none is known
   * @param next the version
   */
  public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
    return call(
        next,
        "begin to replace the destination of " + next.name(),
        (session, open) -> {
          TableState known = open.known(next.id()).orElse(null);
          return known != null
              && !isOfAnother(open, known, last, next)
              && new Replacement(session, open, tables).begin(next);
        });
  }

  /** {@return whether the rows of a version are kept aside, or have replaced the others} */
  public boolean continueReplacement(TableSchema next) {
    return call(
        next,
        "continue to replace the destination of " + next.name(),
        (session, open) -> {
          TableState known = open.known(next.id()).orElse(null);
          return known != null && Replacement.isKept(session, known, next);
        });
  }

  /** Ends a copy. */
  public void complete(TableSchema version) {
    boolean unused =
        call(
            version,
            "complete the destination of " + version.name(),
            (session, open) -> {
              open.requireAcknowledged(List.of(version.id()));
              new Replacement(session, open, tables).end(version);
              return true;
            });
  }

  /** Something done with a table in a transaction. */
  private interface Work {
    boolean run(Session session, OpenTables open) throws SQLException;
  }

  /** What a transaction answers, and the tables as it leaves them. */
  private record Answer(boolean yes, OpenTables open) {}

  private boolean call(TableSchema version, String doing, Work work) {
    attempts.remove(version.id());
    boolean complete = false;
    try {
      Answer answer =
          sessions.inTransaction(
              doing,
              session -> {
                OpenTables open = open(session, version);
                session.doing(version, doing);
                return new Answer(work.run(session, open), open);
              });
      answer.open().committed();
      complete = true;
      return answer.yes();
    } finally {
      if (!complete) {
        tables.forget(List.of(version.id()));
      }
    }
  }

  private OpenTables open(Session session, TableSchema version) throws SQLException {
    OpenTables open = tables.open(session);
    open.lock(List.of(version.id()));
    return open;
  }
}

package dev.pgetl.internal.capture.catalog;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.session.Session;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.capture.session.SqlErrors;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Proves that the names in COPY commands lead to the tables that are meant. The server looks them
 * up in the catalogue of now, not of the snapshot, and a schema can be renamed although its tables
 * are locked. Owned by one thread.
 *
 * <p>A look before and after each command finds a name that leads elsewhere as soon as possible.
 * The locks find one that led elsewhere for a moment only: a transaction keeps the lock on every
 * table it has read.
 */
public final class NameCheck {
  /** These functions read the catalogue of now, whatever the snapshot. */
  private static final String LEADS =
      "(pg_identify_object('pg_class'::regclass, ?::oid, 0)).identity = format('%I.%I', ?, ?)";

  /** Not the table, not below it; partitions that are being detached were below it. */
  private static final String FOREIGN_LOCKS =
      """
      SELECT locked.identity
      FROM (SELECT k.relation, (pg_identify_object('pg_class'::regclass, k.relation, 0)).*
        FROM pg_locks k
        WHERE k.pid = pg_backend_pid() AND k.locktype = 'relation' AND k.relation >= 16384
          AND k.relation NOT IN (SELECT t.oid FROM unnest(?::oid[]) AS root(oid) CROSS JOIN LATERAL %s AS t)
        OFFSET 0) locked
      WHERE locked.type IS DISTINCT FROM 'index' AND locked.type IS DISTINCT FROM 'toast table'
        AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = locked.relation AND i.inhdetachpending)
      LIMIT 1"""
          .formatted(PartitionTree.of("root.oid"));

  private final Session session;
  private final TableId table;
  private final TableName tableName;

  /**
   * Creates a check.
   *
   * @param session copies the table
   * @param table the table whose rows are meant
   * @param tableName its name
   */
  public NameCheck(Session session, TableId table, TableName tableName) {
    this.session = session;
    this.table = table;
    this.tableName = tableName;
  }

  /**
   * Fails if the name of the table, or of one of its leaves, does not lead to it now.
   *
   * @throws EtlException of kind {@link ErrorKind#SOURCE_BUSY}
   */
  public void require(TableId id, TableName name) throws SQLException {
    session.expectAnswers();
    if (!leads(id, name)) {
      throw moved(name, null);
    }
  }

  /**
   * Fails if the name of the table, or of one that is copied next, does not lead to it now.
   *
   * @throws EtlException of kind {@link ErrorKind#SOURCE_BUSY}
   */
  public void requireThisAnd(TableId next, TableName nextName) throws SQLException {
    session.expectAnswers();
    boolean lead =
        Sql.first(
                session.jdbc(),
                "SELECT " + LEADS + " AND " + LEADS,
                row -> row.getBoolean(1),
                table.oid(),
                tableName.schema(),
                tableName.name(),
                next.oid(),
                nextName.schema(),
                nextName.name())
            .orElse(false);
    if (!lead) {
      throw moved(leads(table, tableName) ? nextName : tableName, null);
    }
  }

  /**
   * Fails if the transaction has read a table that is no part of the one meant.
   *
   * @throws EtlException of kind {@link ErrorKind#SOURCE_BUSY}
   */
  public void requireNoOther() throws SQLException {
    requireNoneBut(List.of(table));
  }

  /**
   * Fails if the transaction has read a table that is no part of some tables.
   *
   * @throws EtlException of kind {@link ErrorKind#SOURCE_BUSY}
   */
  public void requireNoneBut(Collection<TableId> tables) throws SQLException {
    session.expectAnswers();
    Optional<String> other = otherThan(session.jdbc(), tables);
    if (other.isPresent()) {
      throw busy("for a moment a name of it led to table " + other.get(), null);
    }
  }

  /** {@return a table that the transaction has read and that is no part of some tables, if any} */
  public static Optional<String> otherThan(Connection connection, Collection<TableId> tables)
      throws SQLException {
    return Sql.first(
        connection,
        FOREIGN_LOCKS,
        row -> String.valueOf(row.getString(1)),
        PartitionTree.oids(connection, tables));
  }

  /** {@return the failure of a COPY: due to the name if that leads elsewhere now} */
  public EtlException explain(TableId id, TableName name, SQLException failure) {
    if (!SqlErrors.isConnectionLost(failure)) {
      try {
        session.expectAnswers();
        Sql.run(session.jdbc(), "ROLLBACK");
        if (!leads(id, name)) {
          return moved(name, failure);
        }
      } catch (SQLException e) {
        failure.addSuppressed(e);
      }
    }
    return SqlErrors.failure("copy table " + tableName, failure).withTable(table.oid());
  }

  private boolean leads(TableId id, TableName name) throws SQLException {
    return Sql.first(
            session.jdbc(),
            "SELECT " + LEADS,
            row -> row.getBoolean(1),
            id.oid(),
            name.schema(),
            name.name())
        .orElse(false);
  }

  private EtlException moved(TableName name, @Nullable SQLException cause) {
    return busy("the name " + name + " leads to another table now", cause);
  }

  private EtlException busy(String what, @Nullable SQLException cause) {
    return new EtlException(
            ErrorKind.SOURCE_BUSY,
            "copy table " + tableName + " failed: a schema or table was renamed meanwhile, " + what,
            cause)
        .withTable(table.oid());
  }
}

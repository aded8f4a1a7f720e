package dev.pgetl.internal.capture.condition;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.NameCheck;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.capture.session.SqlErrors;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has Postgres plan a question with a configuration's condition, without reading a row: whatever
 * the copy would find wrong with it is found before the destination is touched. Stateless.
 */
public final class ConditionCheck {
  private static final Logger LOG = LoggerFactory.getLogger(ConditionCheck.class);

  /** At the start others must not wait behind this session, which waits for a table. */
  private static final String BRIEFLY = "SET LOCAL lock_timeout = '1s'";

  /** Classes of failures that no other condition would avoid. */
  private static final Set<String> NOT_ABOUT_IT =
      Set.of("08", "40", "53", "55", "57", "58", "XX", "");

  private ConditionCheck() {}

  /**
   * Checks a condition, unless the table is locked by others, or this role may not read it: its
   * copy finds that out.
   *
   * @param connection is in a transaction of its own
   * @return whether it was checked
   * @throws EtlException of kind {@link ErrorKind#CONFIGURATION} if it is refused
   */
  public static boolean runIfFree(Connection connection, PublishedTable table, String condition)
      throws SQLException {
    if (!table.missingPrivileges().isEmpty()) {
      return false;
    }
    Sql.run(connection, BRIEFLY);
    try {
      run(connection, table, condition);
      return true;
    } catch (SQLException e) {
      if (!SqlErrors.stateOf(e).equals(SqlErrors.LOCK_NOT_AVAILABLE)) {
        throw e;
      }
      LOG.info(
          "table {} is locked: the condition on its rows is checked when it is copied",
          table.name());
      return false;
    }
  }

  /**
   * Checks a condition.
   *
   * @param connection is in a transaction
   * @param condition the condition; nothing is done if it is empty
   * @throws EtlException of kind {@link ErrorKind#CONFIGURATION} if it is refused
   */
  public static void run(Connection connection, PublishedTable table, String condition)
      throws SQLException {
    if (condition.isEmpty()) {
      return;
    }
    Optional<String> problem = ConditionText.problem(condition);
    if (problem.isPresent()) {
      throw refused(table.id(), table.name(), problem.get(), null);
    }
    Optional<String> before = NameCheck.otherThan(connection, List.of(table.id()));
    plan(connection, table, condition);
    Optional<String> now = NameCheck.otherThan(connection, List.of(table.id()));
    if (before.isEmpty() && now.isPresent()) {
      throw reads(table.id(), table.name(), now.get());
    }
  }

  private static void plan(Connection connection, PublishedTable table, String condition)
      throws SQLException {
    RowChoice rows = new RowChoice(table.name(), "", condition);
    String question =
        "SELECT FROM "
            + (table.partitioned() ? "" : "ONLY ")
            + table.name().quoted()
            + rows.alias()
            + " WHERE "
            + String.join(" AND ", rows.conditions())
            + " LIMIT 0";
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false); // a COPY knows no JDBC either
      boolean unused = statement.execute(question);
    } catch (SQLException e) {
      String state = SqlErrors.stateOf(e);
      if (NOT_ABOUT_IT.contains(state.substring(0, Math.min(2, state.length())))) {
        throw e;
      }
      EtlException failure = SqlErrors.failure("to plan it", e);
      throw refused(table.id(), table.name(), failure.summary(), failure.getCause());
    }
  }

  /**
   * {@return the failure of a condition for which Postgres has read another table}
   *
   * @param other that table
   */
  public static EtlException reads(TableId id, TableName name, String other) {
    return refused(id, name, "it reads table " + other, null);
  }

  private static EtlException refused(
      TableId id, TableName name, String why, @Nullable Throwable cause) {
    return new EtlException(
            ErrorKind.CONFIGURATION,
            "the condition on the rows of table " + name + " is refused: " + why,
            cause)
        .withFix(
            "Correct the condition in tableCopy, which is a boolean expression over columns of this"
                + " table, and start again; then resync the table if it has failed")
        .withTable(id.oid());
  }
}

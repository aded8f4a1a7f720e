package dev.pgetl.destination.postgres.sql;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.TableSchema;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What failures of the server mean. A server's message may quote a value, in its text as well as in
 * its detail, so neither is passed on: only the SQLSTATE, and names.
 */
public final class Failures {
  private Failures() {}

  /** {@return whether the order of folded statements may be why a row was refused} */
  public static boolean mayComeFromFolding(SQLException error) {
    return switch (state(error)) {
      case "23505", "23503", "23P01" -> true;
      default -> false;
    };
  }

  /** {@return whether the server has answered, and the connection is as it was} */
  static boolean isAnswer(SQLException error) {
    return answer(error) != null && !isOfConnection(error);
  }

  static boolean isOfConnection(SQLException error) {
    String state = state(error);
    return state.startsWith("08") || state.startsWith("57P");
  }

  /**
   * {@return the failure for the pipeline}
   *
   * @param doing what was being done
   * @param table the table concerned; null if it is none or several
   * @param error what the server or the driver said
   */
  public static EtlException failure(
      String doing, @Nullable TableSchema table, SQLException error) {
    String state = state(error);
    ErrorKind kind = kind(state);
    EtlException failure =
        new EtlException(kind, message(doing, state, error), withoutText(error))
            .withFix(fix(state, table));
    boolean isOfTable =
        kind == ErrorKind.DESTINATION_REJECTED || kind == ErrorKind.DESTINATION_FAILED;
    return table != null && isOfTable ? failure.withTable(table.id().oid()) : failure;
  }

  /** The server has another name than the one that is expected. */
  static EtlException untrusted(String doing, String refusal) {
    return new EtlException(ErrorKind.DESTINATION_UNAVAILABLE, doing + " failed: " + refusal)
        .withFix(
            "Check tls.trustedRootCerts of the destination's connection, and that the server's"
                + " certificate names the host")
        .withRetry(RetryDirective.MANUAL);
  }

  private static String state(SQLException error) {
    return Objects.requireNonNullElse(error.getSQLState(), "");
  }

  /** Rejected is a row because of its values; a table that takes no row at all has failed. */
  private static ErrorKind kind(String state) {
    if (state.startsWith("28")) {
      return ErrorKind.DESTINATION_AUTHENTICATION;
    }
    return switch (state.length() < 2 ? "" : state.substring(0, 2)) {
      case "", "08", "53", "57", "58", "25", "40" -> ErrorKind.DESTINATION_UNAVAILABLE;
      // Values, constraints, views with a check, limits of a row or value, what triggers raise.
      case "22", "23", "44", "54", "P0" -> ErrorKind.DESTINATION_REJECTED;
      default ->
          state.equals("55P03") ? ErrorKind.DESTINATION_UNAVAILABLE : ErrorKind.DESTINATION_FAILED;
    };
  }

  private static String message(String doing, String state, SQLException error) {
    StringBuilder text = new StringBuilder(doing).append(" failed");
    text.append(state.isEmpty() ? "" : ", SQLSTATE " + state);
    ServerErrorMessage server = answer(error);
    if (server != null) {
      append(text, " on table ", server.getTable());
      append(text, ", column ", server.getColumn());
      append(text, ", constraint ", server.getConstraint());
    }
    return text.toString();
  }

  /** A batch wraps the failure of its statement. */
  private static @Nullable ServerErrorMessage answer(SQLException error) {
    Throwable inner = error instanceof BatchUpdateException ? error.getCause() : error;
    return inner instanceof PSQLException answered ? answered.getServerErrorMessage() : null;
  }

  private static void append(StringBuilder text, String what, @Nullable String name) {
    text.append(name == null ? "" : what + name);
  }

  private static String fix(String state, @Nullable TableSchema table) {
    String name = table == null ? "the table" : table.name().toString();
    return switch (state) {
      case "28000", "28P01", "08004" ->
          "Check user, password, pg_hba.conf and TLS of the destination's server";
      case "3D000" -> "Create the destination's database";
      case "42501" -> privileges(table);
      case "55P03" ->
          "Another session holds a lock. If it stays, find it with: SELECT pid, usename,"
              + " application_name, state, query_start FROM pg_stat_activity WHERE pid IN (SELECT"
              + " pid FROM pg_locks WHERE granted AND relation IS NOT NULL)";
      case "57014" ->
          "The statement took longer than callTimeout of the destination, or was cancelled by"
              + " another session. Raise callTimeout if the destination needs the time";
      case "53100" -> "Make room on the destination's disk";
      case "42P01", "3F000", "42703" ->
          "A table or column of the destination was dropped or renamed. Undo it, or resync " + name;
      case "23505" ->
          "The destination has rows or a unique constraint that the source does not have. Remove"
              + " them, or resync "
              + name;
      case "23502", "23514" ->
          "Drop the constraint: the source has rows that do not satisfy it; then resync " + name;
      case "22P05" -> "The destination's encoding lacks a character. Use a database in UTF8";
      case "2BP01" ->
          "Other objects depend on the table. Drop them and resync "
              + name
              + ", then create them again";
      default ->
          state.startsWith("22") || state.startsWith("23")
              ? "Change the destination's column or constraint to fit the source; then resync "
                  + name
              : "";
    };
  }

  private static String privileges(@Nullable TableSchema table) {
    return table == null
        ? "Let the role create a schema in the destination's database, or run"
            + " PostgresDestination.ddl(schema) and grant it USAGE on the schema and SELECT,"
            + " INSERT, UPDATE, DELETE on its tables"
        : "Grant the destination's role what docs/postgres-destination.md lists, for example: GRANT"
            + " SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON the table of "
            + table.name()
            + "; if policies hide rows from it: ALTER ROLE ... BYPASSRLS";
  }

  /** Keeps class, SQLSTATE and stack of an error of the server, and the whole error of a socket. */
  private static Throwable withoutText(SQLException error) {
    String state = state(error);
    if (state.startsWith("08") || state.startsWith("28")) {
      return error;
    }
    SQLException clean = new SQLException("SQLSTATE " + state, state, error.getErrorCode());
    clean.setStackTrace(error.getStackTrace());
    return clean;
  }
}

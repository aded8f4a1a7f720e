package dev.pgetl.internal.capture.session;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.connect.LoginSource;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLWarning;
import org.postgresql.util.ServerErrorMessage;

/**
 * Turns what the driver throws into the library's exception: kind by SQLSTATE, and a message
 * without cell values.
 *
 * <p>The server repeats values in the messages of some classes (data errors, constraint violations,
 * errors raised by user code) and in all details; of those only the SQLSTATE is kept.
 */
public final class SqlErrors {
  /** Classes whose primary message names objects and settings, never values. */
  private static final Set<String> SAFE_CLASSES =
      Set.of(
          "08", "0A", "25", "26", "28", "3D", "3F", "40", "42", "53", "54", "55", "57", "58", "F0",
          "XX");

  /** SQLSTATE: a publication, slot or setting does not exist. */
  public static final String UNDEFINED_OBJECT = "42704";

  /** SQLSTATE: a file of the server is gone. */
  public static final String UNDEFINED_FILE = "58P01";

  /** SQLSTATE: a function does not exist, for example one that writes a type's binary format. */
  public static final String UNDEFINED_FUNCTION = "42883";

  /** SQLSTATE: what was asked for exists. */
  public static final String DUPLICATE_OBJECT = "42710";

  /** SQLSTATE: a lock was not granted in time. */
  public static final String LOCK_NOT_AVAILABLE = "55P03";

  /** SQLSTATE of the server when all replication slots or WAL senders are in use. */
  public static final String CONFIGURATION_LIMIT_EXCEEDED = "53400";

  /** SQLSTATE: an object is not in the state that is needed. */
  public static final String NOT_IN_PREREQUISITE_STATE = "55000";

  /** SQLSTATE: another process holds the slot. */
  public static final String OBJECT_IN_USE = "55006";

  /** SQLSTATE: the server shuts down or starts up. */
  public static final String CANNOT_CONNECT_NOW = "57P03";

  /** SQLSTATE: out of memory, of the shared memory for locks as a rule. */
  private static final String OUT_OF_MEMORY = "53200";

  /** What to do where something in between does not pass on replication. */
  public static final String NO_POOLER =
      "Connect to the server itself: poolers and proxies do not support replication";

  /** What to do about a server that is not trusted. */
  static final String DISTRUST =
      "Check tls.trustedRootCerts and that the server's certificate names the host";

  private static final String REFUSED_CERTIFICATE =
      "Check tls.clientCertificate, and that ssl_ca_file of the server has its authority";

  private static final String WHERE =
      ": the name of a schema, table, column or type if the catalogue was read, otherwise rows. Then"
          + " resync the table; if the slot has such rows to send, drop the slot and start with"
          + " invalidatedSlotBehavior RECREATE";

  /** SQLSTATEs of bytes that are no characters, or characters that UTF-8 does not have. */
  private static final Map<String, String> NOT_UTF_8 =
      Map.of(
          "22021", "Find the text that is not UTF-8 and fix it" + WHERE,
          "22P05", "Find the text that UTF-8 has no characters for and fix it" + WHERE);

  private static final String TOO_LARGE =
      "A row is too large for the server to send as text: publish a column list without its large"
          + " column, set binary(true), or make the row smaller; if the slot has it to send, drop the"
          + " slot and start with invalidatedSlotBehavior RECREATE";

  private static final String LOCK_TABLE =
      "Raise max_locks_per_transaction: each connection of a copy locks all partitions of the table"
          + " and their indexes. Or lower maxCopyConnectionsPerTable";

  /** SQLSTATE: the time limit or another session ended the command. */
  public static final String QUERY_CANCELED = "57014";

  /** SQLSTATE: a standby has ended the command, or the session, to continue its recovery. */
  public static final String RECOVERY_CONFLICT = "40001";

  private static final String HELD_UP_RECOVERY =
      "If that happens often: raise max_standby_streaming_delay on the standby, or alter tables on the"
          + " primary while none is copied";

  private SqlErrors() {}

  /**
   * {@return the failure as the exception of the library}
   *
   * @param doing what was being done, for example {@code read from slot x}
   * @param error what the driver threw
   */
  public static EtlException failure(String doing, SQLException error) {
    ErrorKind kind = kindOf(error);
    String message = doing + " failed: " + describe(error);
    String fix = fixOf(kind, error);
    return new EtlException(kind, message, isSafe(error) ? error : null)
        .withFix(fix.isEmpty() && isSafe(error) ? hintOf(error) : fix);
  }

  /**
   * {@return the failure to take in one row}
   *
   * @param doing what was being done
   * @param cause what the JVM threw
   */
  public static EtlException tooLarge(String doing, OutOfMemoryError cause) {
    long heap = Runtime.getRuntime().maxMemory() >> 20;
    return new EtlException(
            ErrorKind.SOURCE_DATA,
            doing + " failed: a row does not fit in what is left of " + heap + " MiB of heap",
            cause)
        .withFix(
            "Give the JVM more heap (-Xmx): several times the largest row. Or leave the large"
                + " column out of the publication with a column list");
  }

  /**
   * {@return the SQLSTATE, empty if there is none}
   *
   * @param error what the driver threw
   */
  public static String stateOf(SQLException error) {
    return Objects.requireNonNullElse(error.getSQLState(), "");
  }

  /**
   * {@return whether the connection is gone, rather than a command refused}
   *
   * @param error what the driver threw
   */
  public static boolean isConnectionLost(SQLException error) {
    String state = stateOf(error);
    return state.startsWith("08")
        || state.startsWith("57P")
        || causeOf(error, IOException.class) != null;
  }

  private static ErrorKind kindOf(SQLException error) {
    String state = stateOf(error);
    if (isDistrust(error)) {
      return ErrorKind.SOURCE_AUTHENTICATION;
    }
    if (isTooLarge(error)) {
      return ErrorKind.SOURCE_DATA;
    }
    return switch (state) {
      case "08004" -> ErrorKind.SOURCE_AUTHENTICATION;
      case "08P01", "0A000", "3D000", "57P04" -> ErrorKind.SOURCE_CONFIGURATION;
      case "42501" -> ErrorKind.SOURCE_PERMISSION;
      case "53300", CONFIGURATION_LIMIT_EXCEEDED, LOCK_NOT_AVAILABLE, "40P01" ->
          ErrorKind.SOURCE_BUSY;
      case OBJECT_IN_USE -> ErrorKind.SLOT_IN_USE;
      case QUERY_CANCELED, RECOVERY_CONFLICT -> ErrorKind.SOURCE_UNAVAILABLE;
      default -> kindOfClass(state);
    };
  }

  /** Postgres stores rows that it cannot print; the second state has other causes, too. */
  private static boolean isTooLarge(SQLException error) {
    String state = stateOf(error);
    String message = String.valueOf(error.getMessage());
    return state.equals("54000")
        || (state.equals("XX000") && message.contains("invalid memory alloc request size"));
  }

  /** One side does not accept the certificate of the other one. */
  private static boolean isDistrust(SQLException error) {
    SSLException tls = causeOf(error, SSLException.class);
    return tls != null && !isBroken(tls);
  }

  /** The connection below TLS broke: the JDK reports that as a failure of TLS. */
  private static boolean isBroken(SSLException tls) {
    for (Throwable cause = tls; cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException && !(cause instanceof SSLException)) {
        return true;
      }
    }
    return false;
  }

  private static ErrorKind kindOfClass(String state) {
    if (state.startsWith("08") || state.startsWith("57P")) {
      return ErrorKind.SOURCE_UNAVAILABLE;
    }
    if (state.startsWith("28")) {
      return ErrorKind.SOURCE_AUTHENTICATION;
    }
    return state.startsWith("22") ? ErrorKind.SOURCE_DATA : ErrorKind.SOURCE_FAILED;
  }

  private static String fixOf(ErrorKind kind, SQLException error) {
    return switch (kind) {
      case SOURCE_AUTHENTICATION -> loginFix(error);
      case SOURCE_BUSY ->
          stateOf(error).startsWith("53")
              ? "Raise max_connections, max_replication_slots or max_wal_senders, or free some"
              : "";
      case SOURCE_CONFIGURATION -> stateOf(error).equals("08P01") ? NO_POOLER : "";
      case SOURCE_DATA ->
          isTooLarge(error) ? TOO_LARGE : NOT_UTF_8.getOrDefault(stateOf(error), "");
      case SOURCE_FAILED -> stateOf(error).equals(OUT_OF_MEMORY) ? LOCK_TABLE : "";
      case SOURCE_UNAVAILABLE -> stateOf(error).equals(RECOVERY_CONFLICT) ? HELD_UP_RECOVERY : "";
      default -> "";
    };
  }

  private static String loginFix(SQLException error) {
    if (LoginSource.isAlert(error)) {
      return REFUSED_CERTIFICATE;
    }
    return isDistrust(error)
        ? DISTRUST
        : "Check user, password, pg_hba.conf and whether the server demands or refuses TLS";
  }

  /** {@return SQLSTATE and, where it is safe, the message} */
  public static String describe(SQLException error) {
    String state = stateOf(error);
    String text =
        isSafe(error) ? textOf(error) : "the server's message may hold data and is not repeated";
    return state.isEmpty() ? text : text + " (SQLSTATE " + state + ")";
  }

  private static boolean isSafe(SQLException error) {
    return serverMessage(error) == null || SAFE_CLASSES.contains(classOf(stateOf(error)));
  }

  private static String textOf(SQLException error) {
    ServerErrorMessage server = serverMessage(error);
    if (server != null && server.getMessage() != null) {
      return server.getMessage();
    }
    String own = Objects.requireNonNullElse(error.getMessage(), error.getClass().getSimpleName());
    IOException cause = causeOf(error, IOException.class);
    if (cause == null) {
      return own;
    }
    String detail = Objects.requireNonNullElse(cause.getMessage(), "");
    return own.contains(detail) && !detail.isEmpty()
        ? own
        : own + " " + cause.getClass().getSimpleName() + ": " + detail;
  }

  private static @Nullable ServerErrorMessage serverMessage(SQLException error) {
    if (error instanceof PSQLWarning warning) {
      return warning.getServerErrorMessage();
    }
    return error instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
  }

  /** {@return what the server advises} */
  private static String hintOf(SQLException error) {
    ServerErrorMessage server = serverMessage(error);
    return server == null ? "" : Objects.requireNonNullElse(server.getHint(), "");
  }

  private static String classOf(String state) {
    return state.length() < 2 ? state : state.substring(0, 2);
  }

  /** {@return the first cause of that type, itself included; null if there is none} */
  public static <T> @Nullable T causeOf(Throwable error, Class<T> type) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return type.cast(cause);
      }
    }
    return null;
  }
}

package dev.pgetl.store.postgres;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import java.sql.SQLException;
import java.util.Objects;

/** Converts the driver's exceptions to the library's. */
final class StoreFailures {

  private StoreFailures() {}

  static EtlException failure(String doing, SQLException error) {
    String state = Objects.requireNonNullElse(error.getSQLState(), "");
    String message = doing + (state.isEmpty() ? " failed" : " failed, SQLSTATE " + state);
    EtlException failure = new EtlException(ErrorKind.STORE_UNAVAILABLE, message, error);
    String fix = fix(state);
    return fix.isEmpty() ? failure : failure.withFix(fix).withRetry(RetryDirective.MANUAL);
  }

  /** The fix; empty where waiting may help. */
  private static String fix(String state) {
    return switch (state) {
      case "08004", "28000", "28P01" ->
          "Check user, password, pg_hba.conf and TLS of the store's server.";
      case "3D000" -> "Create the store's database.";
      case "42501" ->
          "Let the role create a schema in the store's database, or run PostgresLayer.ddl(schema) and grant it"
              + " USAGE on the schema and SELECT, INSERT, UPDATE, DELETE on its tables.";
      case "3F000", "42P01", "42703", "23503" ->
          "The store's tables were changed or removed while in use; start the pipeline again.";
      default -> "";
    };
  }
}

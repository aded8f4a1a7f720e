package dev.pgetl.store.postgres;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.TableName;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What can go wrong with the state of one pipeline, and what to do about it. Immutable. */
final class StoreFailures {
  /**
   * The SQLSTATE of {@link Backend#only}, a division by zero; nothing else of the store divides.
   */
  static final String OTHER_BACKEND = "22012";

  private static final String COPIED_AGAIN =
      ": without it every table is copied again, after the destination was asked to empty it.";

  private final String schema;
  private final String pipelineId;

  StoreFailures(String schema, String pipelineId) {
    this.schema = schema;
    this.pipelineId = pipelineId;
  }

  EtlException failure(String doing, SQLException error) {
    String state = Objects.requireNonNullElse(error.getSQLState(), "");
    if (state.equals(OTHER_BACKEND)) {
      return pooled(
          doing + " failed in another server process than the one that holds the lock", error);
    }
    String message = doing + (state.isEmpty() ? " failed" : " failed, SQLSTATE " + state);
    EtlException failure = new EtlException(ErrorKind.STORE_UNAVAILABLE, message, error);
    String fix = fix(state);
    return fix.isEmpty() ? failure : manual(failure, fix);
  }

  /** The fix; empty where waiting may help. */
  private String fix(String state) {
    return switch (state) {
      case "08004", "28000", "28P01" ->
          "Check user, password, pg_hba.conf and TLS of the store's server.";
      case "3D000" -> "Create the store's database.";
      case "42501" ->
          "Let the role create a schema in the store's database, or run PostgresLayer.ddl(schema) and grant it"
              + " USAGE on the schema and SELECT, INSERT, UPDATE, DELETE on its tables. If these have row level"
              + " security, ALTER ROLE … BYPASSRLS.";
      case "23503" -> rowsGone();
      case "3F000", "42P01", "42703" -> tablesGone();
      default -> "";
    };
  }

  /** Statements of one connection do not reach one server process. */
  static EtlException pooled(String doing, @Nullable SQLException error) {
    return manual(
        new EtlException(ErrorKind.STORE_UNAVAILABLE, doing, error),
        "Something between, such as a pooler, shares server connections between clients, and the"
            + " store's lock would protect nothing. Give the store the address of the server itself.");
  }

  /** The server has another name than the one that is expected. */
  static EtlException untrusted(String doing, SQLException error) {
    return manual(
        new EtlException(ErrorKind.STORE_UNAVAILABLE, doing, error),
        "Check tls.trustedRootCerts and that the server's certificate names the host.");
  }

  /** A pipeline's rows are not there any more. */
  EtlException removed(String doing) {
    return manual(
        new EtlException(ErrorKind.STORE_UNAVAILABLE, doing + ", which was removed while in use"),
        rowsGone());
  }

  /** A row does not hold what was written. */
  EtlException corrupt(String doing, EtlException cause) {
    return new EtlException(ErrorKind.STORE_CORRUPT, doing, cause).withFix(rowsGone());
  }

  private String rowsGone() {
    return "If you have the rows of this pipeline as they just were, put them back. Otherwise remove"
        + " what is left of its state: DELETE FROM "
        + TableName.quote(schema)
        + ".pipeline WHERE name = '"
        + pipelineId.replace("'", "''")
        + "'; then start the pipeline again"
        + COPIED_AGAIN;
  }

  /** Tables are made in a schema that has none, not one by one. */
  private String tablesGone() {
    return "The store's tables were changed or removed, for all pipelines in them. If you have them as"
        + " they just were, put them back. Otherwise stop these pipelines, set the schema aside if"
        + " it is still there: ALTER SCHEMA "
        + TableName.quote(schema)
        + " RENAME TO "
        + TableName.quote(schema + "_damaged")
        + "; then start each again without its state"
        + COPIED_AGAIN;
  }

  private static EtlException manual(EtlException failure, String fix) {
    return failure.withFix(fix).withRetry(RetryDirective.MANUAL);
  }
}

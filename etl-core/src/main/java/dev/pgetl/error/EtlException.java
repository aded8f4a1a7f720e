package dev.pgetl.error;

import java.io.Serial;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The one exception of the library, its stores and its destinations.
 *
 * <p>The message states the operation and its object; {@link #fix()} states what an operator can
 * do. Neither contains a credential or a cell value. Immutable.
 */
public final class EtlException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;
  private static final long NO_TABLE = -1;

  private final ErrorKind kind;
  private final String fix;
  private final RetryDirective retry;
  private final long tableOid;

  /**
   * Creates a failure.
   *
   * @param kind what kind of failure
   * @param message what was being done, then the values; no secret, no cell value
   */
  public EtlException(ErrorKind kind, String message) {
    this(kind, message, null);
  }

  /**
   * Creates a failure with its cause.
   *
   * @param kind what kind of failure
   * @param message what was being done, then the values; no secret, no cell value
   * @param cause the underlying exception, if any
   */
  public EtlException(ErrorKind kind, String message, @Nullable Throwable cause) {
    this(kind, message, cause, "", kind.retry(), NO_TABLE);
  }

  private EtlException(
      ErrorKind kind,
      String message,
      @Nullable Throwable cause,
      String fix,
      RetryDirective retry,
      long tableOid) {
    super(message, cause);
    this.kind = Objects.requireNonNull(kind, "kind");
    this.fix = Objects.requireNonNull(fix, "fix");
    this.retry = Objects.requireNonNull(retry, "retry");
    this.tableOid = tableOid;
  }

  /**
   * {@return the same failure with the advice what to do}
   *
   * @param advice one or more sentences, SQL included where it helps
   */
  public EtlException withFix(String advice) {
    return copy(advice, retry, tableOid);
  }

  /**
   * {@return the same failure with another retry than its kind's}
   *
   * @param directive what follows
   */
  public EtlException withRetry(RetryDirective directive) {
    return copy(fix, directive, tableOid);
  }

  /**
   * {@return the same failure, blamed on one table} The pipeline then stops that table and
   * continues with the others.
   *
   * @param oid the table's OID
   */
  public EtlException withTable(long oid) {
    return copy(fix, retry, oid);
  }

  private EtlException copy(String newFix, RetryDirective newRetry, long newTableOid) {
    EtlException copy =
        new EtlException(kind, message(), getCause(), newFix, newRetry, newTableOid);
    copy.setStackTrace(getStackTrace());
    for (Throwable suppressed : getSuppressed()) {
      copy.addSuppressed(suppressed);
    }
    return copy;
  }

  private String message() {
    return Objects.requireNonNullElse(super.getMessage(), "");
  }

  /** {@return what kind of failure it is} */
  public ErrorKind kind() {
    return kind;
  }

  /** {@return what to do about it; may be empty} */
  public String fix() {
    return fix;
  }

  /** {@return what the pipeline does next} */
  public RetryDirective retry() {
    return retry;
  }

  /** {@return the OID of the table that caused it, if it is one table} */
  public OptionalLong tableOid() {
    return tableOid == NO_TABLE ? OptionalLong.empty() : OptionalLong.of(tableOid);
  }

  /** {@return what was being done, with the advice behind it} */
  @Override
  public String getMessage() {
    return fix.isEmpty() ? message() : message() + ". " + fix;
  }

  /** {@return the kind, and what was being done, with the advice behind it} */
  @Override
  public String toString() {
    return getClass().getName() + ": " + kind + ": " + getMessage();
  }

  /** {@return the message without the advice} */
  public String summary() {
    return message();
  }
}

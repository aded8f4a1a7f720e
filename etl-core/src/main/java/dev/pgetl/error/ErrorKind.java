package dev.pgetl.error;

import static dev.pgetl.error.RetryDirective.MANUAL;
import static dev.pgetl.error.RetryDirective.NONE;
import static dev.pgetl.error.RetryDirective.TIMED;

/**
 * What kind of failure happened. A kind exists only where the pipeline or the operator acts
 * differently; each carries the retry that follows unless the failure overrides it.
 */
public enum ErrorKind {
  /** The configuration contradicts itself or the state of the pipeline. */
  CONFIGURATION(NONE),

  /**
   * The server cannot be reached, went away or did not answer in time (SQLSTATE class 08, 57P01 to
   * 57P03, 57014), or a standby ended a query for its recovery (40001). Or none of several hosts is
   * a primary at the moment, or the source of its credentials failed.
   */
  SOURCE_UNAVAILABLE(TIMED),
  /**
   * The server refused the login: user, password, {@code pg_hba.conf} or TLS (SQLSTATE class 28).
   * It is retried if what was refused may be another one the next time.
   */
  SOURCE_AUTHENTICATION(MANUAL),
  /** The role lacks a privilege (SQLSTATE 42501). */
  SOURCE_PERMISSION(MANUAL),
  /** The server or the database is not set up for logical replication, or not for this pipeline. */
  SOURCE_CONFIGURATION(MANUAL),
  /**
   * All slots, WAL senders or connections are in use (SQLSTATE 53300, 53400), or a lock was not
   * granted in time (55P03).
   */
  SOURCE_BUSY(TIMED),
  /** Another process runs the pipeline, or reads from its replication slot (SQLSTATE 55006). */
  SLOT_IN_USE(TIMED),
  /**
   * Changes are lost: the slot is missing, invalidated or ahead of the stored position, or the
   * server is another one or was set back.
   */
  SLOT_LOST(MANUAL),
  /**
   * The server is a promoted standby and lacks transactions that the destination has received, or
   * may have.
   */
  DIVERGED(MANUAL),
  /** The publication does not exist at the stream's position in the WAL. */
  PUBLICATION_MISSING(MANUAL),
  /** The server sent bytes that violate the protocol. */
  SOURCE_PROTOCOL(MANUAL),
  /** A value or a row of one table cannot be read or decoded. */
  SOURCE_DATA(MANUAL),
  /** Any other error of the server. */
  SOURCE_FAILED(TIMED),

  /** The destination cannot be reached, timed out or asked for a later retry. */
  DESTINATION_UNAVAILABLE(TIMED),
  /** The destination refused the credentials. */
  DESTINATION_AUTHENTICATION(MANUAL),
  /** The destination refused the data: a row because of its values. */
  DESTINATION_REJECTED(MANUAL),
  /**
   * Any other failure of the destination: a table is missing, was altered or belongs to another
   * process, a privilege is missing, or it threw an exception that is not an {@link EtlException}.
   */
  DESTINATION_FAILED(MANUAL),

  /** The store cannot be reached or could not write. */
  STORE_UNAVAILABLE(TIMED),
  /** The stored state cannot be read. */
  STORE_CORRUPT(MANUAL),
  /** Another process uses the state of this pipeline. */
  STORE_LOCKED(MANUAL),

  /** A bug of the library. */
  INTERNAL(MANUAL);

  private final RetryDirective retry;

  ErrorKind(RetryDirective retry) {
    this.retry = retry;
  }

  /**
   * {@return whether it passes without anything being changed} A table that fails so is retried
   * until it succeeds.
   */
  public boolean isTemporary() {
    return retry == TIMED && this != SOURCE_FAILED;
  }

  /** {@return what follows by default} */
  public RetryDirective retry() {
    return retry;
  }
}

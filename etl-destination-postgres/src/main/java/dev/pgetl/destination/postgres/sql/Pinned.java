package dev.pgetl.destination.postgres.sql;

import dev.pgetl.config.PgConnectionConfig;
import java.time.Duration;

/**
 * Settings of every connection on which values, rows and the length of calls depend, whatever the
 * defaults of role and database. Stateless.
 */
final class Pinned {
  /**
   * With {@code row_security} off, a statement fails that a policy would keep from rows, instead of
   * leaving them out. A client that vanished is noticed within 25 seconds.
   */
  static final String OPTIONS =
      "-c default_transaction_isolation=read\\ committed -c row_security=off"
          + " -c standard_conforming_strings=on -c array_nulls=on -c quote_all_identifiers=off"
          + " -c IntervalStyle=postgres -c TimeZone=UTC -c extra_float_digits=3"
          + " -c bytea_output=hex -c xmloption=content -c jit=off -c idle_session_timeout=0"
          + " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 ";

  /** To be run once: servers before Postgres 17 refuse the setting. */
  static final String NO_TRANSACTION_TIMEOUT =
      "select pg_catalog.set_config(name, '0', false) from pg_catalog.pg_settings"
          + " where name = 'transaction_timeout' and setting <> '0'";

  private Pinned() {}

  /**
   * {@return the time limits} The server ends a statement that the client no longer waits for.
   *
   * @param config says how long to wait for a lock
   * @param callTimeout how long the client waits for an answer
   */
  static String limits(PgConnectionConfig config, Duration callTimeout) {
    return "-c lock_timeout="
        + millis(config.lockTimeout())
        + " -c statement_timeout="
        + millis(callTimeout);
  }

  private static long millis(Duration limit) {
    return Math.min(limit.toMillis(), Integer.MAX_VALUE);
  }
}

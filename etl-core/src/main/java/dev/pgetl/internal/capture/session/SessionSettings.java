package dev.pgetl.internal.capture.session;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.internal.capture.wire.Wire;
import dev.pgetl.internal.capture.wire.WireSocketFactory;
import dev.pgetl.internal.connect.Login;
import dev.pgetl.internal.connect.TlsLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;

/**
 * What every connection is opened with. Role, database and JVM may have settings that change the
 * bytes the server sends or cut long work short; all of those are pinned. Immutable.
 */
public final class SessionSettings {
  /** What a connection is for. */
  public enum Purpose {
    /** Catalogue queries, short. */
    CONTROL,
    /** Reads rows under a snapshot, without a time limit. */
    COPY,
    /** Replication commands and the stream. */
    REPLICATION
  }

  private static final int APPLICATION_NAME_BYTES = 63;

  /** A catalogue query that takes longer than this hangs. */
  private static final Duration CONTROL_LIMIT = Duration.ofMinutes(1);

  /**
   * The driver then asks for what has been there since then without looking first; replication
   * needs it.
   */
  private static final String ASSUMED_SERVER = "14";

  /**
   * The locale gives money its scale, not only its form, so the one that is set for the database
   * counts, or for all roles, and not that of this role.
   */
  private static final String MONETARY =
      """
      SELECT set_config('lc_monetary', substr(s.setting, 13), false)
      FROM (SELECT setdatabase, unnest(setconfig) AS setting FROM pg_db_role_setting
        WHERE setrole = 0 AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))) s
      WHERE starts_with(s.setting, 'lc_monetary=')
      ORDER BY s.setdatabase DESC LIMIT 1""";

  private final PgConnectionConfig config;
  private final String pipelineId;
  private final String applicationPrefix;

  public SessionSettings(PgConnectionConfig config, String pipelineId) {
    this.config = config;
    this.pipelineId = pipelineId;
    this.applicationPrefix = "pgetl/" + pipelineId + "/";
  }

  String pipelineId() {
    return pipelineId;
  }

  /**
   * {@return how long the server may hold on to sessions of a process that is gone} It notices the
   * silence of a machine, but not, while it makes a slot, that its client is gone.
   */
  Duration patience() {
    Duration silence = config.walSenderTimeout();
    Duration slot = config.lockTimeout();
    return (silence.compareTo(slot) > 0 ? silence : slot).plusSeconds(5);
  }

  /** {@return how the application name of every connection of this pipeline begins} */
  public String applicationPrefix() {
    return applicationPrefix;
  }

  /**
   * {@return after which time without an answer a command has failed, unless it is known to take
   * longer}
   */
  Duration answerLimit() {
    Duration wait = config.lockTimeout();
    return (wait.compareTo(CONTROL_LIMIT) > 0 ? wait : CONTROL_LIMIT).plusSeconds(15);
  }

  /** {@return the same until a session is proven to be the owner's: others wait for that} */
  Duration openingLimit() {
    return config.connectTimeout().plusSeconds(5);
  }

  Properties properties(
      Purpose purpose, String role, Login login, Wire wire, @Nullable TlsLink tls) {
    Properties properties = new Properties();
    login.addTo(properties);
    TlsLink.addTo(properties, tls, config.tls().channelBinding());
    PGProperty.APPLICATION_NAME.set(properties, applicationName(role));
    PGProperty.OPTIONS.set(properties, options(purpose));
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, ASSUMED_SERVER);
    PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
    PGProperty.LOGIN_TIMEOUT.set(
        properties, Double.toString(config.connectTimeout().toMillis() / 1000.0));
    PGProperty.CONNECT_TIMEOUT.set(properties, seconds(config.connectTimeout()));
    PGProperty.SOCKET_TIMEOUT.set(properties, seconds(openingLimit()));
    PGProperty.CANCEL_SIGNAL_TIMEOUT.set(properties, seconds(config.connectTimeout()));
    PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    PGProperty.GSS_ENC_MODE.set(properties, "disable");
    PGProperty.LOG_SERVER_ERROR_DETAIL.set(properties, false);
    PGProperty.SOCKET_FACTORY.set(properties, WireSocketFactory.class.getName());
    PGProperty.SOCKET_FACTORY_ARG.set(properties, wire.key());
    if (purpose == Purpose.REPLICATION) {
      PGProperty.REPLICATION.set(properties, "database");
    }
    return properties;
  }

  private String applicationName(String role) {
    String name = applicationPrefix + role;
    return name.substring(0, Math.min(name.length(), APPLICATION_NAME_BYTES));
  }

  private String options(Purpose purpose) {
    Map<String, String> pinned = new LinkedHashMap<>();
    pinValueFormats(pinned);
    pinned.put("role", "none");
    pinned.put("row_security", "off");
    pinned.put("standard_conforming_strings", "on");
    pinned.put("default_transaction_read_only", "off");
    pinned.put("jit", "off");
    pinned.put("idle_session_timeout", "0");
    pinned.put("idle_in_transaction_session_timeout", "0");
    pinned.put("lock_timeout", "0");
    pinned.put("statement_timeout", "0");
    letTheServerNoticeSilence(pinned);
    switch (purpose) {
      case CONTROL -> {
        pinned.put("lock_timeout", millis(config.lockTimeout()));
        pinned.put("statement_timeout", millis(CONTROL_LIMIT));
      }
      case COPY -> {
        pinned.put("lock_timeout", millis(config.lockTimeout()));
      }
      case REPLICATION -> {
        pinned.put("client_min_messages", "warning");
        pinned.put("wal_sender_timeout", millis(config.walSenderTimeout()));
      }
    }
    return commandLine(pinned);
  }

  /**
   * Client encoding and date style are the driver's, the time zone it overrides: see {@link
   * #statements}.
   */
  private static void pinValueFormats(Map<String, String> pinned) {
    pinned.put("bytea_output", "hex");
    pinned.put("intervalstyle", "postgres");
    pinned.put("extra_float_digits", "3");
    pinned.put("search_path", "pg_catalog");
    pinned.put("quote_all_identifiers", "off");
  }

  /** So that locks, snapshots and slots of a machine that vanished are released in bounded time. */
  private void letTheServerNoticeSilence(Map<String, String> pinned) {
    long second = Math.min(Math.max(1, config.walSenderTimeout().toSeconds() / 6), 10_000);
    pinned.put("tcp_keepalives_idle", Long.toString(3 * second));
    pinned.put("tcp_keepalives_interval", Long.toString(second));
    pinned.put("tcp_keepalives_count", "3");
  }

  /**
   * {@return what has to be set once the connection stands}
   *
   * @param serverMajor the server's major version
   */
  List<String> statements(int serverMajor) {
    List<String> statements = new ArrayList<>();
    statements.add("SET TimeZone = 'UTC'");
    statements.add(MONETARY);
    if (serverMajor >= 17) {
      statements.add("SET transaction_timeout = 0");
    }
    return statements;
  }

  private static String commandLine(Map<String, String> pinned) {
    StringBuilder line = new StringBuilder();
    pinned.forEach(
        (name, value) -> line.append("-c ").append(name).append('=').append(value).append(' '));
    return line.toString().trim();
  }

  private static String millis(Duration duration) {
    return Long.toString(Math.min(duration.toMillis(), Integer.MAX_VALUE));
  }

  private static int seconds(Duration duration) {
    return (int)
        Math.min(Math.max(1, duration.plusMillis(999).toSeconds()), Integer.MAX_VALUE / 1000);
  }
}

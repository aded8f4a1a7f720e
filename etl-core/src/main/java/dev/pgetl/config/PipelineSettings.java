package dev.pgetl.config;

import dev.pgetl.internal.settings.Problems;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** The settings of a pipeline and its connection by name, and what is wrong with their values. */
final class PipelineSettings {
  private static final Pattern ID = Pattern.compile("[a-z0-9_]{1,40}");

  private PipelineSettings() {}

  static long defaultBudget() {
    return Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 4);
  }

  /** {@return the settings by name, in the order in which they are shown} */
  static Map<String, Object> of(PipelineConfig config) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("id", config.id());
    settings.put("publicationName", config.publicationName());
    settings.put("pgConnection", config.pgConnection());
    settings.put("batch", config.batch());
    settings.put("maxBufferedBytes", config.maxBufferedBytes());
    settings.put("tableErrorRetryDelay", config.tableErrorRetryDelay());
    settings.put("tableErrorRetryMaxAttempts", config.tableErrorRetryMaxAttempts());
    settings.put("maxTableSyncWorkers", config.maxTableSyncWorkers());
    settings.put("maxTablesPerSyncWorker", config.maxTablesPerSyncWorker());
    settings.put("maxCopyConnectionsPerTable", config.maxCopyConnectionsPerTable());
    settings.put("tableCopy", config.tableCopy());
    settings.put("invalidatedSlotBehavior", config.invalidatedSlotBehavior());
    settings.put("failoverSlots", config.failoverSlots());
    settings.put("acceptUnknownDivergence", config.acceptsUnknownDivergence());
    settings.put("publicationRefreshInterval", config.publicationRefreshInterval());
    settings.put("messagePrefixes", config.messagePrefixes());
    settings.put("binary", config.binary());
    settings.put("shutdownTimeout", config.shutdownTimeout());
    settings.put("standby", config.standby());
    return settings;
  }

  /**
   * {@return the same configuration}
   *
   * @throws IllegalArgumentException naming everything that is wrong
   */
  static PipelineConfig checked(PipelineConfig config) {
    String publication = config.publicationName();
    Problems problems = new Problems();
    problems.require(
        ID.matcher(config.id()).matches(),
        "id must be 1 to 40 lower-case letters, digits and underscores, is \""
            + config.id()
            + "\"");
    problems.require(
        !publication.isEmpty() && publication.length() < 64,
        "publicationName must have 1 to 63 characters");
    problems.requirePositive("maxBufferedBytes", config.maxBufferedBytes());
    problems.requirePositive("tableErrorRetryDelay", config.tableErrorRetryDelay());
    problems.require(
        config.tableErrorRetryMaxAttempts() >= 0,
        "tableErrorRetryMaxAttempts must not be negative, is "
            + config.tableErrorRetryMaxAttempts());
    problems.requirePositive("maxTableSyncWorkers", config.maxTableSyncWorkers());
    problems.requirePositive("maxTablesPerSyncWorker", config.maxTablesPerSyncWorker());
    problems.requirePositive("maxCopyConnectionsPerTable", config.maxCopyConnectionsPerTable());
    problems.requireNotNegative("publicationRefreshInterval", config.publicationRefreshInterval());
    problems.requirePositive("shutdownTimeout", config.shutdownTimeout());
    problems.throwIfAny("PipelineConfig");
    return config;
  }

  /** {@return the settings by name, in the order in which they are shown} */
  static Map<String, Object> of(PgConnectionConfig config) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("hosts", config.hosts());
    settings.put("readFromStandby", config.readsFromStandby());
    settings.put("name", config.name());
    settings.put("username", config.username());
    settings.put("credentials", config.credentials());
    settings.put("tls", config.tls());
    settings.put("connectTimeout", config.connectTimeout());
    settings.put("statusInterval", config.statusInterval());
    settings.put("walSenderTimeout", config.walSenderTimeout());
    settings.put("lockTimeout", config.lockTimeout());
    settings.put("readDelay", config.readDelay());
    return settings;
  }

  static void requireSignsOfLife(Problems problems, Duration interval, Duration timeout) {
    problems.requirePositive("pgConnection.statusInterval", interval);
    problems.requirePositive("pgConnection.walSenderTimeout", timeout);
    problems.require(
        timeout.dividedBy(3).compareTo(interval) >= 0,
        "pgConnection.walSenderTimeout must be at least three times statusInterval");
  }
}

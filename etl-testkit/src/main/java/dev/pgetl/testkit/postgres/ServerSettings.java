package dev.pgetl.testkit.postgres;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The settings of a test server, unless a test changes them. */
final class ServerSettings {
  private ServerSettings() {}

  /** Logical decoding with room for many slots, no fsync, UTC, TCP only. */
  static Map<String, String> defaults() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("wal_level", "logical");
    // A killed server leaves its socket and its lock file, which another account's cannot replace.
    settings.put("unix_socket_directories", "");
    settings.put("max_replication_slots", "50");
    settings.put("max_wal_senders", "50");
    settings.put("wal_sender_timeout", "10s");
    settings.put("max_prepared_transactions", "10");
    settings.put("max_connections", "200");
    settings.put("fsync", "off");
    settings.put("full_page_writes", "off");
    settings.put("synchronous_commit", "on");
    settings.put("timezone", "UTC");
    settings.put("log_timezone", "UTC");
    return settings;
  }

  /** The settings as lines of {@code postgresql.conf}. */
  static String asConfigurationFile(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(entry -> entry.getKey() + " = '" + entry.getValue().replace("'", "''") + "'\n")
        .collect(Collectors.joining());
  }
}

package dev.pgetl.benchmarks.workload;

import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A Postgres server of the lab's own.
 *
 * @param cluster the server
 * @param postmaster its main process
 * @param fsync whether it flushes to the disk
 */
record LabServer(PostgresCluster cluster, long postmaster, boolean fsync) implements AutoCloseable {
  static LabServer start(boolean fsync) {
    PostgresCluster.Builder builder = PostgresCluster.builder();
    settings(fsync).forEach(builder::set);
    PostgresCluster cluster = builder.start();
    return new LabServer(cluster, postmaster(cluster), fsync);
  }

  /** Nothing but the subjects shall be at work while they are measured. */
  private static Map<String, String> settings(boolean fsync) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("fsync", fsync ? "on" : "off");
    settings.put("synchronous_commit", "on");
    settings.put("autovacuum", "off");
    settings.put("jit", "off");
    settings.put("shared_buffers", "512MB");
    settings.put("checkpoint_timeout", "1h");
    settings.put("max_wal_size", "20GB");
    settings.put("wal_sender_timeout", "60s");
    settings.put("max_locks_per_transaction", "256");
    return settings;
  }

  private static long postmaster(PostgresCluster cluster) {
    try {
      return Long.parseLong(
          Files.readAllLines(cluster.dataDirectory().resolve("postmaster.pid")).get(0).strip());
    } catch (IOException e) {
      throw new UncheckedIOException("learn the server's process", e);
    }
  }

  /** {@return its version and how it is set up} */
  String description() {
    try (TestDatabase database = cluster.createDatabase()) {
      return "Postgres "
          + database.value("show server_version")
          + ", "
          + settings(fsync).entrySet().stream()
              .map(setting -> setting.getKey() + "=" + setting.getValue())
              .collect(Collectors.joining(" "));
    }
  }

  /** {@return where it is, and its superuser} */
  TestPostgres postgres() {
    return cluster.server();
  }

  @Override
  public void close() {
    cluster.close();
  }
}

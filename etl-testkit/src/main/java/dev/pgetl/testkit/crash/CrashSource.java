package dev.pgetl.testkit.crash;

import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.StandbySnapshots;
import dev.pgetl.testkit.postgres.TestDatabase;
import org.jspecify.annotations.Nullable;

/**
 * The servers of a round: one that is written to, and perhaps a standby of it that is read from.
 * Owned by the test's thread.
 */
final class CrashSource implements AutoCloseable {
  private final PostgresCluster primary;
  private final TestDatabase database;
  private final @Nullable PostgresCluster standby;
  private final @Nullable StandbySnapshots snapshots;
  private final TestDatabase read;

  private CrashSource(PostgresCluster primary, boolean fromStandby) {
    this.primary = primary;
    this.database = primary.createDatabase();
    this.standby = fromStandby ? primary.startStandby() : null;
    if (standby == null) {
      this.read = database;
      this.snapshots = null;
    } else {
      database.execute("select pg_create_physical_replication_slot('standby', true)");
      standby.set("hot_standby_feedback", "on");
      standby.set("primary_slot_name", "standby");
      this.read = standby.server().database(database.name());
      this.snapshots = StandbySnapshots.of(database);
    }
  }

  static CrashSource primary() {
    return start(false);
  }

  static CrashSource standby() {
    return start(true);
  }

  private static CrashSource start(boolean fromStandby) {
    PostgresCluster primary = PostgresCluster.builder().durable().start();
    try {
      return new CrashSource(primary, fromStandby);
    } catch (RuntimeException e) {
      primary.close();
      throw e;
    }
  }

  /** {@return the database that is written to} */
  TestDatabase database() {
    return database;
  }

  /** {@return the same database on the server that pipelines read from} */
  TestDatabase read() {
    return read;
  }

  boolean isStandby() {
    return standby != null;
  }

  /** Kills the server that pipelines read from, and starts it again. */
  void crash() {
    PostgresCluster server = standby == null ? primary : standby;
    server.kill();
    server.start();
  }

  @Override
  public void close() {
    if (snapshots != null) {
      snapshots.close();
    }
    if (standby != null) {
      standby.close();
    }
    primary.close();
  }
}

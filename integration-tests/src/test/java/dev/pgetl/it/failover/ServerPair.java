package dev.pgetl.it.failover;

import static org.awaitility.Awaitility.await;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PgHost;
import dev.pgetl.it.advice.Pages;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.PostgresCluster.StopMode;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.awaitility.core.ConditionTimeoutException;

/** A primary with a standby, and one database. Owned by the test's thread. */
final class ServerPair implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String SLOT_OF_STANDBY = "standby";
  private static final String CREATE_SLOT =
      "select pg_create_physical_replication_slot('standby', true)";

  private static final String COPIED = page("Failover of the source");

  /** The setting without which a standby is no source. */
  static final String FEEDBACK = page("A standby as the source");

  /** What the creation of a slot on a standby waits for. */
  static final String SNAPSHOT = page("Creating slots waits for the primary");

  private static final String UNLIST = page("The price of `synchronized_standby_slots`");
  private static final String DROP_BLOCKING_SLOTS = page("Switching back");

  private PostgresCluster primary;
  private PostgresCluster standby;
  private TestDatabase database;
  private TestDatabase onStandby;

  private ServerPair(PostgresCluster primary, TestDatabase database) {
    this.primary = primary;
    this.database = database;
    database.execute(CREATE_SLOT);
    this.standby = primary.startStandby();
    this.onStandby = standby.server().database(database.name());
    follow(standby, primary.server());
  }

  /** {@return the SQL below a heading of docs/high-availability.md} */
  private static String page(String heading) {
    String block = "high-availability.md, " + heading + ", 1";
    return Objects.requireNonNull(Pages.sql().get(block), block);
  }

  /** {@return a pair that runs, with some SQL run in the database} */
  static ServerPair start(String sql) {
    PostgresCluster primary = PostgresCluster.builder().start();
    try {
      TestDatabase database = primary.createDatabase();
      database.execute(sql);
      return new ServerPair(primary, database);
    } catch (RuntimeException e) {
      primary.close();
      throw e;
    }
  }

  /** Continues with a new database, also on the standby. */
  void renew(String sql) {
    database = primary.createDatabase();
    database.execute(sql);
    awaitReplayed();
    onStandby = standby.server().database(database.name());
  }

  private static void follow(PostgresCluster standby, TestPostgres of) {
    standby.set("hot_standby_feedback", "on");
    standby.set("primary_slot_name", SLOT_OF_STANDBY);
    standby.set(
        "primary_conninfo",
        "host=%s port=%d user=%s password=%s dbname=postgres"
            .formatted(of.host(), of.port(), of.username(), of.password().reveal()));
  }

  /** The standby copies slots all the time, and changes wait for it. */
  void synchronise() {
    standby.set("sync_replication_slots", "on");
    listStandby();
  }

  void listStandby() {
    primary.set("synchronized_standby_slots", SLOT_OF_STANDBY);
  }

  /** {@return whether the standby has a copy of a slot that is of use} */
  private boolean hasSynced(String slot) {
    return onStandby.query(COPIED).stream()
        .anyMatch(row -> row.subList(0, 3).equals(List.of(slot, "t", "f")));
  }

  void awaitSynced(String slot) {
    try {
      await("slot " + slot + " on the standby")
          .atMost(PATIENCE)
          .until(
              () -> {
                database.execute("select pg_log_standby_snapshot()");
                onStandby.execute("select pg_reload_conf()"); // or the sync worker sleeps for 30 s
                return hasSynced(slot);
              });
    } catch (ConditionTimeoutException e) {
      throw new AssertionError("slots are not copied; log of the standby:\n" + standby.log(), e);
    }
  }

  /** Copies a slot, and no later position of it. */
  void syncOnce(String slot) {
    standby.set("sync_replication_slots", "on");
    awaitSynced(slot);
    standby.set("sync_replication_slots", "off");
  }

  void awaitReplayed() {
    Lsn end = database.currentLsn();
    await("the standby has replayed " + end)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> !Lsn.parse(onStandby.value("select pg_last_wal_replay_lsn()")).isBefore(end));
  }

  /** The standby receives nothing from now on. */
  void cut() {
    awaitReplayed();
    standby.set("primary_conninfo", "");
    await("the standby is cut off")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .until(
            () ->
                database
                    .value("select active from pg_replication_slots where slot_name = 'standby'")
                    .equals("f"));
  }

  /** Kills the primary and makes the standby the primary. */
  void failOver() {
    primary.kill();
    promoteStandby();
  }

  private void promoteStandby() {
    standby.promote();
    PostgresCluster old = primary;
    primary = standby;
    standby = old;
    TestDatabase promoted = onStandby;
    onStandby = database;
    database = promoted;
  }

  /** Makes the standby the primary, and the primary its standby, which lacks nothing. */
  void switchOver() throws IOException {
    TestPostgres next = standby.server();
    follow(primary, next);
    primary.set("sync_replication_slots", "off");
    if (onStandby
        .value("select count(*) from pg_replication_slots where slot_name = 'standby'")
        .equals("0")) {
      onStandby.execute(CREATE_SLOT);
    }
    primary.stop(StopMode.FAST);
    promoteStandby();
    listStandby();
    Files.createFile(standby.dataDirectory().resolve("standby.signal"));
    standby.start();
    onStandby.execute(DROP_BLOCKING_SLOTS);
    standby.set("sync_replication_slots", "on");
  }

  /** The standby is gone. */
  void loseStandby() {
    standby.kill();
  }

  void unlistStandby() {
    UNLIST.lines().forEach(database::execute);
  }

  /** {@return the database on the server that is the primary now} */
  TestDatabase database() {
    return database;
  }

  /** {@return the standby} */
  PostgresCluster standby() {
    return standby;
  }

  /** {@return the primary} */
  PostgresCluster primary() {
    return primary;
  }

  /** {@return the database on the standby} */
  TestDatabase onStandby() {
    return onStandby;
  }

  /** {@return how to read from the server that is the standby now} */
  PgConnectionConfig.Builder standbyConnection() {
    TestPostgres server = standby.server();
    return PgConnectionConfig.builder(server.host(), database.name(), server.username())
        .port(server.port())
        .password(server.password().reveal())
        .statusInterval(Duration.ofMillis(100))
        .readFromStandby(true);
  }

  /** {@return how to read from the primary, whichever it is} */
  PgConnectionConfig connection() {
    TestPostgres first = primary.server();
    TestPostgres second = standby.server();
    return PgConnectionConfig.builder(
            List.of(PgHost.of(first.host(), first.port()), PgHost.of(second.host(), second.port())),
            database.name(),
            first.username())
        .password(first.password().reveal())
        .statusInterval(Duration.ofMillis(100))
        .build();
  }

  @Override
  public void close() {
    standby.close();
    primary.close();
  }
}

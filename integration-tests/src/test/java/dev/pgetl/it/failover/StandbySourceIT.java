package dev.pgetl.it.failover;

import static dev.pgetl.it.failover.StandbyScene.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.Pipeline;
import dev.pgetl.config.FailoverSlots;
import dev.pgetl.config.InvalidatedSlotBehavior;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.it.LogRecorder;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.postgres.PostgresLayer;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.postgres.PostgresCluster.StopMode;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A standby as the source: what it needs, what it does otherwise, and its promotion. */
class StandbySourceIT {
  private static @Nullable ServerPair shared;

  @BeforeAll
  static void logicalDecodingOnStandbys() {
    assumeThat(TestPostgres.shared().majorVersion()).isGreaterThanOrEqualTo(16);
    shared = ServerPair.start("");
  }

  @AfterAll
  static void close() {
    if (shared != null) {
      shared.close();
    }
  }

  /** The primary is idle. */
  private static StandbyScene idle() {
    return StandbyScene.on(Objects.requireNonNull(shared));
  }

  private static StandbyScene scene() {
    return idle().withSnapshots();
  }

  /** From here on a standby replays that restarts, also if it is killed: nothing from before. */
  private static void checkpoint(ServerPair servers) {
    servers.database().execute("checkpoint");
    servers.awaitReplayed();
    servers.standby().server().database(servers.database().name()).execute("checkpoint");
  }

  /** A standby that was killed replays again what had been read from it. */
  @Test
  void copiesAndStreamsAcrossARestartOfTheStandby() throws InterruptedException {
    try (StandbyScene scene = scene()) {
      scene.publishBig().run().insert("streamed", 10).awaitApplied();
      scene.servers().standby().kill();
      scene.insert("while it was down", 10);
      scene.servers().standby().start();
      scene.insert("after", 10).awaitApplied();
      scene.servers().database().execute("create table late as select 1 as id");
      scene.servers().database().execute("alter table late add primary key (id)");
      scene.servers().database().execute("alter publication pub add table late");
      await("the late table")
          .atMost(PATIENCE)
          .until(() -> scene.destination().truncations("late") > 0);
      scene.awaitReady().awaitApplied();
      scene.stop();
      scene.insert("while the pipeline was stopped", 10).run().awaitApplied();
      scene.assertConverged("users", "big", "late");
      assertThat(scene.copies()).isEqualTo(1);
      assertThat(scene.servers().database().slots()).isEmpty();
    }
  }

  @Test
  void aSlotIsMadeWhenThePrimaryLogsItsRunningTransactions()
      throws InterruptedException, SQLException {
    try (StandbyScene scene = idle();
        Connection open = scene.servers().database().connect();
        Statement writes = open.createStatement()) {
      open.setAutoCommit(false);
      writes.execute("insert into users(name) values ('open')");
      PgConnectionConfig patient = scene.servers().standbyConnection().build();
      PgConnectionConfig hasty =
          scene.servers().standbyConnection().lockTimeout(Duration.ofSeconds(1)).build();
      EtlException refused = scene.refused(ErrorKind.SOURCE_BUSY, hasty, options -> options);
      assertThat(refused).hasMessageContainingAll("standby", "within 1 s", "running transactions");

      String advice = sql(refused.fix());
      assertThat(ServerPair.SNAPSHOT).isEqualTo(advice + ";");
      writes.execute("commit");
      Pipeline next = scene.create(patient, scene.destination(), options -> options);
      CompletableFuture<Void> starting = CompletableFuture.runAsync(next::start);
      await("the start")
          .atMost(PATIENCE)
          .until(
              () -> {
                scene.servers().database().execute(advice);
                return starting.isDone();
              });
      starting.join();
      await("the copy")
          .atMost(PATIENCE)
          .until(
              () -> {
                scene.servers().database().execute(advice);
                return next.awaitReady(Duration.ofMillis(50));
              });
      scene.awaitApplied().assertConverged("users");
    }
  }

  /** {@return the first command of an advice} */
  private static String sql(String fix) {
    Matcher command = Pattern.compile("(SELECT|ALTER SYSTEM) [^;]+").matcher(fix);
    assertThat(command.find()).as(fix).isTrue();
    return command.group();
  }

  @Test
  void whatAStandbyLacksIsSaidBeforeTheStart() throws InterruptedException {
    try (StandbyScene scene = scene()) {
      ServerPair servers = scene.servers();
      PgConnectionConfig standby = scene.connection();
      PgConnectionConfig notSaid = servers.standbyConnection().readFromStandby(false).build();
      EtlException chosen =
          scene.refused(ErrorKind.SOURCE_CONFIGURATION, notSaid, options -> options);
      assertThat(chosen.fix()).contains("readFromStandby");
      EtlException on =
          scene.refused(
              ErrorKind.SOURCE_CONFIGURATION,
              standby,
              options -> options.failoverSlots(FailoverSlots.ON));
      assertThat(on).hasMessageContaining("failoverSlots is ON");
      assertThat(on.fix()).contains("AUTO");
      PgConnectionConfig primary = servers.database().connection().readFromStandby(true).build();
      EtlException no = scene.refused(ErrorKind.SOURCE_CONFIGURATION, primary, options -> options);
      assertThat(no).hasMessageContaining("the server is no standby");

      servers.standby().set("hot_standby_feedback", "off");
      EtlException off = scene.refused(ErrorKind.SOURCE_CONFIGURATION, standby, options -> options);
      assertThat(off).hasMessageContaining("hot_standby_feedback of the standby is off");
      for (String command : ServerPair.FEEDBACK.lines().toList()) {
        assertThat(off.fix()).contains(command.replace(";", ""));
        servers.onStandby().execute(command);
      }
      scene.run().awaitApplied().assertConverged("users");
    }
  }

  /** It would have to be written to. */
  @Test
  void aStoreOnTheStandbyIsRefused() {
    try (StandbyScene scene = scene()) {
      EtlException said =
          catchThrowableOfType(
              EtlException.class,
              () -> new MemoryStore(PostgresLayer.builder(scene.connection(), "it").build()));
      assertThat(said.kind()).isEqualTo(ErrorKind.CONFIGURATION);
      assertThat(said.fix()).contains("connection to a primary");
      PgConnectionConfig plain = scene.servers().standbyConnection().readFromStandby(false).build();
      EtlException found =
          catchThrowableOfType(
              EtlException.class,
              () -> {
                MemoryStore store = new MemoryStore(PostgresLayer.builder(plain, "it").build());
                store.loadTableReplicationStates();
              });
      assertThat(found.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE);
      assertThat(found).hasMessageContaining("the server is a standby");
      assertThat(found.fix()).contains("connect to a primary");
    }
  }

  /** A slot of the same name that the standby copies from the primary cannot be read there. */
  @Test
  void aSlotThatTheStandbyCopiesIsNotUsed() {
    assumeThat(TestPostgres.shared().majorVersion()).isGreaterThanOrEqualTo(17);
    try (StandbyScene scene = idle()) {
      ServerPair servers = scene.servers();
      String slot = "'pgetl_apply_copied'";
      servers
          .database()
          .execute(
              "select pg_create_logical_replication_slot("
                  + slot
                  + ", 'pgoutput', failover => true)");
      servers.standby().set("sync_replication_slots", "on");
      await("the copy of the slot")
          .atMost(PATIENCE)
          .until(() -> !servers.onStandby().slots().isEmpty());
      EtlException copied =
          scene.refused(ErrorKind.SOURCE_CONFIGURATION, scene.connection(), "copied");
      assertThat(copied).hasMessageContaining("is a copy of one of the primary");
      assertThat(copied.fix()).contains("another id");
      servers.standby().set("sync_replication_slots", "off");
      servers.database().execute("select pg_drop_replication_slot(" + slot + ")");
    }
  }

  /** The server does not end the stream: it continues on the new timeline. */
  @Test
  void aStreamContinuesWhenItsStandbyIsPromoted() throws InterruptedException {
    try (StandbyScene scene = StandbyScene.start();
        LogRecorder log = LogRecorder.started()) {
      scene.run().insert("before", 10).awaitApplied();
      scene.insert("last", 10);
      scene.servers().awaitReplayed();
      scene.servers().failOver();
      scene.insert("after", 10).awaitApplied();
      await("the new timeline").atMost(PATIENCE).until(() -> isFollowed(log, scene));
      scene.publishBigOnPromoted().awaitApplied();
      scene.assertConverged("users", "big");
      assertThat(scene.pipeline().status().failure()).isEmpty();

      scene.stop();
      scene.insert("while it was stopped", 10).run().awaitApplied();
      scene.stop();
      PgConnectionConfig primary = scene.servers().database().connectionConfig();
      scene.insert("as any primary", 10).run(primary, options -> options).awaitApplied();
      scene.assertConverged("users", "big");
      assertThat(scene.copies()).isEqualTo(1);
    }
  }

  private static boolean isFollowed(LogRecorder log, StandbyScene scene) {
    scene.insert("more", 1); // positions are reached where there is something to reach
    return !log.lines("the server was promoted").isEmpty();
  }

  /** The process is not there when it happens, and the destination knows no last keys. */
  @Test
  void aPromotionWhileThePipelineIsStoppedLosesNothing() throws InterruptedException {
    try (StandbyScene scene = StandbyScene.start()) {
      scene.run().insert("before", 10).awaitApplied();
      scene.servers().failOver();
      scene.insert("read on the new timeline", 10).awaitApplied();
      scene.stop();
      scene.insert("while it was stopped", 10).run().awaitApplied();
      scene.assertConverged("users");
      assertThat(scene.copies()).isEqualTo(1);
    }
  }

  @Test
  void aCopyContinuesOrStartsOverWhenItsStandbyIsPromoted() throws InterruptedException {
    try (StandbyScene scene = StandbyScene.start()) {
      Hold copying = scene.publishBig().runUntilCopying();
      scene.insert("before", 10);
      scene.servers().awaitReplayed();
      scene.servers().failOver();
      scene.insert("after", 10);
      scene.servers().database().execute("update big set filler = 'after' where id % 100 = 0");
      copying.release();
      scene.awaitReady().awaitApplied().assertConverged("users", "big");
    }
  }

  /** The standby ends the session that holds up its recovery. */
  @Test
  void aCopyThatRecoveryHasEndedIsRetried() throws InterruptedException {
    try (StandbyScene scene = scene();
        LogRecorder log = LogRecorder.started()) {
      scene.servers().standby().set("max_standby_streaming_delay", "0");
      Hold copying = scene.publishBig().runUntilCopying();
      scene.servers().database().execute("alter table big add column added text");
      scene.servers().awaitReplayed();
      copying.release();
      scene.awaitReady().awaitApplied().assertConverged("users", "big");
      assertThat(scene.servers().standby().log()).contains("conflict with recovery");
      assertThat(log.lines("SOURCE_UNAVAILABLE")).isNotEmpty();
      scene.servers().standby().set("max_standby_streaming_delay", "30s");
    }
  }

  @Test
  void aSlotThatAConflictHasInvalidatedIsNamed() throws InterruptedException {
    try (StandbyScene scene = scene()) {
      scene.run().insert("before", 10).awaitApplied();
      removeRowsOfTheCatalogue(scene);
      EtlException lost = scene.awaitFailure(ErrorKind.SLOT_LOST);
      boolean named = TestPostgres.shared().majorVersion() >= 17;
      assertThat(lost).hasMessageContaining(named ? "rows_removed" : "conflicting");
      assertThat(lost.fix()).contains("hot_standby_feedback = on", "primary_slot_name", "RECREATE");

      scene.servers().onStandby().execute("alter system set hot_standby_feedback = on");
      scene.servers().standby().reload();
      scene.run(
          scene.connection(),
          options -> options.invalidatedSlotBehavior(InvalidatedSlotBehavior.RECREATE));
      scene.insert("after", 10).awaitApplied().assertConverged("users");
      assertThat(scene.copies()).isEqualTo(2);
    }
  }

  private static void removeRowsOfTheCatalogue(StandbyScene scene) {
    scene.servers().standby().set("hot_standby_feedback", "off");
    TestDatabase primary = scene.servers().database();
    await("the slot is lost")
        .atMost(PATIENCE)
        .until(
            () -> {
              primary.execute("create table gone(id int); drop table gone; vacuum pg_class");
              return scene.servers().onStandby().slots().stream()
                  .noneMatch(slot -> slot.walStatus().equals("reserved"));
            });
  }

  @Test
  void aPrimaryThatLogsTooLittleIsNamed() throws InterruptedException {
    try (StandbyScene scene = scene()) {
      scene.servers().standby().set("wal_retrieve_retry_interval", "100ms");
      scene.run().insert("before", 10).awaitApplied();
      scene.servers().primary().set("wal_level", "replica");
      scene.servers().primary().restart(StopMode.FAST);
      scene.insert("after", 1);
      EtlException lost = scene.awaitFailure(ErrorKind.SLOT_LOST);
      boolean named = TestPostgres.shared().majorVersion() >= 17;
      assertThat(lost).hasMessageContaining(named ? "wal_level_insufficient" : "conflicting");
      EtlException refused =
          scene.refused(
              ErrorKind.SOURCE_CONFIGURATION,
              scene.connection(),
              options -> options.invalidatedSlotBehavior(InvalidatedSlotBehavior.RECREATE));
      assertThat(lost.fix()).startsWith(refused.fix());

      scene.servers().database().execute(sql(refused.fix()).replace(", then restart it.", ""));
      scene.servers().primary().restart(StopMode.FAST);
      checkpoint(scene.withSnapshots().servers());
      scene.run(
          scene.connection(),
          options -> options.invalidatedSlotBehavior(InvalidatedSlotBehavior.RECREATE));
      scene.insert("again", 10).awaitApplied().assertConverged("users");
    }
  }
}

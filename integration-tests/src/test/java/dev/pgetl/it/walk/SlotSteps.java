package dev.pgetl.it.walk;

import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/** What operators and servers do to replication slots. */
final class SlotSteps {
  private static final String OURS =
      " from pg_replication_slots where slot_name = '" + World.SLOT + "'";

  static final List<Step> ALL =
      List.of(
          lost("drop the slot", SlotSteps::drop),
          lost("advance the slot", SlotSteps::advance),
          lost("read from the slot", SlotSteps::read),
          lost("read from the slot while the pipeline waits for it", SlotSteps::readFirst)
              .weight(4)
              .mayReport(ErrorKind.SLOT_LOST, ErrorKind.SLOT_IN_USE),
          lost("invalidate the slot", SlotSteps::invalidate).weight(1),
          lost("make a slot of another plugin", SlotSteps::otherPlugin)
              .mayReport(ErrorKind.SLOT_LOST, ErrorKind.SOURCE_CONFIGURATION),
          Step.of("peek at the slot", SlotSteps::peek),
          Step.of("copy the slot", SlotSteps::copy).weight(3));

  private SlotSteps() {}

  private static Step lost(String name, Step.Act act) {
    return Step.of(name, act).weight(2).mayReport(ErrorKind.SLOT_LOST).mayCopy();
  }

  /** Ends the pipeline's stream, so that others can use the slot. */
  private static void free(World world) throws SQLException {
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> world.source().value("select active_pid" + OURS).isEmpty());
  }

  private static void drop(World world) throws Exception {
    world.concernsAll();
    if (world.random().nextBoolean()) {
      world.stop();
    } else {
      world.kill();
    }
    free(world);
    world.source().run("select pg_drop_replication_slot(slot_name)" + OURS);
  }

  private static void advance(World world) throws Exception {
    world.concernsAll();
    world.stop();
    free(world);
    world.source().run(Rows.of(world, TableSteps.any(world)).insert());
    world
        .source()
        .run("select pg_replication_slot_advance(slot_name, pg_current_wal_lsn())" + OURS);
  }

  private static void read(World world) throws Exception {
    world.concernsAll();
    world.stop();
    free(world);
    world.source().run(Rows.of(world, TableSteps.any(world)).insert());
    changes(world, "get");
  }

  /** Another reader has the slot until the pipeline asks for it, and has read on by then. */
  private static void readFirst(World world) throws Exception {
    world.concernsAll();
    world.stop();
    free(world);
    if (!world.source().value("select plugin" + OURS).equals("pgoutput")) {
      return;
    }
    world.source().run(Rows.of(world, TableSteps.any(world)).insert());
    try (Connection reader = connectReplication(world);
        PGReplicationStream stream = stream(reader)) {
      LogSequenceNumber end = LogSequenceNumber.valueOf(world.source().position().value());
      world.start(false);
      awaitStream(world);
      stream.setFlushedLSN(end);
      stream.forceUpdateStatus();
      awaitForAWhile(
          () -> world.source().value("select confirmed_flush_lsn" + OURS).equals(end.asString()));
    }
  }

  private static Connection connectReplication(World world) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", world.cluster().server().username());
    properties.setProperty("password", world.cluster().server().password().reveal());
    properties.setProperty("replication", "database");
    properties.setProperty("assumeMinServerVersion", "10");
    properties.setProperty("preferQueryMode", "simple");
    return DriverManager.getConnection(world.source().database().jdbcUrl(), properties);
  }

  private static PGReplicationStream stream(Connection connection) throws SQLException {
    return connection
        .unwrap(PGConnection.class)
        .getReplicationAPI()
        .replicationStream()
        .logical()
        .withSlotName(World.SLOT)
        .withSlotOption("proto_version", 1)
        .withSlotOption("publication_names", "pub")
        .withStatusInterval(10, TimeUnit.SECONDS)
        .start();
  }

  /** Waits until the pipeline has tried to read, or has failed before. */
  private static void awaitStream(World world) {
    String asked =
        "select true from pg_stat_activity where usename = '%s' and query like 'START_REPLICATION%%'"
            .formatted(World.ROLE);
    awaitForAWhile(
        () ->
            world.requireInstance().failure().isPresent()
                || world.source().value(asked).equals("t"));
  }

  /** What the walk did before may keep the pipeline from starting. */
  private static void awaitForAWhile(Callable<Boolean> condition) {
    try {
      await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(10)).until(condition);
    } catch (ConditionTimeoutException ignored) {
      // The step shows nothing this time.
    }
  }

  private static void peek(World world) throws Exception {
    world.stop();
    free(world);
    changes(world, "peek");
  }

  private static void changes(World world, String how) throws SQLException {
    world
        .source()
        .run(
            "select count(*) from pg_replication_slots, lateral pg_logical_slot_"
                + how
                + "_binary_changes(slot_name, null, null, 'proto_version', '1',"
                + " 'publication_names', 'pub') where slot_name = '"
                + World.SLOT
                + "'");
  }

  private static void invalidate(World world) throws Exception {
    world.concernsAll();
    world.stop();
    free(world);
    world.cluster().set("max_slot_wal_keep_size", "1MB");
    for (int i = 0; i < 4; i++) {
      world.source().run(Rows.of(world, TableSteps.any(world)).insert(), "select pg_switch_wal()");
    }
    world.source().run("checkpoint");
    world.cluster().set("max_slot_wal_keep_size", "-1");
  }

  private static void otherPlugin(World world) throws Exception {
    world.concernsAll();
    world.stop();
    free(world);
    world
        .source()
        .run(
            "select pg_drop_replication_slot(slot_name)" + OURS,
            "select pg_create_logical_replication_slot('" + World.SLOT + "', 'test_decoding')");
  }

  private static void copy(World world) throws Exception {
    world.stop();
    free(world);
    world
        .source()
        .run(
            "select pg_copy_logical_replication_slot(slot_name, 'neighbour"
                + world.nextNumber()
                + "')"
                + OURS);
  }
}

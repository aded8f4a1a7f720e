package dev.pgetl.it.walk;

import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.PostgresCluster.StopMode;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.wal.Lsn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.awaitility.core.ConditionTimeoutException;

/** What platforms and administrators do to the server. */
final class ServerSteps {
  /** Settings that change what text the server prints, and settings that end what takes long. */
  private static final List<String> SETTINGS =
      List.of(
          "datestyle = 'German'",
          "timezone = 'Asia/Tokyo'",
          "intervalstyle = 'iso_8601'",
          "bytea_output = 'escape'",
          "extra_float_digits = -5",
          "search_path = app",
          "default_transaction_read_only = on",
          "default_transaction_isolation = 'serializable'",
          "idle_in_transaction_session_timeout = '1s'",
          "lock_timeout = '1ms'",
          "synchronous_commit = off",
          "quote_all_identifiers = on",
          "standard_conforming_strings = off");

  /** How long a commit may wait for the stream. */
  private static final int PATIENCE_SECONDS = 15;

  static final List<Step> ALL =
      List.of(
          Step.of("restart the server", w -> restart(w, StopMode.FAST)).weight(3),
          Step.of("crash the server", w -> restart(w, StopMode.IMMEDIATE)).weight(3),
          Step.of("kill the server", ServerSteps::kill).weight(3),
          Step.of("take a snapshot of the server", ServerSteps::takeSnapshot).weight(3),
          Step.of("set the server back to the snapshot", ServerSteps::setBack)
              .weight(6)
              .mayReport(ErrorKind.SLOT_LOST, ErrorKind.DIVERGED)
              .mayCopy(),
          Step.of("fail over to a new timeline", ServerSteps::failOver)
              .weight(2)
              .mayReport(ErrorKind.SLOT_LOST)
              .mayCopy(),
          Step.of("let the address lead to another cluster", ServerSteps::otherCluster).weight(4),
          Step.of("count the pipeline as a synchronous standby", ServerSteps::countAsStandby)
              .weight(6),
          Step.of("write a checkpoint", w -> w.source().run("checkpoint")),
          Step.of("vacuum", w -> w.source().run("vacuum (freeze, analyze)")),
          Step.of("set a parameter of the role", w -> set(w, "role " + World.ROLE)),
          Step.of("set a parameter of the database", ServerSteps::setOfDatabase),
          Step.of("change the password", ServerSteps::changePassword)
              .weight(3)
              .mayReport(ErrorKind.SOURCE_AUTHENTICATION),
          Step.of("limit the role's connections", ServerSteps::limitConnections)
              .weight(3)
              .mayReport(ErrorKind.SOURCE_BUSY),
          Step.of("revoke and copy again", ServerSteps::revoke)
              .mayReport(ErrorKind.SOURCE_PERMISSION)
              .mayCopy());

  private ServerSteps() {}

  /** The server goes down; it would wait a minute for a stream that cannot answer. */
  private static void down(World world) {
    world.disturb();
    if (world.instance() != null) {
      world.requireInstance().proxy().heal();
    }
    world.source().discard();
  }

  private static void restart(World world, StopMode mode) throws SQLException {
    down(world);
    world.cluster().restart(mode);
    world.source().refresh();
  }

  private static void kill(World world) throws SQLException {
    down(world);
    world.cluster().kill();
    world.cluster().start();
    world.source().refresh();
  }

  private static void takeSnapshot(World world) throws Exception {
    down(world);
    world.cluster().stop(StopMode.FAST);
    world.places().saveServer(world.cluster().dataDirectory());
    world.cluster().start();
  }

  /** Where the pipeline runs it has to notice; otherwise the server may grow past its position. */
  private static void setBack(World world) throws Exception {
    world.concernsAll();
    Instance instance = world.instance();
    if (!world.places().hasServer()) {
      takeSnapshot(world);
      world.source().run(RowSteps.any(world).insert(), RowSteps.any(world).insert());
      boolean unused = instance != null && instance.isStreaming(world.source().position());
    }
    Lsn read = instance == null ? Lsn.ZERO : instance.status().stream().flushedLsn();
    down(world);
    world.cluster().stop(StopMode.FAST);
    world.target().materialise(world.source().shapes());
    world.places().restoreServer(world.cluster().dataDirectory());
    world.cluster().start();
    world.source().refresh();
    if (instance != null && world.source().position().isBefore(read)) {
      instance.proxy().heal();
      instance.awaitFailure();
    } else {
      world.limitAll("the server may have grown past the position");
    }
  }

  /** As after the promotion of a standby that has everything, its slots too. */
  private static void failOver(World world) throws Exception {
    world.concernsAll();
    world.cluster().set("restore_command", "false");
    down(world);
    world.cluster().stop(StopMode.FAST);
    Path signal = world.cluster().dataDirectory().resolve("recovery.signal");
    Files.setPosixFilePermissions(
        Files.createFile(signal), PosixFilePermissions.fromString("rw-rw-rw-"));
    world.cluster().start();
    await("the end of the recovery")
        .until(() -> world.source().value("select pg_is_in_recovery()").equals("f"));
    world.source().refresh();
  }

  /** Nothing of it is touched, and nothing of it reaches the destination. */
  private static void otherCluster(World world) throws Exception {
    if (!world.isAtWork()) {
      return;
    }
    String name = world.source().database().name();
    try (PostgresCluster other = PostgresCluster.builder().start()) {
      prepare(other, world.settings(), name);
      lead(world, other);
      if (world.settings().store() == Settings.Store.FILE) {
        world.stop();
        world.startAt(other.server(), false);
        world.requireInstance().awaitRefused(ErrorKind.SLOT_LOST);
      }
      world.stop();
    }
  }

  /** A server whose database of the same name has tables of the same names, with other OIDs. */
  private static void prepare(PostgresCluster other, Settings settings, String name)
      throws SQLException {
    try (TestDatabase database = other.createDatabase()) {
      database.execute("create role " + World.ROLE + " login replication password 'secret'");
      database.execute("create database " + name);
    }
    try (Connection elsewhere =
            DriverManager.getConnection(
                "jdbc:postgresql://localhost:" + other.server().port() + "/" + name,
                other.server().username(),
                other.server().password().reveal());
        Statement jdbc = elsewhere.createStatement()) {
      jdbc.execute("select count(lo_create(0)) from generate_series(1, 5000)");
      for (String sql : InitialTables.sql(settings, name)) {
        jdbc.execute(sql);
      }
    }
  }

  /**
   * The address of the running pipeline leads to another server; a state in the source is there
   * too.
   */
  private static void lead(World world, PostgresCluster other) throws Exception {
    Instance instance = world.requireInstance();
    int calls = instance.front().calls();
    instance.proxy().redirect(other.server().host(), other.server().port());
    instance.proxy().cut();
    instance.awaitOtherServer();
    instance
        .failure()
        .filter(failure -> failure.kind() != ErrorKind.SLOT_LOST)
        .filter(failure -> failure.kind() != ErrorKind.STORE_UNAVAILABLE)
        .filter(failure -> !failure.getMessage().contains(Instance.OTHER_SERVER))
        .ifPresent(
            failure -> {
              throw new Failure(
                  Failure.Kind.FALSE_REPORT,
                  "another cluster is reported as " + failure.kind() + " " + failure.getMessage());
            });
    if (instance.front().calls() > calls) {
      throw new Failure(Failure.Kind.BROKEN_RULE, "rows of another cluster were delivered");
    }
  }

  /** Nothing of the commits that wait is published, so the destination has nothing to do. */
  private static void countAsStandby(World world) throws Exception {
    if (!world.isStreaming()) {
      return;
    }
    String stream =
        world
            .source()
            .value(
                "select application_name from pg_stat_replication join pg_replication_slots"
                    + " on pid = active_pid where slot_name = '"
                    + World.SLOT
                    + "'");
    if (stream.isEmpty()) {
      return;
    }
    world.cluster().set("synchronous_standby_names", Shape.quoted(stream));
    try {
      if (isStandby(world, stream)) {
        for (int i = 0; i < 3; i++) {
          requireQuickCommit(world);
        }
      }
    } finally {
      world.cluster().set("synchronous_standby_names", "");
    }
  }

  private static boolean isStandby(World world, String stream) {
    try {
      await()
          .atMost(Duration.ofSeconds(10))
          .pollInterval(Duration.ofMillis(10))
          .until(
              () ->
                  world
                      .source()
                      .value(
                          "select sync_state from pg_stat_replication where application_name = '%s'"
                              .formatted(stream))
                      .equals("sync"));
      return true;
    } catch (ConditionTimeoutException e) {
      return false; // the stream has ended
    }
  }

  /** A commit that is cancelled while it waits for the standby ends with a warning. */
  private static void requireQuickCommit(World world) throws SQLException {
    try (Connection session = world.source().database().connect();
        Statement jdbc = session.createStatement()) {
      jdbc.setQueryTimeout(PATIENCE_SECONDS);
      jdbc.execute("select pg_logical_emit_message(true, 'walk', 'nothing')");
      if (jdbc.getWarnings() != null) {
        throw new Failure(
            Failure.Kind.SOURCE_WAITS,
            "a commit waited for %d s: %s".formatted(PATIENCE_SECONDS, jdbc.getWarnings()));
      }
    }
  }

  private static void set(World world, String whose) throws SQLException {
    String setting = SETTINGS.get(world.random().nextInt(SETTINGS.size()));
    world.source().run("alter " + whose + " set " + setting);
    ConnectionSteps.terminateAll(world);
  }

  private static void setOfDatabase(World world) throws SQLException {
    set(world, "database " + world.source().database().name());
  }

  private static void changePassword(World world) throws SQLException {
    world.concernsAll();
    world.undoWith("alter role " + World.ROLE + " password 'secret'");
    world.source().run("alter role " + World.ROLE + " password 'other'");
    ConnectionSteps.terminateAll(world);
  }

  private static void limitConnections(World world) throws SQLException {
    world.concernsAll();
    world.undoWith("alter role " + World.ROLE + " connection limit -1");
    world.source().run("alter role " + World.ROLE + " connection limit 2");
    ConnectionSteps.terminateAll(world);
  }

  private static void revoke(World world) throws Exception {
    Shape table = TableSteps.any(world);
    for (Shape member : world.source().family(table)) {
      world.concerns(member.oid());
      world.source().run("revoke select on " + member.sql() + " from " + World.ROLE);
      ControlSteps.resync(world, member.oid());
    }
  }
}

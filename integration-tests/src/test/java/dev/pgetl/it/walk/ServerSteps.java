package dev.pgetl.it.walk;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.testkit.postgres.PostgresCluster.StopMode;
import java.sql.SQLException;
import java.util.List;

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

  static final List<Step> ALL =
      List.of(
          Step.of("restart the server", w -> restart(w, StopMode.FAST)).weight(3),
          Step.of("crash the server", w -> restart(w, StopMode.IMMEDIATE)).weight(3),
          Step.of("kill the server", ServerSteps::kill).weight(3),
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

  private static void restart(World world, StopMode mode) throws SQLException {
    world.source().discard();
    world.cluster().restart(mode);
    world.source().refresh();
  }

  private static void kill(World world) throws SQLException {
    world.source().discard();
    world.cluster().kill();
    world.cluster().start();
    world.source().refresh();
  }

  private static void set(World world, String whose) throws SQLException {
    String setting = SETTINGS.get(world.random().nextInt(SETTINGS.size()));
    world.source().run("alter " + whose + " set " + setting);
    endSessions(world);
  }

  private static void setOfDatabase(World world) throws SQLException {
    set(world, "database " + world.source().database().name());
  }

  private static void endSessions(World world) throws SQLException {
    world
        .source()
        .run(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = '"
                + World.ROLE
                + "'");
  }

  private static void changePassword(World world) throws SQLException {
    world.concernsAll();
    world.undoWith("alter role " + World.ROLE + " password 'secret'");
    world.source().run("alter role " + World.ROLE + " password 'other'");
    endSessions(world);
  }

  private static void limitConnections(World world) throws SQLException {
    world.concernsAll();
    world.undoWith("alter role " + World.ROLE + " connection limit -1");
    world.source().run("alter role " + World.ROLE + " connection limit 2");
    endSessions(world);
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

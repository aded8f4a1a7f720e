package dev.pgetl.it.walk;

import java.sql.SQLException;
import java.util.List;

/** What networks do. */
final class ConnectionSteps {
  static final List<Step> ALL =
      List.of(
          Step.of("cut all connections", w -> on(w, instance -> instance.proxy().cut())),
          Step.of("let the network stall", w -> on(w, instance -> instance.proxy().stall())),
          Step.of("let connections be half-open", w -> on(w, i -> i.proxy().halfOpen())).weight(3),
          Step.of("let the network refuse", w -> on(w, instance -> instance.proxy().refuse())),
          Step.of("heal the network", w -> on(w, instance -> instance.proxy().heal())),
          Step.of("terminate the stream's session", ConnectionSteps::terminateStream),
          Step.of("terminate all sessions of the pipeline", ConnectionSteps::terminateAll));

  private ConnectionSteps() {}

  private interface Act {
    void on(Instance instance);
  }

  private static void on(World world, Act act) {
    Instance instance = world.instance();
    if (instance != null) {
      world.disturb();
      act.on(instance);
    }
  }

  private static void terminateStream(World world) throws SQLException {
    world.disturb();
    world
        .source()
        .run(
            "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '"
                + World.SLOT
                + "'");
  }

  static void terminateAll(World world) throws SQLException {
    world.disturb();
    world
        .source()
        .run(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = '"
                + World.ROLE
                + "'");
  }
}

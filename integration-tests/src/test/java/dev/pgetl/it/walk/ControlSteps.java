package dev.pgetl.it.walk;

import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import java.util.List;

/** What is done with the pipeline itself, and with its state. */
final class ControlSteps {
  static final List<Step> ALL =
      List.of(
          Step.of("resync a table", ControlSteps::resyncOne).mayCopy().weight(20),
          Step.of("resync a table twice", ControlSteps::resyncTwice).mayCopy(),
          Step.of("resync a table between two changes", ControlSteps::resyncBetween).mayCopy(),
          Step.of("resync a table that someone has locked", ControlSteps::resyncLocked).mayCopy(),
          Step.of("resync all tables", ControlSteps::resyncAll).mayCopy().weight(5),
          Step.of("restart with RECREATE", ControlSteps::recreate),
          Step.of("close during the start", ControlSteps::closeDuringStart),
          Step.of("restart with the other format", ControlSteps::otherFormat));

  private ControlSteps() {}

  /** Does nothing where the pipeline does not run, or does not carry the table. */
  static void resync(World world, long table) throws InterruptedException {
    Instance instance = world.instance();
    if (instance != null) {
      try {
        instance.pipeline().resync(new TableId(table));
      } catch (EtlException | IllegalStateException | IllegalArgumentException ignored) {
        // It has failed, or has not started yet.
      }
    }
  }

  private static void resyncOne(World world) throws Exception {
    long table = RowSteps.any(world).table().oid();
    world.concerns(table);
    resync(world, table);
  }

  private static void resyncTwice(World world) throws Exception {
    Rows rows = RowSteps.any(world);
    world.concerns(rows.table().oid());
    resync(world, rows.table().oid());
    world.source().run(rows.insert());
    resync(world, rows.table().oid());
  }

  /** Both changes come in the stream of the apply worker. */
  private static void resyncBetween(World world) throws Exception {
    Rows rows = RowSteps.any(world);
    long table = rows.table().oid();
    world.concerns(table);
    if (world.isStreaming() && world.requireInstance().isReady(table)) {
      world.source().run(rows.insert());
      boolean unused = world.isStreaming();
      resync(world, table);
      world.requireInstance().awaitRest(table);
      world.source().run(rows.insert());
      boolean unusedToo = world.isStreaming();
    }
  }

  /** The destination keeps its rows for as long as the copy cannot begin. */
  private static void resyncLocked(World world) throws Exception {
    Shape table = RowSteps.any(world).table();
    world.concerns(table.oid());
    if (!world.isStreaming() || !world.requireInstance().isReady(table.oid())) {
      return;
    }
    world.openTransaction(
        "set local idle_in_transaction_session_timeout = 0",
        "lock table " + table.sql() + " in access exclusive mode");
    int copies = world.target().copies(table.oid());
    resync(world, table.oid());
    world.requireInstance().awaitTrouble(table.oid());
    if (world.target().copies(table.oid()) > copies) {
      throw new Failure(
          Failure.Kind.BROKEN_RULE, table + " was truncated although its copy cannot begin");
    }
  }

  private static void resyncAll(World world) throws Exception {
    for (Shape table : world.source().tables()) {
      world.concerns(table.oid());
      resync(world, table.oid());
    }
  }

  private static void recreate(World world) throws Exception {
    world.stop();
    world.start(true);
  }

  private static void closeDuringStart(World world) throws Exception {
    world.stop();
    world.start(false);
    world.stop();
  }

  private static void otherFormat(World world) throws Exception {
    world.stop();
    world.switchFormat();
    world.start(false);
  }
}

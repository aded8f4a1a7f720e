package dev.pgetl.it.walk;

import dev.pgetl.error.ErrorKind;
import java.util.List;
import java.util.Set;

/** What happens to the processes that run the pipeline, and to their state. */
final class ProcessSteps {
  static final List<Step> ALL =
      List.of(
          Step.of("stop the process", World::stop),
          Step.of("start the process", w -> w.start(false)).weight(30),
          Step.of("restart the process", ProcessSteps::restart),
          Step.of("kill the process", World::kill).weight(5),
          Step.of("kill the process and start another", ProcessSteps::killAndStart).weight(20),
          Step.of("pause the process", ProcessSteps::pause).weight(5),
          Step.of("start a second process", ProcessSteps::second).weight(4),
          Step.of("lose the state", ProcessSteps::loseState).weight(5).mayCopy(),
          Step.of("save the state", ProcessSteps::saveState),
          Step.of("restore an old state", ProcessSteps::restoreState)
              .weight(4)
              .mayReport(ErrorKind.SLOT_LOST, ErrorKind.DIVERGED)
              .mayCopy());

  private ProcessSteps() {}

  private static void restart(World world) throws Exception {
    world.stop();
    world.start(false);
  }

  private static void killAndStart(World world) throws Exception {
    world.kill();
    world.start(false);
  }

  /** Until the network heals and the destination answers again. */
  private static void pause(World world) {
    Instance instance = world.instance();
    if (instance != null) {
      instance.proxy().stall();
      for (int i = 0; i < 5; i++) {
        world.orders().add(Orders.Way.HANG, Set.of(Orders.Call.values()), 0);
      }
    }
  }

  /** With a state of its own; it is refused while the first one is at work. */
  private static void second(World world) throws Exception {
    if (!world.isAtWork()) {
      return;
    }
    Instance rival = world.rival();
    rival.start();
    rival.awaitRefused(ErrorKind.SLOT_IN_USE);
    rival.stop();
  }

  /** The application continues meanwhile. */
  private static void loseState(World world) throws Exception {
    world.concernsAll();
    world.stop();
    world.source().run(RowSteps.any(world).delete(3));
    if (world.settings().store() == Settings.Store.FILE) {
      world.places().loseState();
    } else {
      world.source().run("delete from pgetl.pipeline where name = 'walk'");
    }
  }

  private static void saveState(World world) throws Exception {
    if (world.settings().store() == Settings.Store.FILE) {
      world.stop();
      world.places().saveState();
    }
  }

  private static void restoreState(World world) throws Exception {
    if (world.settings().store() == Settings.Store.FILE) {
      world.stop();
      if (world.places().restoreState()) {
        world.concernsAll();
      }
    }
  }
}

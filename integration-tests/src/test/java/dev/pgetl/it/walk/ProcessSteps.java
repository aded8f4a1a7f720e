package dev.pgetl.it.walk;

import dev.pgetl.error.ErrorKind;
import java.util.List;

/** What happens to the processes that run the pipeline, and to their state. */
final class ProcessSteps {
  static final List<Step> ALL =
      List.of(
          Step.of("stop the process", World::stop),
          Step.of("start the process", w -> w.start(false)).weight(30),
          Step.of("restart the process", ProcessSteps::restart),
          Step.of("kill the process", World::kill).weight(5),
          Step.of("kill the process and start another", ProcessSteps::killAndStart).weight(20),
          Step.of("lose the state", ProcessSteps::loseState).weight(2).mayCopy(),
          Step.of("save the state", ProcessSteps::saveState),
          Step.of("restore an old state", ProcessSteps::restoreState)
              .weight(4)
              .mayReport(ErrorKind.SLOT_LOST)
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

  private static void loseState(World world) throws Exception {
    world.concernsAll();
    world.stop();
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

package dev.pgetl.it.walk;

import java.util.List;

/** What happens to the processes that run the pipeline. */
final class ProcessSteps {
  static final List<Step> ALL =
      List.of(
          Step.of("stop the process", World::stop),
          Step.of("start the process", w -> w.start(false)).weight(20),
          Step.of("restart the process", ProcessSteps::restart),
          Step.of("kill the process", World::kill),
          Step.of("kill the process and start another", ProcessSteps::killAndStart));

  private ProcessSteps() {}

  private static void restart(World world) throws Exception {
    world.stop();
    world.start(false);
  }

  private static void killAndStart(World world) throws Exception {
    world.kill();
    world.start(false);
  }
}

package dev.pgetl.internal.sim;

import dev.pgetl.internal.runtime.PipelineEngine;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Several operators ask for a resync of the same table at once, and the store answers late. */
class ConcurrentResyncTest {
  private static final int ROUNDS = 20;
  private static final int OPERATORS = 3;
  private static final int LATE_WRITES = 6;

  @Test
  void theTableIsCopiedAgainWhateverIsStoppedForIt() throws InterruptedException {
    EngineScene.play(
        scene -> {
          scene.createTables(1);
          scene.insert(0);
          PipelineEngine engine = scene.engine(EngineScene.config().build());
          engine.start();
          for (int round = 0; round < ROUNDS; round++) {
            scene.await("ready", 300, () -> isReady(engine));
            scene.world().layer().calls.plan(Fault.LATE, LATE_WRITES, 0);
            for (int i = 0; i < OPERATORS; i++) {
              scene.resync(engine, 0);
            }
            scene.scheduler().pause(Duration.ofMinutes(1).toNanos());
          }
          scene.await("ready", 300, () -> isReady(engine));
          EngineScene.end(engine);
        });
  }

  private static boolean isReady(PipelineEngine engine) {
    return engine.status().allReady();
  }
}

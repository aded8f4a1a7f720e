package dev.pgetl.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.config.InvalidatedSlotBehavior;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.internal.sim.server.Cluster.StandbySlots;
import dev.pgetl.internal.sim.server.Disk;
import dev.pgetl.internal.sim.server.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Positions that were remembered of a history which the server does not have any more. */
class OtherHistoryTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int MUCH = 1_000_000;

  private static PipelineEngine start(EngineScene scene, InvalidatedSlotBehavior behavior)
      throws InterruptedException {
    PipelineEngine engine =
        scene.engine(EngineScene.config().invalidatedSlotBehavior(behavior).build());
    engine.start();
    assertThat(engine.awaitReady(LIMIT)).isTrue();
    return engine;
  }

  /** The end of its hand-over is far behind the end of the server that was set back. */
  @Test
  void aTableThatWasBeingHandedOverIsCopiedFromTheServerThatWasSetBack()
      throws InterruptedException {
    EngineScene.play(
        scene -> {
          scene.createTables(1);
          scene.insert(0);
          Disk earlier = scene.cluster().snapshot();
          scene.cluster().noise(MUCH);
          scene.world().layer().calls.delay("store phase Ready", LIMIT.toNanos());
          scene.engine(EngineScene.config().build()).start();
          scene.await("the write", 60, () -> scene.world().layer().calls.delayed());
          scene.kill();
          scene.cluster().setBack(earlier, 0);

          PipelineEngine engine = start(scene, InvalidatedSlotBehavior.RECREATE);

          assertThat(scene.isEqual(0)).isTrue();
          EngineScene.end(engine);
        });
  }

  /** It had to reach a position that the promoted server may never get to. */
  @Test
  void aTableThatHasLeftIsForgottenOnThePromotedServer() throws InterruptedException {
    EngineScene.play(
        scene -> {
          scene.createTables(2);
          PipelineEngine engine = start(scene, InvalidatedSlotBehavior.ERROR);
          scene.world().holdings().calls.delay("write events", LIMIT.toNanos());
          scene.insert(1);
          scene.execute(new Statement.Publish(0, Script.PUBLICATION, false));
          Disk standby = scene.cluster().snapshot();
          scene.cluster().noise(MUCH);
          scene.scheduler().pause(Duration.ofSeconds(5).toNanos());
          assertThat(engine.status().tables()).hasSize(2);

          scene.cluster().promote(standby, StandbySlots.SYNCED, 0);

          scene.await("the end of the table", 60, () -> engine.status().tables().size() == 1);
          EngineScene.end(engine);
        });
  }
}

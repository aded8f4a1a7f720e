package dev.pgetl.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.internal.runtime.order.TableOrder;
import dev.pgetl.internal.sim.server.ScriptedCopier;
import dev.pgetl.internal.sim.server.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A table of four rows is copied in two ranges, and the process is killed meanwhile. */
class ContinuedCopyTest {
  private static final int ROWS = 4;
  private static final List<Integer> ENDS = List.of(3);
  private static final PipelineConfig CONFIG =
      EngineScene.config().batch(BatchConfig.builder().maxSize(1).build()).build();

  private static void play(EngineScene.Play play) throws InterruptedException {
    EngineScene.play(
        scene -> {
          scene.world().layer().keepsRanges = true;
          scene.world().holdings().removing = true;
          scene.copiers = source -> () -> ScriptedCopier.byKey(source, ENDS);
          scene.createTables(1);
          for (int i = 0; i < ROWS; i++) {
            scene.insert(0);
          }
          play.run(scene);
          assertThat(scene.world().copiesContinued()).isPositive();
          assertThat(scene.isEqual(0)).isTrue();
        });
  }

  private static void start(PipelineEngine engine) {
    try {
      engine.start();
    } catch (EtlException e) {
      throw new AssertionError(e);
    }
  }

  private static void awaitEqual(EngineScene scene, PipelineEngine engine) {
    scene.await("equal", 120, () -> engine.status().allReady() && scene.isEqual(0));
  }

  /** Of the second range one row is there, and no longer in the source. */
  @Test
  void whatWasBegunIsRemovedAndCopiedAgain() throws InterruptedException {
    play(
        scene -> {
          scene.world().holdings().calls.plan("write rows", ROWS, Fault.DIE_BEFORE);
          start(scene.engine(CONFIG));

          PipelineEngine next = scene.restarted(CONFIG);
          scene.execute(new Statement.Delete(0, ROWS - 1));
          scene.execute(new Statement.Update(0, 1, 0, "changed"));
          scene.execute(new Statement.MoveKey(0, 2, 7));
          start(next);

          awaitEqual(scene, next);
          EngineScene.end(next);
        });
  }

  /** The store has the last range as finished; the process, still running, has not. */
  @Test
  void aRangeThatIsRemovedIsNotFinishedInTheStore() throws InterruptedException {
    play(
        scene -> {
          int begunAndFinished = 2;
          scene.world().layer().calls.plan("store ranges", 2 + begunAndFinished + 1, Fault.AFTER);
          scene.world().holdings().calls.plan("remove range", 1, Fault.DIE_AFTER);
          start(scene.engine(CONFIG));

          PipelineEngine next = scene.restarted(CONFIG);
          start(next);

          awaitEqual(scene, next);
          EngineScene.end(next);
        });
  }

  /** The ranges were copied at two positions, which the stream of the table has to know. */
  @Test
  void aResyncThatCannotBeStoredLeavesTheRanges() throws InterruptedException {
    play(
        scene -> {
          scene.world().holdings().calls.plan("write rows", ROWS, Fault.DIE_BEFORE);
          start(scene.engine(CONFIG));

          PipelineEngine second = scene.restarted(CONFIG);
          scene.execute(new Statement.Insert(0, ROWS + 1, "v"));
          scene.execute(new Statement.Insert(0, 0, "v"));
          scene.world().holdings().calls.plan("write events", 1, Fault.HANG);
          scene.world().layer().calls.plan("store phase Init", 1, Fault.DIE_BEFORE);
          start(second);
          scene.await("the stream", 60, () -> scene.world().holdings().calls.allHappened());
          scene.resync(second, 0);

          PipelineEngine third = scene.restarted(CONFIG);
          start(third);

          awaitEqual(scene, third);
          EngineScene.end(third);
        });
  }

  /** What was changed while it was not published is in no slot. */
  @Test
  void aRangeOfATableThatLeftAndCameBackIsCopiedWithTheRest() throws InterruptedException {
    play(
        scene -> {
          PipelineEngine first = scene.engine(CONFIG);
          start(first);
          awaitEqual(scene, first);
          scene.world().holdings().calls.plan("write rows", 1, Fault.DIE_BEFORE);
          KeyRange begin = new KeyRange("id", null, "3");
          scene.order(first, TableOrder.resync(scene.cluster().id(0), begin));

          PipelineEngine next = scene.restarted(CONFIG);
          scene.execute(new Statement.Publish(0, Script.PUBLICATION, false));
          scene.execute(new Statement.Delete(0, ROWS - 1));
          scene.execute(new Statement.Publish(0, Script.PUBLICATION, true));
          start(next);

          scene.await("the copy", 120, () -> next.status().allReady());
          assertThat(scene.isEqual(0)).as("ready, so equal").isTrue();
          EngineScene.end(next);
        });
  }
}

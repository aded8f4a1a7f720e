package dev.pgetl.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.internal.sim.SimDestination.Replacing;
import dev.pgetl.internal.sim.server.ScriptedCopier;
import dev.pgetl.internal.sim.server.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A table of four rows is copied again in two ranges, and the process is killed meanwhile. Readers
 * find the old rows until the new ones are there.
 */
class ReplacedCopyTest {
  private static final int ROWS = 4;
  private static final List<Integer> ENDS = List.of(3);
  private static final PipelineConfig CONFIG =
      EngineScene.config().batch(BatchConfig.builder().maxSize(1).build()).build();

  private final List<String> calls = new ArrayList<>();

  private void play(EngineScene.Play play) throws InterruptedException {
    EngineScene.play(
        scene -> {
          calls.clear();
          scene.world().layer().keepsRanges = true;
          scene.world().holdings().removing = true;
          scene.world().holdings().replacing = Replacing.ALWAYS;
          scene.whenCopying = (call, table) -> calls.add(call);
          scene.copiers = source -> () -> ScriptedCopier.byKey(source, ENDS);
          scene.createTables(1);
          for (int i = 0; i < ROWS; i++) {
            scene.insert(0);
          }
          play.run(scene);
          assertThat(scene.isEqual(0)).isTrue();
        });
  }

  private static PipelineEngine started(PipelineEngine engine) {
    try {
      engine.start();
    } catch (EtlException e) {
      throw new AssertionError(e);
    }
    return engine;
  }

  private static void awaitEqual(EngineScene scene, PipelineEngine engine) {
    scene.await("equal", 120, () -> engine.status().allReady() && scene.isEqual(0));
  }

  /** {@return the next process, once the first one has died while it copied the table again} */
  private static PipelineEngine killed(EngineScene scene, String call, int number, Fault fault) {
    PipelineEngine first = started(scene.engine(CONFIG));
    awaitEqual(scene, first);
    scene.world().holdings().calls.plan(call, number, fault);
    scene.resync(first, 0);
    PipelineEngine next = scene.restarted(CONFIG);
    assertThat(scene.world().holdings().table(scene.cluster().id(0)).isReplacing()).isTrue();
    assertThat(scene.isEqual(0)).as("readers find the old rows").isTrue();
    return next;
  }

  /** No row moves to the other range: where it moves to decides whether a copy can continue. */
  private static void change(EngineScene scene) {
    scene.execute(new Statement.Delete(0, ROWS - 1));
    scene.execute(new Statement.Update(0, 1, 0, "changed"));
    scene.execute(new Statement.MoveKey(0, 2, 0));
  }

  @Test
  void continuesWithWhatIsKeptAside() throws InterruptedException {
    play(
        scene -> {
          PipelineEngine next = killed(scene, "write rows", ROWS, Fault.DIE_BEFORE);
          change(scene);
          started(next);
          awaitEqual(scene, next);

          assertThat(scene.world().copiesContinued()).isPositive();
          assertThat(scene.world().holdings().replacementsContinued).isEqualTo(1);
          assertThat(calls.stream().filter("replace"::equals)).as("also the first").hasSize(2);
          assertThat(calls).doesNotContain("truncate");
          EngineScene.end(next);
        });
  }

  @Test
  void startsOverIfNothingWasKept() throws InterruptedException {
    play(
        scene -> {
          scene.world().holdings().continuing = false;
          PipelineEngine next = killed(scene, "write rows", ROWS, Fault.DIE_BEFORE);
          change(scene);
          started(next);
          awaitEqual(scene, next);

          assertThat(scene.world().copiesContinued()).isZero();
          assertThat(calls.stream().filter("replace"::equals)).hasSize(3);
          assertThat(calls).doesNotContain("truncate", "remove");
          EngineScene.end(next);
        });
  }

  @Test
  void truncatesIfTheDestinationHasChangedItsMind() throws InterruptedException {
    play(
        scene -> {
          PipelineEngine next = killed(scene, "write rows", ROWS, Fault.DIE_BEFORE);
          scene.world().holdings().replacing = Replacing.NEVER;
          scene.world().holdings().continuing = false;
          change(scene);
          started(next);
          awaitEqual(scene, next);

          assertThat(calls.stream().filter("truncate"::equals)).hasSize(1);
          EngineScene.end(next);
        });
  }

  /** The new rows are there, and the store does not know it. */
  @Test
  void nothingIsCopiedAgainBehindTheEnd() throws InterruptedException {
    play(
        scene -> {
          PipelineEngine first = started(scene.engine(CONFIG));
          awaitEqual(scene, first);
          scene.world().holdings().calls.plan("end copy", 1, Fault.DIE_AFTER);
          scene.resync(first, 0);
          PipelineEngine next = scene.restarted(CONFIG);
          assertThat(scene.world().holdings().replaced).isEqualTo(2);
          change(scene);
          calls.clear();
          started(next);
          awaitEqual(scene, next);

          assertThat(calls).containsExactly("continue", "copied");
          EngineScene.end(next);
        });
  }

  /** Its answer is lost, and rows of another one must not come behind it. */
  @Test
  void aReplacementMayBeginTwice() throws InterruptedException {
    play(
        scene -> {
          PipelineEngine first = started(scene.engine(CONFIG));
          awaitEqual(scene, first);
          scene.world().holdings().calls.plan("replace", 1, Fault.AFTER);
          scene.world().holdings().calls.plan("end copy", 1, Fault.AFTER);
          change(scene);
          scene.resync(first, 0);
          scene.await("the end", 60, () -> scene.world().holdings().calls.allHappened());
          awaitEqual(scene, first);

          assertThat(calls.stream().filter("replace"::equals)).hasSize(3);
          assertThat(calls.stream().filter("copied"::equals)).hasSize(3);
          EngineScene.end(first);
        });
  }
}

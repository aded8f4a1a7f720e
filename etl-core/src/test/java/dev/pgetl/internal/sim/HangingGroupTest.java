package dev.pgetl.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.internal.runtime.order.TableOrder;
import dev.pgetl.internal.sim.server.ScriptedCopier;
import dev.pgetl.internal.sim.server.Statement;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Ready;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The destination does not answer for some of the tables that are copied together: the others are
 * copied and streamed, and those follow once it does.
 */
class HangingGroupTest {
  private static final int TABLES = 20;
  private static final Set<Integer> HANGING = Set.of(0, 7, 8, 19);
  private static final Duration HANG = Duration.ofMinutes(1);

  /** What hangs, until it is over. */
  private static final class Hang {
    private final EngineScene scene;
    private final Set<TableId> tables = new HashSet<>();
    private final Set<TableId> inCall = new HashSet<>();
    private boolean over;
    private boolean failing;

    private Hang(EngineScene scene, String call) {
      this.scene = scene;
      scene.copiers = source -> () -> new ScriptedCopier(source, true, 0);
      scene.createTables(TABLES);
      for (int table = 0; table < TABLES; table++) {
        scene.insert(table);
      }
      HANGING.forEach(table -> tables.add(scene.cluster().id(table)));
      scene.whenCopying =
          (called, table) -> {
            if (!over && called.equals(call) && tables.contains(table)) {
              inCall.add(table);
              scene.scheduler().pause(HANG.toNanos());
              inCall.remove(table);
              if (failing) {
                throw new EtlException(ErrorKind.DESTINATION_UNAVAILABLE, "too late");
              }
            }
          };
    }

    private PipelineEngine start() throws InterruptedException {
      PipelineEngine engine = begin();
      awaitOthers(engine);
      return engine;
    }

    private PipelineEngine begin() throws InterruptedException {
      PipelineEngine engine = scene.engine(EngineScene.config().maxTableSyncWorkers(1).build());
      engine.start();
      return engine;
    }

    private void awaitOthers(PipelineEngine engine) {
      scene.await("the others are Ready", 40, () -> ready(engine) == TABLES - HANGING.size());
    }

    private static long ready(PipelineEngine engine) {
      return engine.status().tables().values().stream()
          .map(TableStatus::phase)
          .filter(Ready.class::isInstance)
          .count();
    }

    private static boolean isCopied(PipelineEngine engine, TableId table) {
      TableStatus status = engine.status().tables().get(table);
      return status != null && status.phase() instanceof DataSync;
    }

    private void awaitAll(PipelineEngine engine) {
      over = true;
      scene.await("all are Ready", 200, () -> ready(engine) == TABLES);
      scene.await("all are equal", 10, () -> IntStream.range(0, TABLES).allMatch(scene::isEqual));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"truncate", "rows", "copied"})
  void theOthersAreCopiedAndStreamed(String call) throws InterruptedException {
    EngineScene.play(
        scene -> {
          Hang hang = new Hang(scene, call);
          PipelineEngine engine = hang.start();

          assertThat(HANGING)
              .map(table -> engine.status().tables().get(scene.cluster().id(table)))
              .allMatch(HangingGroupTest::isSaidToHang);
          scene.insert(3);
          scene.await("streamed", 5, () -> scene.isEqual(3));
          HANGING.forEach(scene::insert);

          hang.awaitAll(engine);
          EngineScene.end(engine);
        });
  }

  private static boolean isSaidToHang(@Nullable TableStatus table) {
    return table != null
        && table
            .failure()
            .filter(why -> why.message().contains("has not answered for"))
            .isPresent();
  }

  /** What becomes of a call that was given up does not concern the others. */
  @ParameterizedTest
  @ValueSource(strings = {"truncate", "rows", "copied"})
  void aFailureThatComesLateIsItsTables(String call) throws InterruptedException {
    EngineScene.play(
        scene -> {
          Hang hang = new Hang(scene, call);
          hang.failing = true;
          PipelineEngine engine = hang.start();

          hang.awaitAll(engine);
          EngineScene.end(engine);
        });
  }

  /** It ends the group; the table that hangs keeps its thread only. */
  @ParameterizedTest
  @ValueSource(strings = {"truncate", "rows"})
  void aResyncOfAnotherTableDoesNotWait(String call) throws InterruptedException {
    EngineScene.play(
        scene -> {
          Hang hang = new Hang(scene, call);
          PipelineEngine engine = hang.begin();
          TableId first = scene.cluster().id(0);
          scene.await("hangs", 10, () -> Hang.isCopied(engine, first));

          engine.operated().order(TableOrder.of(TableOrder.Act.RESYNC, scene.cluster().id(3)));

          hang.awaitOthers(engine);
          hang.awaitAll(engine);
          EngineScene.end(engine);
        });
  }

  /** Another table could take its name, or another pipeline its place, while a call is made. */
  @Test
  void aTableThatLeavesIsForgottenOnceItsCallHasReturned() throws InterruptedException {
    EngineScene.play(
        scene -> {
          Hang hang = new Hang(scene, "truncate");
          PipelineEngine engine = hang.begin();
          TableId first = scene.cluster().id(0);
          scene.await("hangs", 10, () -> Hang.isCopied(engine, first));

          scene.execute(new Statement.Publish(0, Script.PUBLICATION, false));
          hang.awaitOthers(engine);
          assertThat(engine.status().tables()).containsKey(first);

          hang.over = true;
          scene.await("forgotten", 200, () -> !engine.status().tables().containsKey(first));
          assertThat(hang.inCall).doesNotContain(first);
          EngineScene.end(engine);
        });
  }

  /** Two writers would get in each other's way. */
  @Test
  void aResyncBeginsWhenTheCallHasReturned() throws InterruptedException {
    EngineScene.play(
        scene -> {
          Hang hang = new Hang(scene, "rows");
          PipelineEngine engine = hang.start();

          engine.operated().order(TableOrder.of(TableOrder.Act.RESYNC, scene.cluster().id(7)));
          engine.operated().order(TableOrder.of(TableOrder.Act.RESYNC, scene.cluster().id(3)));
          scene.await("copied again", 20, () -> Hang.ready(engine) == TABLES - HANGING.size());
          assertThat(scene.isEqual(3)).isTrue();

          hang.awaitAll(engine);
          EngineScene.end(engine);
        });
  }

  @Test
  void theEndDoesNotWaitForThem() throws InterruptedException {
    EngineScene.play(
        scene -> {
          Hang hang = new Hang(scene, "truncate");
          PipelineEngine engine = hang.start();
          long since = scene.scheduler().now();

          engine.shutdown();

          assertThat(engine.awaitEnd(Duration.ofMinutes(1))).isTrue();
          assertThat(Duration.ofNanos(scene.scheduler().now() - since)).isLessThan(HANG);
        });
  }
}

package dev.pgetl.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.internal.runtime.order.TableOrder;
import dev.pgetl.internal.runtime.order.TableOrder.Act;
import dev.pgetl.internal.sim.server.Statement;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Paused;
import dev.pgetl.store.TableReplicationPhase.Ready;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A table that is paused gets nothing, and continues without a copy. */
class PausedTableTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration A_WHILE = Duration.ofSeconds(30);
  private static final TableName NAME = new TableName("public", "t0");

  /** All copies that have begun. */
  private final List<TableId> copies = new ArrayList<>();

  private PipelineEngine streaming(EngineScene scene) throws InterruptedException {
    copies.clear();
    scene.createTables(3);
    IntStream.range(0, 3).forEach(scene::insert);
    scene.whenCopying =
        (call, table) -> {
          if (call.equals("truncate")) {
            copies.add(table);
          }
        };
    PipelineEngine engine = scene.engine(EngineScene.config().build());
    engine.start();
    assertThat(engine.awaitReady(LIMIT)).isTrue();
    assertThat(copies).hasSize(3);
    return engine;
  }

  private static void order(PipelineEngine engine, Act act) throws InterruptedException {
    engine.operated().order(TableOrder.of(act, NAME));
  }

  private static TableStatus status(EngineScene scene, PipelineEngine engine) {
    return Objects.requireNonNull(engine.status().tables().get(scene.cluster().id(0)));
  }

  private static TableReplicationPhase phase(EngineScene scene, PipelineEngine engine) {
    return status(scene, engine).phase();
  }

  private static Instant paused(EngineScene scene, PipelineEngine engine)
      throws InterruptedException {
    order(engine, Act.PAUSE);
    scene.await("the pause", 60, () -> phase(scene, engine) instanceof Paused);
    assertThat(phase(scene, engine))
        .isInstanceOfSatisfying(
            Paused.class, paused -> assertThat(paused.from()).isEqualTo(new FinishedCopy()));
    return status(scene, engine).pausedSince().orElseThrow();
  }

  /** Changes all tables for a while; the one that is paused stays as it is. */
  private static void change(EngineScene scene, PipelineEngine engine) throws InterruptedException {
    IntStream.range(0, 3).forEach(scene::insert);
    scene.scheduler().pause(A_WHILE.toNanos());
    IntStream.range(0, 3).forEach(scene::insert);
    assertThat(
            engine.awaitApplied(
                scene.cluster().end(), LIMIT, table -> !table.equals(scene.cluster().id(0))))
        .isTrue();
    assertThat(IntStream.range(1, 3)).allMatch(scene::isEqual);
    assertThat(scene.isEqual(0)).isFalse();
    assertThat(engine.awaitReady(LIMIT)).as("it does not wait for a paused table").isFalse();
  }

  private static void assertResumed(EngineScene scene, PipelineEngine engine)
      throws InterruptedException {
    order(engine, Act.RESUME);
    assertThat(engine.awaitReady(LIMIT)).isTrue();
    assertThat(engine.awaitApplied(scene.cluster().end(), LIMIT, table -> true)).isTrue();
    assertThat(IntStream.range(0, 3)).allMatch(scene::isEqual);
    scene.insert(0);
    assertThat(engine.awaitApplied(scene.cluster().end(), LIMIT, table -> true)).isTrue();
    assertThat(scene.isEqual(0)).isTrue();
    assertThat(scene.cluster().slotNames()).containsExactly("pgetl_apply_shop");
  }

  @Test
  void continuesWithoutACopy() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = streaming(scene);
          paused(scene, engine);

          change(scene, engine);

          assertThat(engine.status().pausedTables())
              .extracting(TableStatus::name)
              .containsExactly(NAME);
          assertResumed(scene, engine);
          assertThat(copies).hasSize(3);
          EngineScene.end(engine);
        });
  }

  @Test
  void staysPausedInTheNextProcess() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = streaming(scene);
          Instant since = paused(scene, engine);
          change(scene, engine);
          scene.kill();

          PipelineEngine next = scene.engine(EngineScene.config().build());
          next.start();
          change(scene, next);

          assertThat(status(scene, next).pausedSince()).contains(since);
          assertResumed(scene, next);
          assertThat(copies).hasSize(3);
          EngineScene.end(next);
        });
  }

  @Test
  void isRenamedAlteredAndTruncatedMeanwhile() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = streaming(scene);
          paused(scene, engine);
          change(scene, engine);
          scene.execute(new Statement.AddColumn(0, "added"));
          scene.insert(0);
          scene.execute(new Statement.Truncate(0));
          scene.insert(0);
          scene.execute(new Statement.RenameTable(0, "renamed"));
          scene.insert(0);

          engine.operated().order(TableOrder.of(Act.RESUME, new TableName("public", "renamed")));
          assertThat(engine.awaitReady(LIMIT)).isTrue();
          assertThat(engine.awaitApplied(scene.cluster().end(), LIMIT, table -> true)).isTrue();
          assertThat(IntStream.range(0, 3)).allMatch(scene::isEqual);
          assertThat(copies).hasSize(3);
          EngineScene.end(engine);
        });
  }

  @Test
  void isForgottenIfItIsDropped() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = streaming(scene);
          TableId before = scene.cluster().id(0);
          paused(scene, engine);
          scene.execute(new Statement.Recreate(0));
          scene.insert(0);

          scene.await("the end", 60, () -> !engine.status().tables().containsKey(before));

          scene.await(
              "the other table",
              60,
              () -> engine.status().tables().containsKey(scene.cluster().id(0)));
          assertThat(engine.awaitReady(LIMIT)).isTrue();
          assertThat(engine.awaitApplied(scene.cluster().end(), LIMIT, table -> true)).isTrue();
          assertThat(scene.isEqual(0)).isTrue();
          assertThat(scene.cluster().slotNames()).containsExactly("pgetl_apply_shop");
          EngineScene.end(engine);
        });
  }

  @Test
  void isCopiedOnceResumedIfItsSlotWasLost() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = streaming(scene);
          paused(scene, engine);
          scene.insert(0);
          scene.cluster().invalidateSlot("pgetl_sync_shop_" + scene.cluster().id(0));
          scene.scheduler().pause(A_WHILE.toNanos());
          assertThat(phase(scene, engine)).isInstanceOf(Paused.class);

          assertResumed(scene, engine);

          assertThat(copies).hasSize(4);
          EngineScene.end(engine);
        });
  }

  /** It is not copied while it is paused. */
  @Test
  void isCopiedOnceResumedIfItLeftThePublicationAndCameBack() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = streaming(scene);
          Instant since = paused(scene, engine);
          scene.cluster().execute(1, List.of(new Statement.Insert(1, 999, "open")));
          scene.execute(new Statement.Publish(0, Script.PUBLICATION, false));
          scene.scheduler().pause(Duration.ofSeconds(3).toNanos());
          scene.execute(new Statement.Publish(0, Script.PUBLICATION, true));
          scene.insert(0);
          scene.cluster().commit(1);

          scene.await(
              "the copy to come",
              60,
              () -> phase(scene, engine).equals(new Paused(since, new Init())));
          scene.scheduler().pause(A_WHILE.toNanos());
          assertThat(copies).hasSize(3);
          assertResumed(scene, engine);

          assertThat(copies).hasSize(4);
          EngineScene.end(engine);
        });
  }

  @Test
  void pausesItsCopy() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = streaming(scene);
          order(engine, Act.RESYNC);
          scene.await("the copy", 60, () -> !(phase(scene, engine) instanceof Ready));
          order(engine, Act.PAUSE);
          scene.await("the pause", 60, () -> phase(scene, engine) instanceof Paused);
          assertThat(phase(scene, engine))
              .isInstanceOfSatisfying(
                  Paused.class,
                  paused ->
                      assertThat(paused.from())
                          .isIn(new Init(), new DataSync(), new FinishedCopy()));
          scene.insert(0);
          int before = copies.size();
          scene.scheduler().pause(A_WHILE.toNanos());
          assertThat(copies).hasSize(before);

          assertResumed(scene, engine);
          EngineScene.end(engine);
        });
  }

  @Test
  void aResyncEndsThePause() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = streaming(scene);
          paused(scene, engine);
          scene.insert(0);

          order(engine, Act.RESYNC);

          assertThat(engine.awaitReady(LIMIT)).isTrue();
          assertThat(copies).hasSize(4);
          assertResumed(scene, engine);
          EngineScene.end(engine);
        });
  }

  @Test
  void aFailedTableCannotBePausedNorRetried() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = streaming(scene);
          scene.world().holdings().refused.add(scene.cluster().id(0));
          scene.insert(0);
          scene.await("the failure", 60, () -> status(scene, engine).needsResync());

          assertThatIllegalStateException()
              .isThrownBy(() -> order(engine, Act.PAUSE))
              .withMessageStartingWith("table public.t0 cannot be paused: it has failed");
          assertThatIllegalStateException()
              .isThrownBy(() -> order(engine, Act.RETRY))
              .withMessageStartingWith("table public.t0 cannot be retried: its changes were passed")
              .withMessageEndingWith("Fix the cause, then resync it");
          EngineScene.end(engine);
        });
  }

  @Test
  void aStoreThatCannotKeepItIsNotAskedTo() throws InterruptedException {
    EngineScene.play(
        scene -> {
          scene.world().layer().keepsPauses = false;
          PipelineEngine engine = streaming(scene);

          assertThatExceptionOfType(EtlException.class)
              .isThrownBy(() -> order(engine, Act.PAUSE))
              .satisfies(
                  e -> {
                    assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION);
                    assertThat(e.fix()).contains("pause the pipeline as a whole");
                  });

          order(engine, Act.RESUME);
          assertThat(phase(scene, engine)).isInstanceOf(Ready.class);
          EngineScene.end(engine);
        });
  }

  /** The store is away when the pause is to be stored, and a worker waits for it. */
  @Test
  void isPausedOnceTheStoreIsBack() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = streaming(scene);
          scene.world().layer().calls.plan("store phase Paused", 1, Fault.BEFORE);

          Instant unused = paused(scene, engine);

          change(scene, engine);
          assertResumed(scene, engine);
          assertThat(copies).hasSize(3);
          EngineScene.end(engine);
        });
  }
}

package dev.pgetl.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A pipeline that is paused calls the destination no more, and loses nothing. */
class PausedPipelineTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration LONG = Duration.ofMinutes(1);

  /** All calls of the destination. */
  private final List<String> calls = new ArrayList<>();

  private PipelineEngine started(EngineScene scene, int tables) throws InterruptedException {
    calls.clear();
    scene.createTables(tables);
    IntStream.range(0, tables).forEach(scene::insert);
    scene.whenCopying = (call, table) -> calls.add(call + " " + table);
    scene.whenWriting = () -> calls.add("events");
    PipelineEngine engine = scene.engine(EngineScene.config().maxTableSyncWorkers(2).build());
    engine.start();
    return engine;
  }

  private PipelineEngine streaming(EngineScene scene, int tables) throws InterruptedException {
    PipelineEngine engine = started(scene, tables);
    assertThat(engine.awaitReady(LIMIT)).isTrue();
    return engine;
  }

  private static void pause(PipelineEngine engine) throws InterruptedException {
    engine.operated().pause();
    assertThat(engine.operated().awaitPaused(LIMIT)).isTrue();
  }

  private static boolean isApplied(EngineScene scene, PipelineEngine engine, Duration limit)
      throws InterruptedException {
    return engine.awaitApplied(scene.cluster().end(), limit, table -> true);
  }

  private void staysSilent(EngineScene scene, PipelineEngine engine) {
    List<String> before = List.copyOf(calls);
    scene.scheduler().pause(LONG.toNanos());
    assertThat(calls).isEqualTo(before);
    assertThat(engine.state()).isEqualTo(State.PAUSED);
    assertThat(engine.status().state()).isEqualTo(State.PAUSED);
    assertThat(engine.status().tables().values()).allMatch(table -> table.failure().isEmpty());
  }

  @Test
  void holdsBackWhatItStreams() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = streaming(scene, 3);
          assertThat(engine.status().pausedSince()).isEmpty();
          pause(engine);
          IntStream.range(0, 3).forEach(scene::insert);

          staysSilent(scene, engine);

          PipelineStatus status = engine.status();
          assertThat(status.pausedSince()).isPresent();
          assertThat(status.allReady()).isFalse();
          assertThat(status.stream().connected()).isTrue();
          assertThat(isApplied(scene, engine, Duration.ofSeconds(5))).isFalse();
          engine.operated().resume();
          assertThat(isApplied(scene, engine, LIMIT)).isTrue();
          assertThat(IntStream.range(0, 3)).allMatch(scene::isEqual);
          assertThat(engine.status().state()).isEqualTo(State.RUNNING);
          EngineScene.end(engine);
        });
  }

  /** Its copies keep their snapshots, and no small table is taken for one that hangs. */
  @Test
  void copiesContinueWhereTheyWere() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = started(scene, 20);
          scene.await(
              "a copy has begun",
              60,
              () ->
                  engine.status().tables().values().stream()
                      .anyMatch(table -> table.phase() instanceof DataSync));
          pause(engine);
          scene.insert(0);

          staysSilent(scene, engine);

          engine.operated().resume();
          assertThat(engine.awaitReady(LIMIT)).isTrue();
          assertThat(calls.stream().filter(call -> call.startsWith("truncate")))
              .hasSize(20)
              .doesNotHaveDuplicates();
          assertThat(isApplied(scene, engine, LIMIT)).isTrue();
          assertThat(IntStream.range(0, 20)).allMatch(scene::isEqual);
          EngineScene.end(engine);
        });
  }

  @Test
  void endsWithoutDeliveringWhatTheNextStartDelivers() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = streaming(scene, 1);
          pause(engine);
          scene.insert(0);
          staysSilent(scene, engine);
          List<String> before = List.copyOf(calls);

          EngineScene.end(engine);

          assertThat(calls).isEqualTo(before);
          assertThat(engine.status().state()).isEqualTo(State.STOPPED);
          assertThat(engine.failure()).isNull();
          PipelineEngine next = scene.engine(EngineScene.config().build());
          next.start();
          assertThat(isApplied(scene, next, LIMIT)).isTrue();
          assertThat(scene.isEqual(0)).isTrue();
          assertThat(next.status().pausedSince()).isEmpty();
          EngineScene.end(next);
        });
  }

  @Test
  void survivesARestartOfTheServer() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = streaming(scene, 2);
          pause(engine);
          scene.insert(0);
          scene.cluster().restart(1, Duration.ofSeconds(1).toNanos());
          scene.insert(1);

          staysSilent(scene, engine);

          engine.operated().resume();
          assertThat(isApplied(scene, engine, LIMIT)).isTrue();
          assertThat(IntStream.range(0, 2)).allMatch(scene::isEqual);
          EngineScene.end(engine);
        });
  }

  @Test
  void isAskedOnlyWhileItRuns() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = streaming(scene, 1);
          assertThat(engine.operated().awaitPaused(LIMIT)).as("it is not paused").isFalse();
          engine.operated().resume();
          engine.operated().pause();
          engine.operated().pause();
          EngineScene.end(engine);

          assertThatIllegalStateException().isThrownBy(() -> engine.operated().resume());
        });
  }
}

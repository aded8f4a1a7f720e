package dev.pgetl.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.observe.Health.Level;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.ThreadStatus;
import dev.pgetl.observe.ThreadStatus.Activity;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A thread that is stuck is seen within the limit; one that waits never is, however long. */
class StalledThreadsTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final Duration READY = Duration.ofMinutes(1);

  private static final String THREAD = "etl-" + World.PIPELINE + "-";
  private static final String STORE_CALL = "store progress";

  @AfterEach
  void removeFailpoint() {
    Failpoint.install(null);
  }

  /** The first thread that comes to the failpoint stays there; it waits for nothing known. */
  private static void stickAt(EngineScene scene, Failpoint where) {
    boolean[] stuck = {false};
    Failpoint.install(
        point -> {
          if (point == where && !stuck[0]) {
            stuck[0] = true;
            scene.scheduler().pause(LONG.toNanos());
          }
        });
  }

  private static PipelineEngine streaming(EngineScene scene) throws InterruptedException {
    Failpoint.install(null);
    scene.createTables(1);
    scene.insert(0);
    PipelineEngine engine = scene.engine(EngineScene.config().build());
    engine.start();
    assertThat(engine.awaitReady(READY)).isTrue();
    return engine;
  }

  private static List<ThreadStatus> stalled(PipelineEngine engine) {
    return engine.status().stalledThreads(LIMIT);
  }

  private static void assertSeenWithinLimit(EngineScene scene, PipelineEngine engine, String role) {
    long since = scene.scheduler().now();
    scene.await("a stalled thread", 15, () -> !stalled(engine).isEmpty());

    assertThat(scene.scheduler().now() - since).isGreaterThan(LIMIT.minusSeconds(2).toNanos());
    assertThat(stalled(engine)).extracting(ThreadStatus::name).containsExactly(THREAD + role);
    assertThat(engine.status().health().reasons())
        .anyMatch(reason -> reason.startsWith("thread " + THREAD + role + " has not moved since "));
  }

  @Test
  void seesADeliveryThatIsStuck() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = streaming(scene);
          stickAt(scene, Failpoint.BEFORE_EVENTS_WRITTEN);
          scene.insert(0);

          assertSeenWithinLimit(scene, engine, "apply-delivery");

          scene.scheduler().pause(LONG.toNanos());
          scene.await("its end", 60, () -> scene.isEqual(0));
          assertThat(stalled(engine)).isEmpty();
          EngineScene.end(engine);
        });
  }

  @Test
  void seesAReaderThatIsStuck() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = scene.engine(EngineScene.config().build());
          stickAt(scene, Failpoint.BEFORE_STREAM_OPENED);
          engine.start();

          assertSeenWithinLimit(scene, engine, "apply");

          scene.kill();
        });
  }

  @Test
  void seesACopyThatIsStuck() throws InterruptedException {
    EngineScene.play(
        scene -> {
          scene.createTables(1);
          scene.insert(0);
          PipelineEngine engine = scene.engine(EngineScene.config().build());
          stickAt(scene, Failpoint.BEFORE_FINISHED_COPY);
          engine.start();
          scene.await("a stalled thread", 30, () -> !stalled(engine).isEmpty());

          assertThat(stalled(engine).get(0).name()).startsWith(THREAD + "sync-");
          scene.kill();
        });
  }

  private static void assertMovesForLong(
      EngineScene scene, PipelineEngine engine, Activity longest) {
    long until = scene.scheduler().now() + LONG.minusSeconds(10).toNanos();
    while (scene.scheduler().now() < until) {
      assertThat(stalled(engine)).isEmpty();
      scene.scheduler().pause(Duration.ofSeconds(1).toNanos());
    }
    assertThat(engine.status().threads())
        .anyMatch(thread -> thread.activity() == longest && thread.duration().compareTo(LIMIT) > 0);
  }

  @Test
  void aDestinationThatHangsIsWaitedFor() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = streaming(scene);
          scene.whenWriting = () -> scene.scheduler().pause(LONG.toNanos());
          scene.insert(0);
          scene.scheduler().pause(Duration.ofSeconds(3).toNanos());

          assertMovesForLong(scene, engine, Activity.AWAITS_DESTINATION);

          scene.kill();
        });
  }

  @Test
  void aStoreThatHangsIsWaitedFor() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = streaming(scene);
          scene.world().layer().calls.delay(STORE_CALL, LONG.toNanos());
          scene.insert(0);
          scene.await("the call", 60, () -> scene.world().layer().calls.delayed());

          assertMovesForLong(scene, engine, Activity.AWAITS_STORE);

          scene.kill();
        });
  }

  /** With nothing to deliver, each thread but the reader waits for others or for a time. */
  @Test
  void aSilentSourceIsWaitedFor() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = streaming(scene);

          assertMovesForLong(scene, engine, Activity.AWAITS_WORK);

          assertThat(engine.status().health().level()).isEqualTo(Level.UP);
          EngineScene.end(engine);
        });
  }

  @Test
  void aPausedPipelineWaits() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = streaming(scene);
          engine.operated().pause();
          scene.insert(0);

          assertMovesForLong(scene, engine, Activity.AWAITS_WORK);

          assertThat(engine.status().state()).isEqualTo(PipelineStatus.State.PAUSED);
          scene.kill();
        });
  }

  /** Code of the application that is called on a thread of the pipeline is not waited for. */
  @Test
  void seesAListenerThatHangs() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = listened(scene);
          scene.insert(0);

          assertSeenWithinLimit(scene, engine, "apply-delivery");

          scene.kill();
        });
  }

  private static PipelineEngine listened(EngineScene scene) throws InterruptedException {
    boolean[] ready = {false};
    scene.listener =
        new PipelineListener() {
          @Override
          public void onProgress(Lsn flushed) {
            if (ready[0]) {
              scene.scheduler().pause(LONG.toNanos());
            }
          }
        };
    PipelineEngine engine = streaming(scene);
    ready[0] = true;
    return engine;
  }
}

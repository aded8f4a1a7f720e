package dev.pgetl.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.observe.PipelineStatus.State;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Calls that a pipeline has given up, and that fail after its end. */
class LateFailuresTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration LONG = Duration.ofMinutes(10);

  private static PipelineEngine start(EngineScene scene) throws InterruptedException {
    PipelineEngine engine = scene.engine(EngineScene.config().build());
    engine.start();
    assertThat(engine.awaitReady(LIMIT)).isTrue();
    return engine;
  }

  private static void assertStaysStopped(EngineScene scene, PipelineEngine engine)
      throws InterruptedException {
    EngineScene.end(engine);
    scene.scheduler().pause(LONG.multipliedBy(2).toNanos());
    assertThat(engine.status().state()).isEqualTo(State.STOPPED);
    assertThat(engine.status().failure()).isEmpty();
    assertThat(engine.awaitTermination(LIMIT)).isTrue();
  }

  /** The application closes its store behind the pipeline. */
  @Test
  void ofAStoreThatWasClosedMeanwhile() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = start(scene);
          boolean[] asked = {false};
          scene.whenProving =
              () -> {
                asked[0] = true;
                scene.scheduler().pause(LONG.toNanos());
                throw new IllegalStateException("the store is closed");
              };
          scene.await("the question", 30, () -> asked[0]);

          assertStaysStopped(scene, engine);
        });
  }

  @Test
  void ofADestinationThatHungWhenItWasClosed() throws InterruptedException {
    EngineScene.play(
        scene -> {
          scene.whenClosed =
              () -> {
                scene.scheduler().pause(LONG.toNanos());
                throw new IllegalStateException("closed at last");
              };

          assertStaysStopped(scene, start(scene));
        });
  }
}

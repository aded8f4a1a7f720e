package dev.pgetl.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.internal.sim.server.Cluster.StandbySlots;
import dev.pgetl.internal.sim.server.Disk;
import dev.pgetl.internal.sim.server.Statement;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.NavigableMap;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Versions of tables that were read from a server, while the one promoted after it lacks them. */
class AlteredAgainTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final PipelineConfig CONFIG = EngineScene.config().build();

  private static PipelineEngine start(EngineScene scene) throws InterruptedException {
    PipelineEngine engine = scene.engine(CONFIG);
    engine.start();
    assertThat(engine.awaitReady(LIMIT)).isTrue();
    return engine;
  }

  private static NavigableMap<Lsn, TableSchema> versions(EngineScene scene) {
    return Objects.requireNonNull(scene.world().layer().saved.schemas.get(scene.cluster().id(0)));
  }

  private static void alter(EngineScene scene) {
    scene.execute(new Statement.AddColumn(0, "c"));
    scene.insert(0);
  }

  /** What the destination has not received is lost with the server; the version was stored. */
  private static void loseAnAlteredTable(EngineScene scene) {
    scene.world().holdings().calls.delay("write events", Duration.ofHours(1).toNanos());
    scene.insert(0);
    scene.await("the call", 30, () -> scene.world().holdings().calls.delayed());
    Disk standby = scene.cluster().snapshot();
    alter(scene);
    scene.await("the version", 30, () -> versions(scene).size() == 2);
    scene.kill();
    scene.cluster().promote(standby, StandbySlots.SYNCED, 0);
  }

  private static void assertApplied(EngineScene scene, PipelineEngine engine)
      throws InterruptedException {
    assertThat(engine.awaitApplied(scene.cluster().end(), LIMIT, table -> true)).isTrue();
    assertThat(scene.isEqual(0)).isTrue();
  }

  /** The destination learns of the column although the store knows an equal version. */
  @Test
  void theSameChangeOfATableIsAnnouncedAgain() throws InterruptedException {
    EngineScene.play(
        scene -> {
          scene.createTables(1);
          PipelineEngine first = start(scene);
          scene.insert(0);
          assertApplied(scene, first);
          loseAnAlteredTable(scene);

          PipelineEngine second = start(scene);
          assertThat(versions(scene).lastEntry().getValue().columns())
              .isEqualTo(versions(scene).firstEntry().getValue().columns());
          scene.cluster().noise(1_000_000);
          alter(scene);

          assertApplied(scene, second);
          EngineScene.end(second);
        });
  }
}

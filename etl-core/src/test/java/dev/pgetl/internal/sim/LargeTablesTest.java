package dev.pgetl.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.internal.runtime.order.TableOrder;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Large tables are copied for hours, and others are published or resynced meanwhile. */
class LargeTablesTest {
  private static final int LARGE = 3;
  private static final long LARGE_BYTES = 1L << 40;

  /** Two workers, and a destination that takes no rows of the large tables until it is over. */
  private static final class Hours {
    private final EngineScene scene;
    private final PipelineEngine engine;
    private boolean over;

    private Hours(EngineScene scene, int tables) throws InterruptedException {
      this.scene = scene;
      scene.createTables(tables);
      for (int table = 0; table < tables; table++) {
        scene.insert(table);
      }
      scene.bytes = table -> isLarge(table) ? LARGE_BYTES : 1_000;
      scene.whenCopying =
          (call, table) -> {
            while (call.equals("rows") && isLarge(table) && !over) {
              scene.scheduler().pause(Duration.ofSeconds(1).toNanos());
            }
          };
      engine = scene.engine(EngineScene.config().maxTableSyncWorkers(2).build());
      engine.start();
      scene.await("a large one is copied", 20, () -> waiting() == LARGE - 1);
    }

    private boolean isLarge(TableId id) {
      for (int table = 0; table < LARGE; table++) {
        if (scene.cluster().id(table).equals(id)) {
          return true;
        }
      }
      return false;
    }

    private TableStatus status(int table) {
      return Objects.requireNonNull(engine.status().tables().get(scene.cluster().id(table)));
    }

    private boolean isReady(int table) {
      return engine.status().tables().containsKey(scene.cluster().id(table))
          && status(table).phase() instanceof Ready;
    }

    private long waiting() {
      return engine.status().tables().values().stream()
          .filter(table -> table.phase() instanceof Init)
          .count();
    }

    private void end() throws InterruptedException {
      over = true;
      scene.await("all are Ready", 60, () -> engine.status().allReady());
      EngineScene.end(engine);
    }
  }

  @Test
  void aSmallTableThatIsPublishedLaterDoesNotWait() throws InterruptedException {
    EngineScene.play(
        scene -> {
          Hours hours = new Hours(scene, LARGE);

          scene.cluster().createTable(LARGE, "late", ReplicaIdentity.DEFAULT, Script.PUBLICATION);
          scene.insert(LARGE);

          scene.await("the small one is Ready", 20, () -> hours.isReady(LARGE));
          assertThat(hours.waiting()).isEqualTo(LARGE - 1);
          hours.end();
        });
  }

  @Test
  void aSmallTableThatIsResyncedDoesNotWait() throws InterruptedException {
    EngineScene.play(
        scene -> {
          Hours hours = new Hours(scene, LARGE + 1);
          scene.await("the small one is Ready", 20, () -> hours.isReady(LARGE));

          hours
              .engine
              .operated()
              .order(TableOrder.of(TableOrder.Act.RESYNC, scene.cluster().id(LARGE)));
          assertThat(hours.isReady(LARGE)).isFalse();

          scene.await("it is Ready again", 20, () -> hours.isReady(LARGE));
          assertThat(hours.waiting()).isEqualTo(LARGE - 1);
          hours.end();
        });
  }

  @Test
  void aLargeTableThatIsResyncedWaits() throws InterruptedException {
    EngineScene.play(
        scene -> {
          Hours hours = new Hours(scene, LARGE);

          for (int table = 0; table < LARGE; table++) {
            hours
                .engine
                .operated()
                .order(TableOrder.of(TableOrder.Act.RESYNC, scene.cluster().id(table)));
          }

          scene.await("one is copied", 20, () -> hours.waiting() == LARGE - 1);
          scene.scheduler().pause(Duration.ofSeconds(20).toNanos());
          assertThat(hours.waiting()).isEqualTo(LARGE - 1);
          hours.end();
        });
  }

  @Test
  void aSizeThatCannotBeReadStopsNoCopy() throws InterruptedException {
    EngineScene.play(
        scene -> {
          scene.createTables(LARGE);
          scene.bytes =
              table -> {
                throw new EtlException(ErrorKind.SOURCE_FAILED, "no size for you");
              };
          PipelineEngine engine = scene.engine(EngineScene.config().build());
          engine.start();

          scene.await("all are Ready", 20, () -> engine.status().allReady());
          EngineScene.end(engine);
        });
  }
}

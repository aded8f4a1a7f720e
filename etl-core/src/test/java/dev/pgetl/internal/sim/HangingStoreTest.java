package dev.pgetl.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.pgetl.config.InvalidatedSlotBehavior;
import dev.pgetl.internal.sim.server.Cluster;
import dev.pgetl.internal.sim.server.Statement;
import dev.pgetl.internal.sim.time.Scheduler;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/**
 * The store hangs for a minute in the write of one table's phase: the streams of all tables
 * continue, and the connection lives.
 */
class HangingStoreTest {
  private static final Logger ENGINE = (Logger) LoggerFactory.getLogger("dev.pgetl");
  private static final Level BEFORE = ENGINE.getLevel();
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();
  private static final long TICK = Duration.ofMillis(50).toNanos();

  @BeforeAll
  static void silence() {
    ENGINE.setLevel(Level.OFF);
  }

  @AfterAll
  static void speak() {
    ENGINE.setLevel(BEFORE);
  }

  /** One pipeline over three tables that are Ready. */
  private static final class Scene {
    private final Scheduler scheduler;
    private final World world;
    private final Cluster cluster;
    private int key = 1_000;

    private Scene(long seed) {
      scheduler = new Scheduler(seed);
      world = new World(scheduler, new SplittableRandom(seed));
      cluster = world.cluster();
    }

    private void run(String phase, boolean refuse) {
      cluster.createPublication(Script.PUBLICATION);
      for (int table = 0; table < 3; table++) {
        cluster.createTable(table, "t" + table, ReplicaIdentity.DEFAULT, Script.PUBLICATION);
      }
      RunningEngine engine =
          world.start(scheduler.newProcess("p"), world.layer(), InvalidatedSlotBehavior.ERROR);
      await("ready", 30, () -> engine.started() && status(engine).allReady());
      insert(0, 1, 2);
      await("streaming", 10, () -> isEqual(0, 1, 2));

      world.layer().calls.delay("store phase " + phase, MINUTE);
      if (refuse) {
        world.holdings().refused.add(cluster.id(0));
        insert(0);
      } else {
        engine.resync(cluster.id(0));
      }
      await(phase, 30, () -> world.layer().calls.delayed());

      long reconnects = status(engine).stream().reconnects();
      long since = scheduler.now();
      int[] streamed = refuse ? new int[] {1, 2} : new int[] {0, 1, 2};
      for (int i = 0; i < 5; i++) {
        insert(streamed);
        await("the streams", 8, () -> isEqual(streamed)); // accepted data is flushed after 5 s
      }
      assertThat(scheduler.now() - since).isLessThan(MINUTE);
      world.holdings().refused.clear();
      scheduler.pause(MINUTE);
      assertThat(status(engine).stream().reconnects()).isEqualTo(reconnects);
      assertThat(status(engine).stream().connected()).isTrue();
      if (refuse) {
        await("refused", 30, () -> phase(engine).equals("Errored"));
        engine.resync(cluster.id(0));
      }
      await("ready again", 60, () -> status(engine).allReady() && isEqual(0, 1, 2));
      assertThat(world.objections()).isEmpty();
    }

    private void insert(int... tables) {
      List<Statement> statements = new ArrayList<>();
      for (int table : tables) {
        statements.add(new Statement.Insert(table, key++, "v"));
      }
      assertThat(cluster.execute(0, statements)).isTrue();
      cluster.commit(0);
    }

    private void await(String what, int seconds, BooleanSupplier condition) {
      long until = scheduler.now() + Duration.ofSeconds(seconds).toNanos();
      while (!condition.getAsBoolean()) {
        assertThat(scheduler.now())
            .as(what + "\n" + String.join("\n", world.log()))
            .isLessThan(until);
        scheduler.pause(TICK);
      }
    }

    private boolean isEqual(int... tables) {
      Map<TableId, List<Map<Integer, String>>> source = cluster.published(Script.PUBLICATION);
      for (int table : tables) {
        TableId id = cluster.id(table);
        if (!Objects.requireNonNull(source.get(id))
            .equals(List.copyOf(world.holdings().table(id).rows().values()))) {
          return false;
        }
      }
      return true;
    }

    private static PipelineStatus status(RunningEngine engine) {
      return engine.engine().status();
    }

    private String phase(RunningEngine engine) {
      TableStatus table = Objects.requireNonNull(status(engine).tables().get(cluster.id(0)));
      return table.phase().name();
    }
  }

  @ParameterizedTest
  @CsvSource({"SyncDone, false", "Ready, false", "Errored, true"})
  void delaysNoStream(String phase, boolean refuse) throws InterruptedException {
    for (long seed = 1; seed <= 20; seed++) {
      Scene scene = new Scene(seed);
      scene.scheduler.run(() -> scene.run(phase, refuse));
    }
  }
}

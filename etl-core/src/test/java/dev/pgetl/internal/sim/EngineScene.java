package dev.pgetl.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.internal.runtime.order.TableOrder;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.sim.server.Cluster;
import dev.pgetl.internal.sim.server.ScriptedCopier;
import dev.pgetl.internal.sim.server.ScriptedSource;
import dev.pgetl.internal.sim.server.Statement;
import dev.pgetl.internal.sim.time.Scheduler;
import dev.pgetl.internal.sim.time.SimProcess;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Engines between a scripted cluster and a destination, in virtual time, set up as a test wants.
 */
final class EngineScene {
  private static final Logger ENGINE = (Logger) LoggerFactory.getLogger("dev.pgetl");
  private static final long TICK_NANOS = Duration.ofMillis(50).toNanos();

  /** What a test does in the scene. */
  interface Play {
    void run(EngineScene scene) throws InterruptedException;
  }

  private final Scheduler scheduler;
  private final World world;
  private SimProcess process;
  private int key = 1;

  /** What the store does when it is to prove that it is the engine's. */
  Runnable whenProving = () -> {};

  /** What the destination does when it is closed. */
  Runnable whenClosed = () -> {};

  /** What the destination does before a call for a table's copy: the call and the table. */
  BiConsumer<String, TableId> whenCopying = (call, table) -> {};

  /** What the destination does before it gets events. */
  Runnable whenWriting = () -> {};

  /** How large the server says a table is; negative if it does not. */
  ToLongFunction<TableId> bytes = table -> -1;

  PipelineListener listener = new PipelineListener() {};
  UnaryOperator<Platform> platforms = platform -> platform;
  Function<ScriptedSource, TableCopier.Factory> copiers =
      source -> () -> new ScriptedCopier(source);

  private EngineScene(long seed) {
    scheduler = new Scheduler(seed);
    world = new World(scheduler, new SplittableRandom(seed));
    world.holdings().replacing = SimDestination.Replacing.NEVER;
    world.holdings().continuing = true;
    process = scheduler.newProcess("p");
  }

  /** Plays a scene some times, with threads that alternate differently. */
  static void play(Play play) throws InterruptedException {
    Level before = ENGINE.getLevel();
    ENGINE.setLevel(Level.OFF);
    try {
      for (long seed = 1; seed <= 5; seed++) {
        EngineScene scene = new EngineScene(seed);
        scene.scheduler.run(() -> scene.direct(play));
        assertThat(scene.world.objections()).as("seed %d", seed).isEmpty();
      }
    } finally {
      ENGINE.setLevel(before);
    }
  }

  private void direct(Play play) {
    try {
      cluster().createPublication(Script.PUBLICATION);
      play.run(this);
    } catch (InterruptedException e) {
      throw new AssertionError("the director is never interrupted", e);
    }
  }

  Scheduler scheduler() {
    return scheduler;
  }

  World world() {
    return world;
  }

  Cluster cluster() {
    return world.cluster();
  }

  /** Creates published tables that are called t0, t1 and so on. */
  void createTables(int count) {
    for (int table = 0; table < count; table++) {
      cluster().createTable(table, "t" + table, ReplicaIdentity.DEFAULT, Script.PUBLICATION);
    }
  }

  void insert(int table) {
    execute(new Statement.Insert(table, key++, "v"));
  }

  void execute(Statement statement) {
    assertThat(cluster().execute(0, List.of(statement))).isTrue();
    cluster().commit(0);
  }

  static PipelineConfig.Builder config(String id, String publication) {
    return PipelineConfig.builder(
            id, publication, PgConnectionConfig.builder("localhost", "db", "user").build())
        .tableErrorRetryDelay(Duration.ofMillis(100))
        .publicationRefreshInterval(Duration.ofSeconds(1));
  }

  static PipelineConfig.Builder config() {
    return config(World.PIPELINE, Script.PUBLICATION);
  }

  ScriptedSource source() {
    return source(config().build());
  }

  private ScriptedSource source(PipelineConfig config) {
    ScriptedSource source =
        new ScriptedSource(
            cluster(),
            config.pgConnection(),
            scheduler.platform(process),
            "pgetl_apply_" + config.id());
    process.whenDead(source::close);
    source.sizes(oid -> bytes.applyAsLong(new TableId(oid)));
    return source;
  }

  /** {@return a pipeline that has not begun, over the store of the world} */
  PipelineEngine engine(PipelineConfig config) {
    return engine(config, world.layer());
  }

  PipelineEngine engine(PipelineConfig config, SimStore.Layer layer) {
    return new PipelineEngine(context(config, layer));
  }

  /** {@return a pipeline that has not begun, and only copies} */
  PipelineEngine copying(PipelineConfig config) {
    return new PipelineEngine(context(config, world.layer()).copyingOnly());
  }

  private PipelineContext context(PipelineConfig config, SimStore.Layer layer) {
    ScriptedSource source = source(config);
    return new PipelineContext(
        config,
        new SimStore(layer, process, new Operator()),
        new Closing(new SimDestination(world.holdings(), false, () -> {})),
        listener,
        source,
        copiers.apply(source),
        platforms.apply(scheduler.platform(process)));
  }

  /** {@return a pipeline in a new process, once the process of the last one has been killed} */
  PipelineEngine restarted(PipelineConfig config) {
    await("the end of the process", 120, () -> !process.alive());
    process = scheduler.newProcess("p");
    return engine(config);
  }

  /** Kills the process; pipelines that are made afterwards are in a new one. */
  void kill() {
    scheduler.kill(process);
    process = scheduler.newProcess("p");
  }

  /** Asks a pipeline on another thread of its process for a resync, and does not wait for it. */
  void resync(PipelineEngine engine, int table) {
    order(engine, TableOrder.of(TableOrder.Act.RESYNC, cluster().id(table)));
  }

  /** Asks a pipeline on another thread of its process for something, and does not wait for it. */
  void order(PipelineEngine engine, TableOrder order) {
    Thread operator =
        scheduler.thread(
            process,
            () -> {
              try {
                engine.operated().order(order);
              } catch (EtlException ignored) {
                // the pipeline tries again, or has ended
              } catch (InterruptedException e) {
                throw new AssertionError("no one interrupts an operator", e);
              }
            });
    operator.start();
  }

  /** Empties in the destination what a pipeline does not know any more. */
  private final class Operator implements SimStore.Watch {
    @Override
    public void written(String what) {}

    @Override
    public void forgotten(TableId id) {
      world.holdings().table(id).dismiss();
    }

    @Override
    public void proving() {
      whenProving.run();
    }
  }

  /** {@return whether the destination has the rows of a table as the source has them} */
  boolean isEqual(int table) {
    TableId id = cluster().id(table);
    List<Map<Integer, String>> rows =
        Objects.requireNonNull(cluster().published(Script.PUBLICATION).get(id));
    return rows.equals(List.copyOf(world.holdings().table(id).rows().values()));
  }

  void await(String what, int seconds, BooleanSupplier condition) {
    long until = scheduler.now() + Duration.ofSeconds(seconds).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(scheduler.now()).as(what).isLessThan(until);
      scheduler.pause(TICK_NANOS);
    }
  }

  /** Lets an engine end, and checks that it does. */
  static void end(PipelineEngine engine) throws InterruptedException {
    engine.shutdown();
    assertThat(engine.awaitEnd(Duration.ofMinutes(1))).isTrue();
  }

  private final class Closing implements Destination {
    private final Destination target;

    private Closing(Destination target) {
      this.target = target;
    }

    @Override
    public long wholeTransactionBytes() {
      return target.wholeTransactionBytes();
    }

    @Override
    public void truncateTable(TableSchema table) {
      whenCopying.accept("truncate", table.id());
      target.truncateTable(table);
    }

    @Override
    public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
      whenCopying.accept("replace", next.id());
      return target.beginReplacement(last, next);
    }

    @Override
    public boolean continueReplacement(TableSchema next) {
      whenCopying.accept("continue", next.id());
      return target.continueReplacement(next);
    }

    @Override
    public boolean removeRange(TableSchema table, KeyRange range) {
      whenCopying.accept("remove", table.id());
      return target.removeRange(table, range);
    }

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      whenCopying.accept("rows", table.id());
      return target.writeTableRows(table, rows);
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      whenWriting.run();
      return target.writeEvents(events);
    }

    @Override
    public Optional<EventSequence> lastApplied(TableId table) {
      return target.lastApplied(table);
    }

    @Override
    public void tableCopied(TableSchema table) {
      whenCopying.accept("copied", table.id());
      target.tableCopied(table);
    }

    @Override
    public void flush() {
      target.flush();
    }

    @Override
    public void close() {
      whenClosed.run();
    }
  }
}

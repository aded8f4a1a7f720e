package dev.pgetl.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.InvalidatedSlotBehavior;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.internal.runtime.TableClaims;
import dev.pgetl.internal.runtime.order.TableOrder;
import dev.pgetl.internal.sim.server.Disk;
import dev.pgetl.internal.sim.server.Statement;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A pipeline's start and end, and what it may be asked when. */
class PipelineLifeTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private static EtlException failure(PipelineEngine engine) {
    return catchThrowableOfType(EtlException.class, () -> engine.awaitTermination(LIMIT));
  }

  private static State state(PipelineEngine engine) {
    return engine.status().state();
  }

  private static void start(PipelineEngine engine) throws InterruptedException {
    engine.start();
    assertThat(engine.awaitReady(LIMIT)).isTrue();
  }

  // ---- the start ----

  @Test
  void runsOnce() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = scene.engine(EngineScene.config().build());
          start(engine);

          assertThatIllegalStateException()
              .isThrownBy(engine::start)
              .withMessageContaining("was started before");

          EngineScene.end(engine);
          assertThatIllegalStateException().isThrownBy(engine::start);
        });
  }

  @Test
  void answersNothingBeforeItIsStarted() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = scene.engine(EngineScene.config().build());

          assertThatIllegalStateException()
              .isThrownBy(() -> engine.awaitReady(LIMIT))
              .withMessageContaining("was not started");
          engine.shutdown();

          assertThat(engine.awaitTermination(LIMIT)).isTrue();
          assertThat(state(engine)).isEqualTo(State.STOPPED);
        });
  }

  @Test
  void aStartThatFailsIsTheAnswerToAllQuestions() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = scene.engine(EngineScene.config("shop", "absent").build());
          scene.whenClosed =
              () -> {
                throw new IllegalStateException("closed too early");
              };

          EtlException failure = catchThrowableOfType(EtlException.class, engine::start);

          assertThat(failure.kind()).isEqualTo(ErrorKind.PUBLICATION_MISSING);
          assertThat(failure.getSuppressed())
              .singleElement()
              .satisfies(added -> assertThat(added).hasMessageContaining("closing destination"));
          assertThat(failure(engine)).isSameAs(failure);
          assertThat(catchThrowableOfType(EtlException.class, () -> engine.awaitReady(LIMIT)))
              .isSameAs(failure);
          assertThat(state(engine)).isEqualTo(State.FAILED);
        });
  }

  /** The apply worker runs by then. */
  @Test
  void aStartThatFailsLateEndsWhatRuns() throws InterruptedException {
    EngineScene.play(
        scene -> {
          scene.createTables(1);
          scene.copiers =
              source ->
                  () -> {
                    throw new IllegalStateException("no copier");
                  };
          PipelineEngine engine = scene.engine(EngineScene.config().build());

          EtlException failure = catchThrowableOfType(EtlException.class, engine::start);

          assertThat(failure.kind()).isEqualTo(ErrorKind.INTERNAL);
          assertThat(failure).hasRootCauseMessage("no copier");
          assertThat(failure(engine)).isSameAs(failure);
          assertThat(state(engine)).isEqualTo(State.FAILED);
        });
  }

  /** Names that look like ours: 0 is no table, and neither is what needs more than 32 bits. */
  @Test
  void dropsSlotsThatAnEarlierRunLeftAndNoOthers() throws InterruptedException {
    EngineScene.play(
        scene -> {
          scene.createTables(1);
          long table = scene.cluster().id(0).oid();
          for (String suffix : new String[] {"0", "4294967296", "77", "x", "" + table}) {
            Lsn unused = scene.source().createSlot("pgetl_sync_shop_" + suffix);
          }
          PipelineEngine engine = scene.engine(EngineScene.config().build());
          start(engine);

          assertThat(scene.cluster().slotNames())
              .containsExactlyInAnyOrder(
                  "pgetl_apply_shop",
                  "pgetl_sync_shop_0",
                  "pgetl_sync_shop_4294967296",
                  "pgetl_sync_shop_x");
          EngineScene.end(engine);
        });
  }

  @Test
  void copiesNoRowsOfATableThatIsExcluded() throws InterruptedException {
    EngineScene.play(
        scene -> {
          scene.createTables(2);
          scene.insert(0);
          scene.insert(1);
          TableName second = new TableName("public", "t1");
          PipelineEngine engine =
              scene.engine(
                  EngineScene.config().tableCopy(TableCopyConfig.except(Set.of(second))).build());
          start(engine);
          scene.insert(1);

          TableId excluded = scene.cluster().id(1);
          scene.await(
              "the change", 30, () -> scene.world().holdings().table(excluded).rows().size() == 1);
          assertThat(scene.isEqual(0)).isTrue();
          assertThat(scene.world().holdings().table(excluded).rows()).containsOnlyKeys("3");
          EngineScene.end(engine);
        });
  }

  // ---- the store ----

  @Test
  void endsInSecondsOnceAnotherProcessHasItsStore() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = scene.engine(EngineScene.config().build());
          start(engine);
          scene.scheduler().pause(Duration.ofMinutes(1).toNanos());
          assertThat(state(engine)).isEqualTo(State.RUNNING);

          scene.whenProving = failing(ErrorKind.STORE_LOCKED);
          scene.await("the end", 10, () -> state(engine) == State.FAILED);

          assertThat(failure(engine).kind()).isEqualTo(ErrorKind.STORE_LOCKED);
        });
  }

  @Test
  void continuesWhileItsStoreCannotBeAsked() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = scene.engine(EngineScene.config().build());
          start(engine);
          scene.whenProving = failing(ErrorKind.STORE_UNAVAILABLE);
          scene.scheduler().pause(Duration.ofMinutes(1).toNanos());

          assertThat(state(engine)).isEqualTo(State.RUNNING);
          EngineScene.end(engine);
          assertThat(state(engine)).isEqualTo(State.STOPPED);
        });
  }

  private static Runnable failing(ErrorKind kind) {
    return () -> {
      throw new EtlException(kind, "prove the ownership");
    };
  }

  /** The start that found it has failed; by the next one the server ends behind the position. */
  @Test
  void knowsThatTheServerWasSetBackThoughItHasGrownSince() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineConfig config = EngineScene.config().build();
          scene.createTables(1);
          scene.insert(0);
          PipelineEngine first = scene.engine(config);
          start(first);
          Disk earlier = scene.cluster().snapshot();
          scene.insert(0);
          assertThat(first.awaitApplied(scene.cluster().end(), LIMIT, table -> true)).isTrue();
          EngineScene.end(first);
          scene.cluster().setBack(earlier, 0);
          assertThat(catchThrowableOfType(EtlException.class, scene.engine(config)::start).kind())
              .isEqualTo(ErrorKind.SLOT_LOST);

          scene.cluster().noise(1_000_000);
          scene.insert(0);
          PipelineEngine second =
              scene.engine(
                  EngineScene.config()
                      .invalidatedSlotBehavior(InvalidatedSlotBehavior.RECREATE)
                      .build());
          start(second);

          assertThat(second.awaitApplied(scene.cluster().end(), LIMIT, table -> true)).isTrue();
          assertThat(scene.isEqual(0)).isTrue();
          EngineScene.end(second);
        });
  }

  // ---- the publication ----

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void looksAtThePublicationUnlessThatIsSwitchedOff(boolean refreshed) throws InterruptedException {
    EngineScene.play(
        scene -> {
          Duration interval = refreshed ? Duration.ofSeconds(1) : Duration.ZERO;
          PipelineEngine engine =
              scene.engine(EngineScene.config().publicationRefreshInterval(interval).build());
          start(engine);
          scene.createTables(1);

          scene.scheduler().pause(Duration.ofMinutes(5).toNanos());

          assertThat(engine.status().tables()).hasSize(refreshed ? 1 : 0);
          EngineScene.end(engine);
        });
  }

  /** Of one group, each table belongs to one pipeline, until that has forgotten it. */
  @Test
  void aTableOfAnotherPipelineIsTakenInOnceThatHasReleasedIt() throws InterruptedException {
    EngineScene.play(
        scene -> {
          scene.createTables(1);
          scene.cluster().createTable(1, "t1", ReplicaIdentity.DEFAULT, "pub2");
          TableId table = scene.cluster().id(0);
          TableClaims claims = new TableClaims();
          PipelineEngine owner = scene.engine(EngineScene.config().build());
          PipelineEngine other =
              scene.engine(
                  EngineScene.config("other", "pub2").build(),
                  new SimStore.Layer(scene.scheduler()));
          owner.start(claims, () -> {});
          other.start(claims, () -> {});
          assertThat(owner.awaitReady(LIMIT)).isTrue();

          scene.execute(new Statement.Publish(0, "pub2", true));
          scene.scheduler().pause(Duration.ofSeconds(10).toNanos());
          assertThat(other.status().tables()).doesNotContainKey(table);
          scene.execute(new Statement.Publish(0, Script.PUBLICATION, false));

          scene.await("taken in", 60, () -> other.status().tables().containsKey(table));
          assertThat(owner.status().tables()).doesNotContainKey(table);
          EngineScene.end(owner);
          EngineScene.end(other);
        });
  }

  // ---- failures while it runs ----

  @Test
  void anExtensionThatInterruptsTheApplyWorkerEndsThePipeline() throws InterruptedException {
    EngineScene.play(
        scene -> {
          scene.listener =
              new PipelineListener() {
                @Override
                public void onTablePhase(TableId id, TableName name, TableReplicationPhase phase) {}

                @Override
                public void onBackpressure(boolean paused) {
                  Thread.currentThread().interrupt();
                }
              };
          scene.createTables(1);
          PipelineEngine engine =
              scene.engine(
                  EngineScene.config().batch(BatchConfig.builder().maxSize(1).build()).build());
          start(engine);
          scene.world().holdings().calls.delay("write events", LIMIT.toNanos());
          for (int i = 0; i < 5; i++) {
            scene.insert(0);
          }

          EtlException failure =
              catchThrowableOfType(
                  EtlException.class, () -> engine.awaitTermination(Duration.ofMinutes(5)));

          assertThat(failure.kind()).isEqualTo(ErrorKind.INTERNAL);
          assertThat(failure).hasMessageContaining("interrupted by an extension");
        });
  }

  // ---- the end ----

  @Test
  void answersNoMoreOnceItHasEnded() throws InterruptedException {
    EngineScene.play(
        scene -> {
          scene.createTables(1);
          PipelineEngine engine = scene.engine(EngineScene.config().build());
          start(engine);
          Lsn never = scene.cluster().end().plus(1_000_000);
          assertThat(engine.awaitApplied(never, Duration.ofSeconds(1), table -> true)).isFalse();

          EngineScene.end(engine);

          assertThatIllegalStateException()
              .isThrownBy(
                  () ->
                      engine
                          .operated()
                          .order(TableOrder.of(TableOrder.Act.RESYNC, scene.cluster().id(0))))
              .withMessageContaining("does not run any more");
          EtlException failure =
              catchThrowableOfType(
                  EtlException.class,
                  () -> engine.awaitApplied(never, Duration.ofSeconds(1), table -> true));
          assertThat(failure.kind()).isEqualTo(ErrorKind.CONFIGURATION);
          assertThat(engine.failure()).isNull();
        });
  }

  /** A container has a limit of threads, and whatever used them up may be why it ends. */
  @Test
  void endsAlthoughNoThreadCanBeMade() throws InterruptedException {
    EngineScene.play(
        scene -> {
          AtomicBoolean used = new AtomicBoolean();
          scene.platforms = platform -> new FewThreads(platform, used);
          scene.createTables(1);
          PipelineEngine engine = scene.engine(EngineScene.config().build());
          start(engine);

          used.set(true);

          EngineScene.end(engine);
        });
  }

  /** A platform that makes no thread once all are used. */
  private record FewThreads(Platform platform, AtomicBoolean used) implements Platform {
    @Override
    public Lock newLock() {
      return platform.newLock();
    }

    @Override
    public Thread newThread(Runnable body) {
      if (used.get()) {
        throw new OutOfMemoryError("unable to create native thread");
      }
      return platform.newThread(body);
    }

    @Override
    public RandomGenerator random() {
      return platform.random();
    }

    @Override
    public long nanos() {
      return platform.nanos();
    }

    @Override
    public Instant instant() {
      return platform.instant();
    }
  }

  /** What replays do not need any more goes, whether or not the publication is read again. */
  @Test
  void oldSchemasAreRemovedWithoutARefreshOfThePublication() throws InterruptedException {
    EngineScene.play(
        scene -> {
          scene.createTables(1);
          PipelineEngine engine =
              scene.engine(EngineScene.config().publicationRefreshInterval(Duration.ZERO).build());
          start(engine);
          scene.world().layer().calls.delay("prune schemas", 1);

          scene.await("the removal", 60, () -> scene.world().layer().calls.delayed());

          EngineScene.end(engine);
        });
  }

  @Test
  void aDestinationThatCannotBeClosedIsAFailure() throws InterruptedException {
    EngineScene.play(
        scene -> {
          scene.whenClosed =
              () -> {
                throw new IllegalStateException("still busy");
              };
          PipelineEngine engine = scene.engine(EngineScene.config().build());
          start(engine);

          EngineScene.end(engine);

          assertThat(failure(engine)).hasRootCauseMessage("still busy");
          assertThat(state(engine)).isEqualTo(State.FAILED);
        });
  }

  @Test
  void doesNotWaitForADestinationThatHangsWhenItIsClosed() throws InterruptedException {
    EngineScene.play(
        scene -> {
          scene.whenClosed = () -> scene.scheduler().pause(Duration.ofMinutes(10).toNanos());
          PipelineEngine engine = scene.engine(EngineScene.config().build());
          start(engine);
          long since = scene.scheduler().now();

          engine.close();

          assertThat(scene.scheduler().now() - since).isLessThan(LIMIT.toNanos());
          assertThat(state(engine)).isEqualTo(State.STOPPED);
        });
  }

  /** The table becomes Ready again at the next start. */
  @Test
  void doesNotWaitForAStoreThatHangsInTheWriteOfAPhase() throws InterruptedException {
    EngineScene.play(
        scene -> {
          scene.createTables(1);
          scene.insert(0);
          PipelineEngine engine = scene.engine(EngineScene.config().build());
          scene.world().layer().calls.delay("store phase Ready", Duration.ofMinutes(10).toNanos());
          engine.start();
          scene.await("the write", 60, () -> scene.world().layer().calls.delayed());
          long since = scene.scheduler().now();

          engine.close();

          assertThat(scene.scheduler().now() - since).isLessThan(LIMIT.toNanos());
          assertThat(state(engine)).isEqualTo(State.STOPPED);
          assertThat(scene.isEqual(0)).isTrue();
        });
  }
}

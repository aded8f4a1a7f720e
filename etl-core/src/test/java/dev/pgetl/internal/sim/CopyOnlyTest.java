package dev.pgetl.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.ReadBy;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.copy.GroupCopy;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.copy.TableCopy;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.internal.runtime.order.TableOrder;
import dev.pgetl.internal.sim.server.ScriptedCopier;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.observe.CopyStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A pipeline that only copies: it ends by itself, says what it has not copied, leaves nothing. */
class CopyOnlyTest {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private static PipelineConfig.Builder config() {
    return EngineScene.config().maxTableSyncWorkers(2);
  }

  private static void fill(EngineScene scene, int tables) {
    scene.createTables(tables);
    for (int row = 0; row < 5 * tables; row++) {
      scene.insert(row % tables);
    }
  }

  private static EtlException failure(PipelineEngine engine) {
    return catchThrowableOfType(EtlException.class, () -> engine.awaitTermination(LIMIT));
  }

  private static void assertCopied(EngineScene scene, int tables) {
    assertThat(IntStream.range(0, tables)).allMatch(scene::isEqual);
    assertNothingIsLeft(scene);
  }

  private static void assertNothingIsLeft(EngineScene scene) {
    assertThat(scene.cluster().slotNames()).isEmpty();
    assertThat(scene.world().layer().saved.phases).isEmpty();
    assertThat(scene.world().layer().saved.progress).isEmpty();
  }

  /** Some of them together, if there are many. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 20})
  void copiesAllTablesAndEnds(int tables) throws InterruptedException {
    EngineScene.play(
        scene -> {
          fill(scene, tables);
          List<TableId> completed = new ArrayList<>();
          scene.whenCopying =
              (call, table) -> {
                if (call.equals("copied")) {
                  completed.add(table);
                }
              };
          PipelineEngine engine = scene.copying(config().build());
          engine.start();

          assertThat(engine.awaitReady(LIMIT)).isTrue();
          assertThat(completed).hasSize(tables).doesNotHaveDuplicates();
          assertThat(engine.awaitTermination(LIMIT)).isTrue();

          assertThat(engine.status().state()).isEqualTo(State.STOPPED);
          assertThat(engine.awaitReady(LIMIT)).as("afterwards").isTrue();
          assertThat(engine.status().tables().values())
              .hasSize(tables)
              .allMatch(table -> table.phase() instanceof FinishedCopy && table.copiedRows() == 5);
          CopyStatus copies = engine.status().copies();
          assertThat(copies.tables()).isEqualTo(tables);
          assertThat(copies.tablesLeft()).isZero();
          assertThat(copies.copiedRows()).isEqualTo(5L * tables).isEqualTo(copies.expectedRows());
          assertCopied(scene, tables);
        });
  }

  @Test
  void tablesThatAreNotCopiedAreNotTouched() throws InterruptedException {
    EngineScene.play(
        scene -> {
          fill(scene, 3);
          TableCopyConfig copy = TableCopyConfig.except(Set.of(new TableName("public", "t1")));
          scene.whenCopying =
              (call, table) -> assertThat(table).isNotEqualTo(scene.cluster().id(1));
          PipelineEngine engine = scene.copying(config().tableCopy(copy).build());
          engine.start();

          assertThat(engine.awaitTermination(LIMIT)).isTrue();
          assertThat(engine.status().tables())
              .containsOnlyKeys(scene.cluster().id(0), scene.cluster().id(2));
        });
  }

  /** What is read by key could be resumed, elsewhere. */
  @Test
  void rangesAreNotKept() throws InterruptedException {
    EngineScene.play(
        scene -> {
          fill(scene, 1);
          scene.copiers = source -> () -> ScriptedCopier.byKey(source, List.of(2, 4));
          scene.world().layer().calls.delay("store ranges", 1);
          PipelineEngine engine =
              scene.copying(config().tableCopy(TableCopyConfig.all().readBy(ReadBy.KEY)).build());
          engine.start();

          assertThat(engine.awaitTermination(LIMIT)).isTrue();
          assertThat(scene.world().layer().saved.ranges).isEmpty();
          assertCopied(scene, 1);
        });
  }

  // ---- what fails ----

  @ParameterizedTest
  @CsvSource({"2,truncate", "2,rows", "2,copied", "20,truncate", "20,rows", "20,copied"})
  void aTableThatIsRefusedDoesNotStopTheOthersAndIsNamedInTheEnd(int tables, String refused)
      throws InterruptedException {
    EngineScene.play(
        scene -> {
          fill(scene, tables);
          scene.copiers = source -> () -> new ScriptedCopier(source, true, 0);
          TableId bad = scene.cluster().id(1);
          scene.whenCopying =
              (call, table) -> {
                if (call.equals(refused) && table.equals(bad)) {
                  throw new EtlException(ErrorKind.DESTINATION_REJECTED, "no such column");
                }
              };
          PipelineEngine engine = scene.copying(config().build());
          engine.start();

          EtlException failure = failure(engine);

          assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_REJECTED);
          assertThat(failure)
              .hasMessageStartingWith("1 of " + tables + " tables were not copied: public.t1: ")
              .hasMessageContaining("no such column")
              .hasMessageContaining("start another run")
              .hasMessageNotContaining("resync");
          assertThat(engine.status().state()).isEqualTo(State.FAILED);
          assertThat(engine.status().failedTables())
              .singleElement()
              .extracting(TableStatus::id)
              .isEqualTo(bad);
          assertThat(IntStream.range(0, tables).filter(table -> table != 1))
              .allMatch(scene::isEqual);
          assertNothingIsLeft(scene);
        });
  }

  @Test
  void whoWaitsLearnsOfAFailureAtOnce() throws InterruptedException {
    EngineScene.play(
        scene -> {
          fill(scene, 2);
          scene.whenCopying =
              (call, table) -> {
                if (table.equals(scene.cluster().id(1))) {
                  throw new EtlException(ErrorKind.DESTINATION_REJECTED, "no");
                }
                scene.scheduler().pause(Duration.ofSeconds(20).toNanos());
              };
          PipelineEngine engine = scene.copying(config().build());
          engine.start();
          long since = scene.scheduler().now();

          assertThat(engine.awaitReady(LIMIT)).isFalse();

          assertThat(scene.scheduler().now() - since).isLessThan(Duration.ofSeconds(20).toNanos());
          assertThat(failure(engine)).hasMessageContaining("1 of 2 tables");
          assertThat(scene.isEqual(0)).isTrue();
        });
  }

  /** It is away for all tables, and a run that retried one after the other would hardly end. */
  @ParameterizedTest
  @ValueSource(ints = {1, 64})
  void aDestinationThatStaysAwayEndsIt(int together) throws InterruptedException {
    EngineScene.play(
        scene -> {
          fill(scene, 20);
          scene.copiers = source -> () -> new ScriptedCopier(source, true, 0);
          scene.whenCopying =
              (call, table) -> {
                throw new EtlException(ErrorKind.DESTINATION_UNAVAILABLE, "away");
              };
          PipelineConfig config =
              config()
                  .tableErrorRetryDelay(Duration.ofSeconds(10))
                  .tableErrorRetryMaxAttempts(2)
                  .maxTablesPerSyncWorker(together)
                  .build();
          PipelineEngine engine = scene.copying(config);
          long since = scene.scheduler().now();
          engine.start();

          EtlException failure = failure(engine);

          assertThat(Duration.ofNanos(scene.scheduler().now() - since))
              .as("one after the other takes five minutes")
              .isLessThan(Duration.ofMinutes(1));
          assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_UNAVAILABLE);
          assertThat(failure).hasMessageStartingWith("20 of 20 tables were not copied: public.t");
          assertThat(failure).hasMessageContaining("away; and others");
          assertNothingIsLeft(scene);
        });
  }

  /** No worker would retry it later. */
  @Test
  void aCopyWhoseCallIsRetriedMakesNoRoomForOthers() throws InterruptedException {
    EngineScene.play(
        scene -> {
          fill(scene, 5);
          int[] failures = {3};
          scene.whenCopying =
              (call, table) -> {
                if (table.equals(scene.cluster().id(1)) && failures[0]-- > 0) {
                  throw new EtlException(ErrorKind.DESTINATION_UNAVAILABLE, "away");
                }
              };
          PipelineEngine engine =
              scene.copying(config().maxTableSyncWorkers(1).maxTablesPerSyncWorker(1).build());
          engine.start();

          assertThat(engine.awaitTermination(LIMIT)).isTrue();
          assertThat(failures[0]).isNegative();
          assertCopied(scene, 5);
        });
  }

  @Test
  void aServerThatStaysAwayEndsIt() throws InterruptedException {
    EngineScene.play(
        scene -> {
          fill(scene, 5);
          boolean[] away = {false};
          scene.whenCopying =
              (call, table) -> {
                if (!away[0]) {
                  away[0] = true;
                  scene.cluster().crash(Duration.ofHours(10).toNanos());
                }
              };
          PipelineEngine engine = scene.copying(config().tableErrorRetryMaxAttempts(2).build());
          engine.start();

          assertThat(failure(engine).kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE);
        });
  }

  /** Another session holds it: the others are copied all the same. */
  @Test
  void aTableThatStaysLockedIsNamedInTheEnd() throws InterruptedException {
    EngineScene.play(
        scene -> {
          fill(scene, 3);
          TableId locked = scene.cluster().id(1);
          scene.copiers =
              source -> () -> new LockedTable(new ScriptedCopier(source, false, 0), locked);
          PipelineEngine engine =
              scene.copying(
                  config().tableErrorRetryMaxAttempts(2).maxTablesPerSyncWorker(1).build());
          engine.start();

          assertThat(failure(engine))
              .hasMessageStartingWith("1 of 3 tables were not copied: public.t1: locked");
          assertThat(scene.isEqual(0) && scene.isEqual(2)).isTrue();
        });
  }

  private record LockedTable(TableCopier copier, TableId locked) implements TableCopier {
    @Override
    public TableCopy begin(Request request) {
      if (request.table().id().equals(locked)) {
        throw new EtlException(ErrorKind.SOURCE_BUSY, "locked");
      }
      return copier.begin(request);
    }

    @Override
    public GroupCopy copySmall(
        List<PublishedTable> tables, String slotName, ValueFormat format, long mostBytes) {
      return copier.copySmall(tables, slotName, format, mostBytes);
    }

    @Override
    public Lsn createSlot(String slotName) {
      return copier.createSlot(slotName);
    }

    @Override
    public void abort() {
      copier.abort();
    }
  }

  /** A snapshot is gone with its server: the copy starts over, from an empty table. */
  @ParameterizedTest
  @ValueSource(ints = {2, 20})
  void copiesThatAreInterruptedStartOver(int tables) throws InterruptedException {
    EngineScene.play(
        scene -> {
          fill(scene, tables);
          PipelineEngine engine = scene.copying(config().build());
          boolean[] crashed = {false};
          scene.whenCopying =
              (call, table) -> {
                if (call.equals("rows") && !crashed[0]) {
                  crashed[0] = true;
                  scene.cluster().crash(Duration.ofSeconds(2).toNanos());
                }
              };
          engine.start();

          assertThat(engine.awaitTermination(LIMIT)).isTrue();
          assertThat(crashed[0]).isTrue();
          assertCopied(scene, tables);
        });
  }

  @Test
  void aProcessThatIsKilledLeavesNothing() throws InterruptedException {
    EngineScene.play(
        scene -> {
          fill(scene, 3);
          PipelineEngine engine = scene.copying(config().build());
          boolean[] copying = {false};
          scene.whenCopying =
              (call, table) -> {
                copying[0] = true;
                scene.scheduler().pause(Duration.ofHours(1).toNanos());
              };
          engine.start();
          scene.await("a copy", 60, () -> copying[0]);

          scene.kill();
          scene.whenCopying = (call, table) -> {};
          assertNothingIsLeft(scene);
          PipelineEngine next = scene.copying(config().build());
          next.start();

          assertThat(next.awaitTermination(LIMIT)).isTrue();
          assertCopied(scene, 3);
        });
  }

  // ---- the start and the end ----

  @Test
  void thereHasToBeSomethingToCopy() throws InterruptedException {
    EngineScene.play(
        scene -> {
          fill(scene, 1);
          PipelineEngine engine = scene.copying(config().tableCopy(TableCopyConfig.none()).build());

          EtlException failure = catchThrowableOfType(EtlException.class, engine::start);

          assertThat(failure.kind()).isEqualTo(ErrorKind.CONFIGURATION);
          assertThat(failure).hasMessageContaining("no published table to copy");
          assertThat(engine.status().state()).isEqualTo(State.FAILED);
        });
  }

  @Test
  void theIdIsNotThatOfAPipelineThatStreams() throws InterruptedException {
    EngineScene.play(
        scene -> {
          fill(scene, 1);
          PipelineEngine streaming = scene.engine(config().build());
          streaming.start();
          assertThat(streaming.awaitReady(LIMIT)).isTrue();

          EtlException running =
              catchThrowableOfType(EtlException.class, scene.copying(config().build())::start);
          assertThat(running.kind()).isEqualTo(ErrorKind.SLOT_IN_USE);
          EngineScene.end(streaming);

          PipelineEngine copying = scene.copying(config().build());
          EtlException stopped = catchThrowableOfType(EtlException.class, copying::start);
          assertThat(stopped.kind()).isEqualTo(ErrorKind.CONFIGURATION);
          assertThat(stopped).hasMessageContaining("has replication slot pgetl_apply_shop");
          assertThat(scene.cluster().slotNames()).containsExactly("pgetl_apply_shop");
        });
  }

  @Test
  void whatNeedsAStreamIsRefused() throws InterruptedException {
    EngineScene.play(
        scene -> {
          fill(scene, 1);
          PipelineEngine engine = scene.copying(config().build());
          scene.whenCopying =
              (call, table) -> scene.scheduler().pause(Duration.ofSeconds(30).toNanos());
          engine.start();

          assertThatIllegalStateException()
              .isThrownBy(
                  () ->
                      engine
                          .operated()
                          .order(TableOrder.of(TableOrder.Act.RESYNC, scene.cluster().id(0))))
              .withMessageContaining("only copies");
          assertThatIllegalStateException()
              .isThrownBy(() -> engine.awaitApplied(new Lsn(1), LIMIT, table -> true))
              .withMessageContaining("only copies");

          assertThat(engine.awaitTermination(LIMIT)).isTrue();
        });
  }

  @Test
  void endsEarlyIfItIsAskedTo() throws InterruptedException {
    EngineScene.play(
        scene -> {
          fill(scene, 2);
          PipelineEngine engine = scene.copying(config().build());
          scene.whenCopying =
              (call, table) -> scene.scheduler().pause(Duration.ofSeconds(2).toNanos());
          engine.start();

          EngineScene.end(engine);

          assertThat(engine.awaitTermination(LIMIT)).isTrue();
          assertThat(engine.awaitReady(LIMIT)).isFalse();
          assertThat(engine.status().state()).isEqualTo(State.STOPPED);
          assertNothingIsLeft(scene);
        });
  }

  @Test
  void doesNotWaitForADestinationThatHangsWhenItIsClosed() throws InterruptedException {
    EngineScene.play(
        scene -> {
          fill(scene, 2);
          scene.whenClosed = () -> scene.scheduler().pause(Duration.ofMinutes(10).toNanos());
          PipelineEngine engine = scene.copying(config().build());
          engine.start();

          assertThat(engine.awaitTermination(Duration.ofMinutes(1))).isTrue();
          assertCopied(scene, 2);
        });
  }

  @Test
  void aDestinationThatCannotBeClosedIsAFailure() throws InterruptedException {
    EngineScene.play(
        scene -> {
          fill(scene, 1);
          scene.whenClosed =
              () -> {
                throw new IllegalStateException("still busy");
              };
          PipelineEngine engine = scene.copying(config().build());
          engine.start();

          assertThat(failure(engine)).hasRootCauseMessage("still busy");
          assertThat(scene.isEqual(0)).isTrue();
        });
  }
}

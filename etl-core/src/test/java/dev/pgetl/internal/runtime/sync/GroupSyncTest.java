package dev.pgetl.internal.runtime.sync;

import static dev.pgetl.internal.runtime.sync.GroupScene.NOT_COPIED;
import static dev.pgetl.internal.runtime.sync.GroupScene.POINT;
import static dev.pgetl.internal.runtime.sync.GroupScene.ROW_BYTES;
import static dev.pgetl.internal.runtime.sync.GroupScene.published;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The copy of some small tables by one worker, up to its stream. */
class GroupSyncTest {
  private static final Lsn NOW = new Lsn(0x200);

  private final EtlException refused = new EtlException(ErrorKind.DESTINATION_REJECTED, "no");
  private final EtlException away = new EtlException(ErrorKind.DESTINATION_UNAVAILABLE, "away");
  private GroupScene scene = new GroupScene();

  @AfterEach
  void nothingIsLeft() {
    scene.assertNothingIsLeft();
  }

  // ---- the rows ----

  @Test
  void rowsFollowTheirTruncationAndOneFlushIsForAll() throws InterruptedException {
    Table first = scene.table(1, 2);
    Table second = scene.table(2, 1);
    scene.accepted.addAll(List.of("t1", "t2"));

    assertThat(scene.copies(scene.sync(first, second))).isTrue();

    assertThat(scene.calls)
        .containsExactly(
            "truncate t1",
            "write t1 2",
            "truncate t2",
            "write t2 1",
            "flush",
            "copied t1",
            "copied t2");
    assertThat(scene.store.getTableSchema(first.id())).contains(GroupScene.schema(1));
    assertThat(second.notes().answered()).isEqualTo(GroupScene.schema(2));
    assertThat(first.phase()).isEqualTo(new DataSync());
  }

  @Test
  void tablesAreTruncatedOrReplaced() throws InterruptedException {
    scene.replaced.add("t2");

    assertThat(scene.copies(scene.sync(scene.table(1, 1), scene.table(2, 1)))).isTrue();

    assertThat(scene.calls)
        .containsExactly(
            "truncate t1", "write t1 1", "replace t2", "write t2 1", "copied t1", "copied t2");
  }

  @Test
  void nothingIsFlushedIfAllIsDurable() throws InterruptedException {
    assertThat(scene.copies(scene.sync(scene.table(1, 1), scene.table(2, 1)))).isTrue();

    assertThat(scene.calls)
        .containsExactly(
            "truncate t1", "write t1 1", "truncate t2", "write t2 1", "copied t1", "copied t2");
  }

  @Test
  void oneTableThatIsMerelyAcceptedIsFlushedFor() throws InterruptedException {
    scene.accepted.add("t1");

    assertThat(scene.copies(scene.sync(scene.table(1, 1), scene.table(2, 1)))).isTrue();

    assertThat(scene.calls).endsWith("write t2 1", "flush", "copied t1", "copied t2");
  }

  @Test
  void anEmptyTableIsWrittenOnceWithoutRows() throws InterruptedException {
    assertThat(scene.copies(scene.sync(scene.table(1, 0), scene.table(2, 0)))).isTrue();

    assertThat(scene.calls)
        .containsExactly(
            "truncate t1", "write t1 0", "truncate t2", "write t2 0", "copied t1", "copied t2");
  }

  @Test
  void batchesHaveNoMoreRowsThanConfigured() throws InterruptedException {
    scene = new GroupScene(BatchConfig.builder().maxSize(3).build());
    Table table = scene.table(1, 7);

    assertThat(scene.copies(scene.sync(table, scene.table(2, 3)))).isTrue();

    assertThat(scene.calls)
        .containsSubsequence("write t1 3", "write t1 3", "write t1 1", "truncate t2", "write t2 3");
    assertThat(table.status().copiedRows()).isEqualTo(7);
    assertThat(table.status().estimatedRows()).isEqualTo(7);
    assertThat(table.status().copiedBytes()).isEqualTo(7 * ROW_BYTES);
  }

  @Test
  void batchesHaveAboutAsManyBytesAsConfigured() throws InterruptedException {
    scene = new GroupScene(BatchConfig.builder().maxBytes(2 * ROW_BYTES).build());

    assertThat(scene.copies(scene.sync(scene.table(1, 5), scene.table(2, 1)))).isTrue();

    assertThat(scene.calls)
        .containsSubsequence("write t1 2", "write t1 2", "write t1 1", "write t2 1");
  }

  @Test
  void theBudgetHoldsRowsUntilTheirTableIsWritten() throws InterruptedException {
    assertThat(scene.copies(scene.sync(scene.table(1, 2), scene.table(2, 3)))).isTrue();

    assertThat(scene.held).containsExactly(5 * ROW_BYTES, 3 * ROW_BYTES);
    assertThat(scene.copier.mostBytes)
        .isPositive()
        .isLessThanOrEqualTo(scene.context.config().maxBufferedBytes() / 8);
  }

  // ---- who takes part ----

  private void make(Table table, String what) {
    int id = (int) table.id().oid();
    String slot = "pgetl_sync_shop_" + id;
    switch (what) {
      case "not published" -> scene.source.published.remove(table.id());
      case "partitioned" -> scene.source.published.put(table.id(), published(id, true, "", ""));
      case "without privileges" ->
          scene.source.published.put(table.id(), published(id, false, "GRANT", ""));
      case "with a row filter" ->
          scene.source.published.put(table.id(), published(id, false, "", "digest"));
      case "with a slot" -> scene.source.addSlot(slot);
      case "with progress" ->
          scene.store.storeReplicationProgress(
              new ReplicationProgress(slot, new SlotLineage("cluster", 1, POINT), POINT));
      default -> throw new IllegalArgumentException(what);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "not published",
        "partitioned",
        "without privileges",
        "with a row filter",
        "with a slot",
        "with progress"
      })
  void aTableThatIsNotPlainIsLeftToItsOwnWorker(String what) throws InterruptedException {
    Table special = scene.table(1, 1);
    Table plain = scene.table(2, 1);
    make(special, what);

    assertThat(scene.copies(scene.sync(special, plain))).isTrue();

    assertIsLeftOut(special);
    assertThat(plain.notes().isCopiedAlone()).isFalse();
  }

  private void assertIsLeftOut(Table table) {
    assertThat(table.notes().isCopiedAlone()).isTrue();
    assertThat(table.phase()).isEqualTo(new Init());
    assertThat(scene.copier.asked).doesNotContain(table.id()).isNotEmpty();
    assertThat(scene.calls).containsExactly("truncate t2", "write t2 1", "copied t2");
  }

  @Test
  void aTableThatIsNotCopiedIsLeftToItsOwnWorker() throws InterruptedException {
    Table special = scene.table(NOT_COPIED, 1);

    assertThat(scene.copies(scene.sync(special, scene.table(2, 1)))).isTrue();

    assertIsLeftOut(special);
  }

  @Test
  void theGroupWaitsForTheApplyWorkerToPassItsTables() throws InterruptedException {
    Table late = scene.table(1, 1);
    late.copyAfter(NOW);
    scene.appliedAfter = 3;

    assertThat(scene.copies(scene.sync(late, scene.table(2, 1)))).isTrue();

    assertThat(scene.appliedAfter).as("asked until it has").isEqualTo(-1);
    assertThat(scene.copier.asked).contains(late.id());
  }

  @Test
  void aTableThatTheApplyWorkerHasPassedTakesPart() throws InterruptedException {
    Table table = scene.table(1, 1);
    table.copyAfter(NOW);
    table.refuse(POINT);

    assertThat(scene.copies(scene.sync(table, scene.table(2, 1)))).isTrue();

    assertThat(scene.copier.asked).contains(table.id());
    assertThat(table.isRefused()).isFalse();
  }

  @Test
  void aTableThatTheCopierLeavesOutIsLeftToItsOwnWorker() throws InterruptedException {
    Table large = scene.table(1, 1);
    Table small = scene.table(2, 1);
    scene.copier.alone.add(large.id());

    assertThat(scene.copies(scene.sync(large, small))).isTrue();

    assertThat(large.notes().isCopiedAlone()).isTrue();
    assertThat(large.phase()).isEqualTo(new Init());
    assertThat(small.notes().isCopiedAlone()).isFalse();
    assertThat(scene.calls).containsExactly("truncate t2", "write t2 1", "copied t2");
    assertThat(scene.copier.slot).startsWith("pgetl_sync_shop_g");
  }

  @Test
  void aTableThatLeftBeforeIsNotAskedFor() throws InterruptedException {
    Table gone = scene.table(1, 1);
    Table stays = scene.table(2, 1);
    GroupSync sync = scene.sync(gone, stays);

    sync.leave(gone);

    assertThat(scene.copies(sync)).isTrue();
    assertThat(scene.copier.asked).containsExactly(stays.id());
    assertThat(gone.notes().isCopiedAlone()).isFalse();
  }

  @Test
  void nothingIsCopiedIfNoTableIsPlain() throws InterruptedException {
    Table first = scene.table(1, 1);
    Table second = scene.table(2, 1);
    make(first, "partitioned");
    make(second, "not published");

    assertThat(scene.copies(scene.sync(first, second))).isFalse();

    assertThat(scene.copier.slot).as("no slot").isEmpty();
    assertThat(scene.calls).isEmpty();
  }

  @Test
  void nothingIsWrittenIfTheCopierLeavesAllOut() throws InterruptedException {
    Table first = scene.table(1, 1);
    Table second = scene.table(2, 1);
    scene.copier.alone.addAll(List.of(first.id(), second.id()));

    assertThat(scene.copies(scene.sync(first, second))).isFalse();

    assertThat(scene.calls).isEmpty();
    assertThat(first.notes().isCopiedAlone()).isTrue();
    assertThat(second.notes().isCopiedAlone()).isTrue();
  }

  // ---- failures ----

  @ParameterizedTest
  @ValueSource(strings = {"truncate t2", "write t2 1", "copied t2"})
  void theOthersGoOnIfTheDestinationRefusesOneTable(String call) throws InterruptedException {
    Table first = scene.table(1, 1);
    Table second = scene.table(2, 1);
    Table third = scene.table(3, 1);
    scene.fail(call, refused);
    GroupSync sync = scene.sync(first, second, third);

    assertThat(scene.copies(sync)).isTrue();

    assertThat(sync.failure(first)).isNull();
    assertThat(sync.failure(second)).isSameAs(refused);
    assertThat(sync.failure(third)).isNull();
    assertThat(scene.calls).contains("copied t1", "write t3 1", "copied t3");
    assertThat(scene.calls.stream().filter("copied t2"::equals))
        .hasSize(call.startsWith("copied") ? 1 : 0);
  }

  @Test
  void noTableStreamsIfAllFailed() throws InterruptedException {
    Table first = scene.table(1, 1);
    Table second = scene.table(2, 1);
    scene.fail("write t1 1", refused);
    scene.fail("truncate t2", refused);
    GroupSync sync = scene.sync(first, second);

    assertThat(scene.copies(sync)).isFalse();

    assertThat(sync.failure(first)).isSameAs(refused);
    assertThat(sync.failure(second)).isSameAs(refused);
  }

  @ParameterizedTest
  @ValueSource(strings = {"truncate t1", "write t1 1"})
  void whatIsAwayForOneTableIsAwayForTheNext(String call) throws InterruptedException {
    List<Table> members = List.of(scene.table(1, 1), scene.table(2, 1), scene.table(3, 1));
    scene.fail(call, away);
    GroupSync sync = scene.sync(members.toArray(Table[]::new));

    assertThat(scene.copies(sync)).isFalse();

    assertThat(members)
        .extracting(each -> Objects.requireNonNull(sync.failure(each)).kind())
        .containsOnly(away.kind());
    assertThat(members.get(0).notes().isCopiedAlone()).isTrue();
    assertThat(scene.calls).as("no further call").endsWith(call).doesNotContain("truncate t2");
  }

  @Test
  void whatIsAwayDoesNotFailWhatWasWrittenBefore() throws InterruptedException {
    Table first = scene.table(1, 1);
    Table second = scene.table(2, 1);
    Table third = scene.table(3, 1);
    scene.fail("write t2 1", away);
    GroupSync sync = scene.sync(first, second, third);

    assertThat(scene.copies(sync)).isTrue();

    assertThat(sync.failure(first)).isNull();
    assertThat(sync.failure(second)).isSameAs(away);
    assertThat(sync.failure(third)).extracting(EtlException::kind).isEqualTo(away.kind());
    assertThat(scene.calls)
        .containsExactly("truncate t1", "write t1 1", "truncate t2", "write t2 1", "copied t1");
  }

  @Test
  void aFlushThatFailsFailsAllThatWasWritten() throws InterruptedException {
    Table first = scene.table(1, 1);
    Table second = scene.table(2, 1);
    scene.accepted.add("t2");
    scene.fail("flush", refused);
    GroupSync sync = scene.sync(first, second);

    assertThat(scene.copies(sync)).isFalse();

    assertThat(sync.failure(first)).isSameAs(refused);
    assertThat(sync.failure(second)).isSameAs(refused);
    assertThat(scene.calls).endsWith("flush");
  }

  @Test
  void aStoreThatIsAwayFailsAll() throws InterruptedException {
    Table first = scene.table(1, 1);
    Table second = scene.table(2, 1);
    EtlException storeAway = new EtlException(ErrorKind.STORE_UNAVAILABLE, "away");
    scene.during.put("truncate t1", () -> scene.store.fail(storeAway));
    GroupSync sync = scene.sync(first, second);

    assertThat(scene.copies(sync)).isFalse();

    assertThat(sync.failure(first)).isSameAs(storeAway);
    assertThat(sync.failure(second))
        .extracting(EtlException::kind)
        .isEqualTo(ErrorKind.STORE_UNAVAILABLE);
    assertThat(scene.calls).containsExactly("truncate t1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"truncate t1", "write t1 1", "copied t1"})
  void aDestinationThatInterruptsItsThreadFailsThatTableOnly(String call)
      throws InterruptedException {
    Table first = scene.table(1, 1);
    Table second = scene.table(2, 1);
    scene.during.put(
        call,
        () -> {
          Thread.currentThread().interrupt();
          throw new IllegalStateException("test");
        });
    GroupSync sync = scene.sync(first, second);

    assertThat(scene.copies(sync)).isTrue();

    assertThat(sync.failure(first)).extracting(EtlException::kind).isEqualTo(ErrorKind.INTERNAL);
    assertThat(sync.failure(second)).isNull();
    assertThat(scene.calls).contains("truncate t2", "write t2 1").endsWith("copied t2");
  }

  /** What is no failure of a call ends the whole. */
  @Test
  void aBugEndsItForAll() {
    Table first = scene.table(1, 1);
    GroupSync sync = scene.sync(first, scene.table(2, 1));
    scene.during.put("write t1 1", GroupSyncTest::outOfMemory);

    assertThatThrownBy(sync::run).hasCauseInstanceOf(OutOfMemoryError.class);

    assertThat(scene.calls).endsWith("write t1 1");
  }

  private static void outOfMemory() {
    throw new OutOfMemoryError("test");
  }

  // ---- the end ----

  @Test
  void nothingIsCopiedIfItIsStoppedBefore() throws InterruptedException {
    GroupSync sync = scene.sync(scene.table(1, 1), scene.table(2, 1));

    sync.stop();
    sync.run();

    assertThat(sync.isStopped()).isTrue();
    assertThat(scene.copier.asked).isEmpty();
    assertThat(scene.copier.aborted).isTrue();
  }

  @Test
  void nothingIsWrittenIfItIsStoppedWhileItReads() throws InterruptedException {
    GroupSync sync = scene.sync(scene.table(1, 1), scene.table(2, 1));
    scene.copier.whenAsked = sync::stop;

    sync.run();

    assertThat(scene.calls).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"truncate t1", "write t1 1", "flush", "copied t1"})
  void nothingFollowsTheCallInWhichItIsStopped(String call) {
    Table first = scene.table(1, 1);
    Table second = scene.table(2, 1);
    scene.accepted.add("t1");
    GroupSync sync = scene.sync(first, second);
    scene.during.put(call, sync::stop);

    assertThatThrownBy(sync::run).isInstanceOf(InterruptedException.class);

    assertThat(scene.calls).endsWith(call);
    assertThat(sync.failure(first)).isNull();
    assertThat(sync.failure(second)).isNull();
    assertThat(scene.source.streams()).isEmpty();
  }
}

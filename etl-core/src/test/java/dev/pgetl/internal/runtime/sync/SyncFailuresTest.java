package dev.pgetl.internal.runtime.sync;

import static dev.pgetl.internal.runtime.sync.SyncScene.ID;
import static dev.pgetl.internal.runtime.sync.SyncScene.NAME;
import static dev.pgetl.internal.runtime.sync.SyncScene.errored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.wal.Lsn;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of a table whose sync worker fails. */
class SyncFailuresTest {
  private final SyncScene scene = new SyncScene();

  @AfterEach
  void end() {
    scene.close();
  }

  @Test
  void aFailureIsStoredAndRetried() {
    scene.fail(ErrorKind.SOURCE_FAILED, 1);

    scene.syncs.schedule(scene.tables.add(ID, NAME));

    scene.awaitBegun(2);
    assertThat(scene.store.history(ID))
        .containsExactly(new Init(), errored(RetryDirective.TIMED, 1), new Init());
    assertThat(scene.retries).containsExactly("SOURCE_FAILED 1");
  }

  @Test
  void afterTheLastAttemptManualInterventionIsRequired() {
    scene.fail(ErrorKind.SOURCE_FAILED, 3);

    Table table = scene.tables.add(ID, NAME);
    scene.syncs.schedule(table);

    await().until(() -> table.life().needsManualRetry() && table.syncRun() == null);
    assertThat(scene.begun).hasSize(3);
    assertThat(table.phase()).isEqualTo(errored(RetryDirective.MANUAL, 3));
    assertThat(scene.source.droppedSlots()).containsExactly("pgetl_sync_shop_7");
    assertThat(scene.retries).containsExactlyInAnyOrder("SOURCE_FAILED 1", "SOURCE_FAILED 2");
  }

  /** That is not the table's fault. */
  @ParameterizedTest
  @EnumSource(
      names = {
        "SOURCE_UNAVAILABLE",
        "SOURCE_BUSY",
        "SLOT_IN_USE",
        "DESTINATION_UNAVAILABLE",
        "STORE_UNAVAILABLE"
      })
  void whatIsAwayIsRetriedUntilItIsBack(ErrorKind kind) {
    scene.fail(kind, 4);

    scene.syncs.schedule(scene.tables.add(ID, NAME));

    scene.awaitBegun(5);
    assertThat(scene.store.history(ID)).contains(errored(kind, RetryDirective.TIMED, 4));
  }

  /** An outage must not use up the attempts of what comes after it. */
  @Test
  void anOutageCountsAgainstNoOtherFailure() {
    scene.answer =
        id -> {
          if (scene.begun.size() > 5) {
            scene.hang(id);
          }
          throw new EtlException(
              scene.begun.size() < 5 ? ErrorKind.SOURCE_BUSY : ErrorKind.SOURCE_FAILED,
              "copying failed");
        };

    scene.syncs.schedule(scene.tables.add(ID, NAME));

    scene.awaitBegun(6);
    assertThat(scene.attempts()).containsExactly(1, 2, 3, 4, 1);
  }

  /** One rule, whether a copy or the stream met the failure. */
  @ParameterizedTest
  @EnumSource(names = {"MANUAL", "NONE"})
  void whatIsNotRetriedSaysWhatToDo(RetryDirective directive) {
    scene.answer =
        id -> {
          throw new EtlException(ErrorKind.DESTINATION_REJECTED, "copying failed")
              .withRetry(directive);
        };
    Table table = scene.tables.add(ID, NAME);

    scene.syncs.schedule(table);

    await().until(() -> table.life().needsManualRetry());
    assertThat(table.phase()).isEqualTo(errored(ErrorKind.DESTINATION_REJECTED, directive, 1));
  }

  /** Without that it would be copied for ever. */
  @Test
  void aTableThatLosesItsSlotAgainAndAgainRequiresManualIntervention() {
    scene.fail(ErrorKind.SLOT_LOST, 3);
    Table table = scene.tables.add(ID, NAME);

    scene.syncs.schedule(table);

    await().until(() -> table.life().needsManualRetry());
    assertThat(scene.attempts()).containsExactly(1, 2, 3);
  }

  /** A class is missing, or a stack is too deep: the other tables have nothing to do with it. */
  @Test
  void anErrorConcernsTheTableThatMetIt() {
    scene.answer =
        id -> {
          throw new NoClassDefFoundError("a/B");
        };
    Table table = scene.tables.add(ID, NAME);

    scene.syncs.schedule(table);

    await().until(() -> table.life().needsManualRetry());
    assertThat(table.phase())
        .isInstanceOfSatisfying(
            Errored.class,
            errored -> {
              assertThat(errored.kind()).isEqualTo(ErrorKind.INTERNAL);
              assertThat(errored.reason()).endsWith("java.lang.NoClassDefFoundError: a/B");
            });
    assertThat(scene.unexpected).isEmpty();
  }

  @Test
  void aTableWhoseSlotIsLostIsCopiedAgain() {
    scene.fail(ErrorKind.SLOT_LOST, 1);

    scene.syncs.schedule(scene.known(new TableReplicationPhase.DataSync()));

    scene.awaitBegun(2);
    assertThat(scene.store.history(ID))
        .containsExactly(
            new Init(),
            new Errored(
                "copying failed; the table is resynced",
                "",
                RetryDirective.TIMED,
                1,
                ErrorKind.SOURCE_FAILED),
            new Init());
  }

  @Test
  void aFailureThatCannotBeStoredCountsAsNoAttempt() {
    Table table = scene.tables.add(ID, NAME);
    EtlException away = new EtlException(ErrorKind.STORE_UNAVAILABLE, "away");
    scene.answer =
        id -> {
          if (scene.begun.size() > 1) {
            scene.hang(id);
          }
          scene.store.fail(away);
          throw new EtlException(ErrorKind.SOURCE_FAILED, "copying failed");
        };

    scene.syncs.schedule(table);

    scene.awaitBegun(2);
    assertThat(table.phase()).isEqualTo(new Init());
    assertThat(table.life().failures()).isZero();
    assertThat(scene.retries).containsExactly("STORE_UNAVAILABLE 1");
    assertThat(scene.unexpected).isEmpty();
  }

  @Test
  void aStoreThatIsBrokenEndsThePipeline() {
    EtlException corrupt = new EtlException(ErrorKind.STORE_CORRUPT, "corrupt");
    Table table = scene.tables.add(ID, NAME);
    scene.store.fail(corrupt);
    scene.fail(ErrorKind.SOURCE_FAILED, 1);

    scene.syncs.schedule(table);

    await().untilAsserted(() -> assertThat(scene.unexpected).containsExactly(corrupt));
  }

  @Test
  void anInterruptionByAnExtensionIsAFailureOfTheTable() throws InterruptedException {
    Table table = scene.known(new Ready());
    scene.interrupting = true;

    scene.syncs.resync(table);

    await().until(() -> table.life().needsManualRetry());
    assertThat(table.phase())
        .isInstanceOfSatisfying(
            Errored.class,
            errored -> assertThat(errored.reason()).contains("was interrupted by an extension"));
    assertThat(scene.unexpected).isEmpty();
  }

  /** Changes of the table that it still holds would overwrite the copy. */
  @Test
  void theCopyWaitsUntilTheApplyWorkerHoldsNothingOfTheTable() throws InterruptedException {
    Table table = scene.known(new Ready());
    table.refuse(new Lsn(1));
    scene.holding = new CountDownLatch(1);

    scene.syncs.resync(table);
    await().until(() -> table.syncRun() != null);
    assertThat(scene.begun).isEmpty();
    assertThat(table.isRefused()).isTrue();
    scene.holding.countDown();

    scene.awaitBegun(1);
    assertThat(table.isRefused()).isFalse();
  }
}

package dev.pgetl.testkit.contract;

import static dev.pgetl.testkit.contract.Stores.assertFailsWhole;
import static dev.pgetl.testkit.contract.Stores.inThreads;
import static dev.pgetl.testkit.contract.Stores.restart;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.diagnose.Severity;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Catchup;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.store.TableReplicationPhase.SyncWait;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * The rules S1, S2, S4 to S8 and S12 of {@link dev.pgetl.store.StateStore} for phases and mappings;
 * those for progress, S3 among them, are in {@link ProgressContract}, S9 is in {@link
 * OwnershipContract}, S10 in {@link SeveralTablesContract}, and S11 in {@link PauseContract}; this
 * includes all of them.
 */
public interface StateStoreContract
    extends ProgressContract, OwnershipContract, SeveralTablesContract, PauseContract {
  /** A table. */
  TableId USERS = new TableId(16384);

  /** Another table, whose OID does not fit into an {@code int}. */
  TableId ORDERS = new TableId(4_000_000_000L);

  /** Every kind of phase that is stored, with values at the edges. */
  List<TableReplicationPhase> STORED_PHASES =
      List.of(
          new Init(),
          new DataSync(),
          new FinishedCopy(),
          new SyncDone(new Lsn(-1)),
          new Ready(),
          new Errored("what \"happened\"\nand why: ü€😀\\", "", RetryDirective.TIMED, 1),
          new Errored("", "do something", RetryDirective.MANUAL, Integer.MAX_VALUE),
          new Errored("reason", "solution", RetryDirective.NONE, 3, ErrorKind.SOURCE_DATA));

  /** S1: what is not known is empty. */
  @Test
  default void s1_unknownTablesAreEmpty() {
    PipelineStore store = openStore();
    assertThat(store.loadTableReplicationStates()).isZero();
    assertThat(store.loadTableMappings()).isZero();
    assertThat(store.getTableReplicationState(USERS)).isEmpty();
    assertThat(store.getTableReplicationStates()).isEmpty();
    assertThat(store.getTableMapping(USERS)).isEmpty();
    assertThat(store.getTableMappings()).isEmpty();
  }

  /** S1: maps are unmodifiable. */
  @Test
  default void s1_mapsCannotBeModified() {
    PipelineStore store = openStore();
    store.updateTableReplicationState(USERS, new Init());
    store.storeTableMapping(USERS, "users");
    Map<TableId, TableReplicationPhase> states = store.getTableReplicationStates();
    Map<TableId, String> mappings = store.getTableMappings();
    assertThatThrownBy(() -> states.put(ORDERS, new Init()))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> mappings.remove(USERS))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  /** S1: maps are snapshots. */
  @Test
  default void s1_mapsDoNotFollowLaterWrites() {
    PipelineStore store = openStore();
    store.updateTableReplicationState(USERS, new Init());
    store.storeTableMapping(USERS, "users");
    Map<TableId, TableReplicationPhase> states = store.getTableReplicationStates();
    Map<TableId, String> mappings = store.getTableMappings();
    store.updateTableReplicationState(USERS, new DataSync());
    store.updateTableReplicationState(ORDERS, new Init());
    store.storeTableMapping(ORDERS, "orders");
    assertThat(states).containsExactly(Map.entry(USERS, new Init()));
    assertThat(mappings).containsExactly(Map.entry(USERS, "users"));
  }

  /** S1: look-ups need no I/O. */
  @Test
  default void s1_lookUpsAnswerFromMemory() {
    assumeThat(canBreakPersistence()).as("the persistent layer can be broken").isTrue();
    PipelineStore store = openStore();
    store.updateTableReplicationState(USERS, new Ready());
    store.storeTableMapping(USERS, "users");
    breakPersistence(true);
    assertThat(store.getTableReplicationState(USERS)).contains(new Ready());
    assertThat(store.getTableReplicationStates()).hasSize(1);
    assertThat(store.getTableMapping(USERS)).contains("users");
    assertThat(store.getTableMappings()).hasSize(1);
    breakPersistence(false);
  }

  /** S2: every kind of phase is durable, with all its parts. */
  @Test
  default void s2_phasesSurviveARestart() {
    PipelineStore store = openStore();
    for (TableReplicationPhase phase : STORED_PHASES) {
      store.updateTableReplicationState(USERS, phase);
      store.updateTableReplicationState(ORDERS, phase);
      store = restart(this, store);
      assertThat(store.getTableReplicationState(USERS)).contains(phase);
      assertThat(store.getTableReplicationStates())
          .containsOnly(Map.entry(USERS, phase), Map.entry(ORDERS, phase));
    }
  }

  /** S2: mappings are durable; a later one replaces. */
  @Test
  default void s2_mappingsSurviveARestart() {
    PipelineStore store = openStore();
    store.storeTableMapping(USERS, "first");
    store.storeTableMapping(USERS, "Users \"quoted\"\n'ü'\\");
    store.storeTableMapping(ORDERS, "");
    PipelineStore reopened = restart(this, store);
    assertThat(reopened.getTableMapping(USERS)).contains("Users \"quoted\"\n'ü'\\");
    assertThat(reopened.getTableMappings()).hasSize(2).containsEntry(ORDERS, "");
  }

  /** S2: a writer reads its own writes, despite other writers. */
  @Test
  default void s2_writesOfManyThreadsAllStay() {
    PipelineStore store = openStore();
    inThreads(
        4,
        thread -> {
          TableId own = new TableId(20_000 + thread);
          for (int i = 1; i <= 50; i++) {
            TableReplicationPhase phase = new SyncDone(new Lsn(i));
            store.updateTableReplicationState(own, phase);
            store.storeTableMapping(own, "mapping " + i);
            assertThat(store.getTableReplicationState(own)).contains(phase);
            assertThat(store.getTableMapping(own)).contains("mapping " + i);
          }
        });
    PipelineStore reopened = restart(this, store);
    assertThat(reopened.getTableReplicationStates().values())
        .hasSize(4)
        .containsOnly(new SyncDone(new Lsn(50)));
    assertThat(reopened.getTableMappings().values()).hasSize(4).containsOnly("mapping 50");
  }

  /** S2: what one thread wrote every other thread sees, and never something older again. */
  @Test
  default void s2_otherThreadsSeeWritesInOrder() {
    PipelineStore store = openStore();
    store.updateTableReplicationState(USERS, new SyncDone(Lsn.ZERO));
    AtomicBoolean done = new AtomicBoolean();
    inThreads(
        3,
        thread -> {
          if (thread == 0) {
            for (int i = 1; i <= 200; i++) {
              store.updateTableReplicationState(USERS, new SyncDone(new Lsn(i)));
            }
            done.set(true);
            return;
          }
          Lsn last = Lsn.ZERO;
          boolean finished;
          do {
            finished = done.get();
            SyncDone seen = (SyncDone) store.getTableReplicationState(USERS).orElseThrow();
            assertThat(seen.lsn()).isGreaterThanOrEqualTo(last);
            last = seen.lsn();
          } while (!finished);
          assertThat(last).isEqualTo(new Lsn(200));
        });
  }

  /** S4: a phase that could not be stored. */
  @Test
  default void s4_aFailedPhaseIsNotThereOrWhole() {
    PipelineStore store = openStore();
    store.updateTableReplicationState(USERS, new Init());
    assertFailsWhole(
        this,
        store,
        failing -> failing.updateTableReplicationState(USERS, new DataSync()),
        PipelineStore::getTableReplicationStates);
  }

  /** S4: a phase of a table that was not known. */
  @Test
  default void s4_aFailedFirstPhaseIsNotThereOrWhole() {
    assertFailsWhole(
        this,
        openStore(),
        failing -> failing.updateTableReplicationState(USERS, new Init()),
        PipelineStore::getTableReplicationStates);
  }

  /** S4: a rollback that could not be stored. */
  @Test
  default void s4_aFailedRollbackIsNotDoneOrWhole() {
    assumeThat(canBreakPersistence()).as("the persistent layer can be broken").isTrue();
    PipelineStore store = openStore();
    store.updateTableReplicationState(USERS, new Init());
    store.updateTableReplicationState(USERS, new DataSync());
    breakPersistence(true);
    assertThatThrownBy(() -> store.rollbackTableReplicationState(USERS))
        .isInstanceOf(EtlException.class);
    TableReplicationPhase shown = store.getTableReplicationState(USERS).orElseThrow();
    breakPersistence(false);
    store.loadTableReplicationStates();
    TableReplicationPhase loaded = store.getTableReplicationState(USERS).orElseThrow();
    if (shown.equals(new Init())) {
      assertThat(loaded).as("what memory showed after the failure").isEqualTo(shown);
    }
    assertThat(restart(this, store).getTableReplicationState(USERS)).contains(loaded);
  }

  /** S4: a mapping that could not be stored. */
  @Test
  default void s4_aFailedMappingIsNotThereOrWhole() {
    PipelineStore store = openStore();
    store.storeTableMapping(USERS, "before");
    assertFailsWhole(
        this,
        store,
        failing -> failing.storeTableMapping(USERS, "after"),
        PipelineStore::getTableMappings);
  }

  /** S5: loading returns the number of entries, and changes nothing that was stored. */
  @Test
  default void s5_loadingFindsWhatWasStored() {
    PipelineStore store = openStore();
    store.updateTableReplicationState(USERS, new Init());
    store.updateTableReplicationState(USERS, new DataSync());
    store.updateTableReplicationState(ORDERS, new Ready());
    store.storeTableMapping(USERS, "users");
    for (int i = 0; i < 2; i++) {
      assertThat(store.loadTableReplicationStates()).isEqualTo(2);
      assertThat(store.loadTableMappings()).isEqualTo(1);
      assertThat(store.getTableReplicationState(USERS)).contains(new DataSync());
      assertThat(store.getTableMapping(USERS)).contains("users");
    }
  }

  /** S5: what is no longer persistent is removed. */
  @Test
  default void s5_loadingReplacesWhatIsInMemory() {
    assumeThat(canBeShared()).as("two stores can be open at once").isTrue();
    PipelineStore store = openStore();
    store.updateTableReplicationState(USERS, new Init());
    store.updateTableReplicationState(ORDERS, new Init());
    store.storeTableMapping(USERS, "users");
    PipelineStore other = Stores.loaded(openStore());
    other.cleanupTableState(USERS);
    other.updateTableReplicationState(ORDERS, new Ready());

    assertThat(store.loadTableReplicationStates()).isEqualTo(1);
    assertThat(store.loadTableMappings()).isZero();
    assertThat(store.getTableReplicationStates()).containsExactly(Map.entry(ORDERS, new Ready()));
    assertThat(store.getTableMapping(USERS)).isEmpty();
    assertThat(store.rollbackTableReplicationState(ORDERS)).isEqualTo(new Init());
  }

  /** S6: each rollback returns to the phase before, down to the first. */
  @Test
  default void s6_rollbackReturnsToThePhaseBefore() {
    PipelineStore store = openStore();
    store.updateTableReplicationState(USERS, new Init());
    store.updateTableReplicationState(USERS, new DataSync());
    store.updateTableReplicationState(USERS, new FinishedCopy());
    assertThat(store.rollbackTableReplicationState(USERS)).isEqualTo(new DataSync());
    assertThat(store.getTableReplicationState(USERS)).contains(new DataSync());
    assertThat(store.rollbackTableReplicationState(USERS)).isEqualTo(new Init());
    assertNothingBefore(store, USERS);
    assertThat(store.getTableReplicationState(USERS)).contains(new Init());
  }

  /** S6: a table without history. */
  @Test
  default void s6_rollbackOfAnUnknownTableIsRefused() {
    PipelineStore store = openStore();
    assertNothingBefore(store, USERS);
    assertThat(store.getTableReplicationState(USERS)).isEmpty();
  }

  /** S6: the history is durable. */
  @Test
  default void s6_historySurvivesARestart() {
    PipelineStore store = openStore();
    for (TableReplicationPhase phase : STORED_PHASES) {
      store.updateTableReplicationState(USERS, phase);
    }
    for (int i = STORED_PHASES.size() - 2; i >= 0; i--) {
      store = restart(this, store);
      assertThat(store.rollbackTableReplicationState(USERS)).isEqualTo(STORED_PHASES.get(i));
    }
    PipelineStore reopened = restart(this, store);
    assertThat(reopened.getTableReplicationState(USERS)).contains(STORED_PHASES.get(0));
    assertNothingBefore(reopened, USERS);
  }

  /** S6: what was rolled back is forgotten. */
  @Test
  default void s6_historyGoesOnFromWhereItWasRolledBackTo() {
    PipelineStore store = openStore();
    store.updateTableReplicationState(USERS, new Init());
    store.updateTableReplicationState(USERS, new DataSync());
    store.rollbackTableReplicationState(USERS);
    store.updateTableReplicationState(USERS, new Ready());
    PipelineStore reopened = restart(this, store);
    assertThat(reopened.getTableReplicationState(USERS)).contains(new Ready());
    assertThat(reopened.rollbackTableReplicationState(USERS)).isEqualTo(new Init());
    assertNothingBefore(reopened, USERS);
  }

  /** S6: tables have histories of their own. */
  @Test
  default void s6_rollbackConcernsOneTable() {
    PipelineStore store = openStore();
    store.updateTableReplicationState(USERS, new Init());
    store.updateTableReplicationState(ORDERS, new DataSync());
    store.updateTableReplicationState(USERS, new Ready());
    assertThat(store.rollbackTableReplicationState(USERS)).isEqualTo(new Init());
    assertThat(store.getTableReplicationState(ORDERS)).contains(new DataSync());
    assertNothingBefore(store, ORDERS);
  }

  private static void assertNothingBefore(PipelineStore store, TableId id) {
    assertThatThrownBy(() -> store.rollbackTableReplicationState(id))
        .isInstanceOfSatisfying(
            EtlException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION));
  }

  /** S7: phases that live in memory only. */
  @Test
  default void s7_phasesOfMemoryAreRefused() {
    PipelineStore store = openStore();
    store.updateTableReplicationState(USERS, new FinishedCopy());
    for (TableReplicationPhase phase : List.of(new SyncWait(new Lsn(1)), new Catchup(new Lsn(1)))) {
      assertThatThrownBy(() -> store.updateTableReplicationState(USERS, phase))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(store.getTableReplicationState(USERS)).contains(new FinishedCopy());
    assertThat(restart(this, store).getTableReplicationState(USERS)).contains(new FinishedCopy());
  }

  /** S8: the same phase again is no step. */
  @Test
  default void s8_theSamePhaseAgainIsNoStepOfTheHistory() {
    PipelineStore store = openStore();
    Errored first = new Errored("reason", "", RetryDirective.TIMED, 1);
    Errored second = new Errored("reason", "", RetryDirective.TIMED, 2);
    store.updateTableReplicationState(USERS, new Init());
    store.updateTableReplicationState(USERS, new Init());
    store.updateTableReplicationState(USERS, first);
    store = restart(this, store);
    store.updateTableReplicationState(USERS, first);
    store.updateTableReplicationState(USERS, second);
    assertThat(store.rollbackTableReplicationState(USERS)).isEqualTo(first);
    assertThat(store.rollbackTableReplicationState(USERS)).isEqualTo(new Init());
    assertNothingBefore(store, USERS);
  }

  /** S12: what is wrong is asked before anything is loaded, too, and changes nothing. */
  @Test
  default void s12_aDiagnosisChangesNothing() {
    PipelineStore store = openStore();
    assertThat(store.diagnose()).noneMatch(finding -> finding.severity() == Severity.ERROR);
    store.updateTableReplicationState(USERS, new Init());
    store.updateTableReplicationState(USERS, new Ready());
    assertThat(store.diagnose()).noneMatch(finding -> finding.severity() == Severity.ERROR);
    assertThat(store.getTableReplicationState(USERS)).contains(new Ready());
    store = restart(this, store);
    assertThat(store.getTableReplicationState(USERS)).contains(new Ready());
    assertThat(store.rollbackTableReplicationState(USERS)).isEqualTo(new Init());
  }
}

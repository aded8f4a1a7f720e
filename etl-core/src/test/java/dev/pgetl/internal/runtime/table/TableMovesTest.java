package dev.pgetl.internal.runtime.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.platform.WatchedLock;
import dev.pgetl.internal.runtime.table.Table.Wish;
import dev.pgetl.internal.runtime.table.TableEvent.CopyFinished;
import dev.pgetl.internal.runtime.table.TableEvent.CopyStarted;
import dev.pgetl.internal.runtime.table.TableEvent.Resync;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** How several tables enter a phase. */
class TableMovesTest {
  private static final TableId FIRST = new TableId(1);
  private static final TableId SECOND = new TableId(2);
  private static final TableId THIRD = new TableId(3);
  private static final Lsn END = new Lsn(0x120);

  private final EtlException away = new EtlException(ErrorKind.STORE_UNAVAILABLE, "away");
  private final FakeStateStore store = new FakeStateStore();
  private final List<String> reported = new ArrayList<>();
  private final Tables tables =
      new Tables(
          store,
          new PipelineListener() {
            @Override
            public void onTablePhase(TableId id, TableName name, TableReplicationPhase phase) {
              reported.add(id + " " + phase.name() + " " + require(id).state().leftAt());
            }
          },
          Platform.jvm());

  private Table require(TableId id) {
    return Objects.requireNonNull(tables.find(id));
  }

  private static Map<TableId, TableName> names(long count) {
    Map<TableId, TableName> names = new LinkedHashMap<>();
    LongStream.rangeClosed(1, count)
        .forEach(id -> names.put(new TableId(id), new TableName("public", "t" + id)));
    return names;
  }

  private List<Table> added() {
    List<Table> added = tables.add(names(3), null);
    reported.clear();
    return added;
  }

  private Table done(TableId id, Lsn end) {
    tables.known(id, new TableName("public", "t" + id), new SyncDone(end));
    return require(id);
  }

  // ---- new tables ----

  @Test
  void newTablesAreStoredTogetherAndKnowBehindWhatTheyAreCopied() {
    List<Table> added = tables.add(names(3), END);

    assertThat(added).extracting(Table::id).containsExactly(FIRST, SECOND, THIRD);
    assertThat(tables.all()).isEqualTo(added);
    assertThat(store.together()).containsExactly(Set.of(FIRST, SECOND, THIRD));
    assertThat(reported).containsExactly("1 Init 0/11F", "2 Init 0/11F", "3 Init 0/11F");
  }

  @Test
  void ofNewTablesThatCannotBeStoredNoneIsKnown() {
    store.fail(away);

    assertThatThrownBy(() -> tables.add(names(3), null)).isSameAs(away);

    assertThat(tables.all()).isEmpty();
    assertThat(reported).isEmpty();
  }

  @Test
  void thousandsOfTablesAreStoredInSeveralWrites() {
    assertThat(tables.add(names(2_500), null)).hasSize(2_500);

    assertThat(store.together()).extracting(Set::size).containsExactly(1_000, 1_000, 500);
    assertThat(store.getTableReplicationStates()).hasSize(2_500).containsValue(new Init());
  }

  // ---- moves ----

  @Test
  void tablesMoveWithOneWriteAndAreReported() {
    List<Table> added = added();

    tables.move(List.of(added.get(2), added.get(0)), new CopyStarted());

    assertThat(added)
        .extracting(Table::phase)
        .containsExactly(new DataSync(), new Init(), new DataSync());
    assertThat(store.together()).last().isEqualTo(Set.of(FIRST, THIRD));
    assertThat(store.history(FIRST)).containsExactly(new Init(), new DataSync());
    assertThat(reported).containsExactly("3 DataSync null", "1 DataSync null");
  }

  @Test
  void noTableHasMovedIfTheStoreIsAway() {
    List<Table> added = added();
    store.fail(away);

    assertThatThrownBy(() -> tables.move(added, new CopyStarted())).isSameAs(away);

    assertThat(added).extracting(Table::phase).containsOnly(new Init());
    assertThat(reported).isEmpty();
    store.fail(null);
    tables.move(added, new CopyStarted());
    assertThat(added).extracting(Table::phase).containsOnly(new DataSync());
  }

  @Test
  void noTableMovesIfOneMayNot() {
    List<Table> added = added();
    added.get(1).move(new CopyStarted());
    added.get(1).move(new CopyFinished());

    assertThatIllegalStateException()
        .isThrownBy(() -> tables.move(added, new CopyStarted()))
        .withMessageContaining("from FinishedCopy");

    assertThat(added.get(0).phase()).isEqualTo(new Init());
    assertThat(store.history(FIRST)).containsExactly(new Init());
  }

  @Test
  void aTableThatIsToBeForgottenStays() throws InterruptedException {
    List<Table> added = added();
    added.get(0).wish(Wish.FORGET);

    tables.move(added, new CopyStarted());

    assertThat(added)
        .extracting(Table::phase)
        .containsExactly(new Init(), new DataSync(), new DataSync());
  }

  @Test
  void theRangesOfCopiesAreForgottenWithAResync() {
    List<Table> added = added();
    tables.move(added, new CopyStarted());

    tables.move(added, new Resync());

    assertThat(added).extracting(Table::phase).containsOnly(new Init());
  }

  // ---- ends that the apply worker reaches ----

  @Test
  void tablesWhoseEndIsReachedAreReadyWithOneWrite() {
    Table first = done(FIRST, END);
    Table second = done(SECOND, END.plus(8));
    Table third = done(THIRD, END.plus(9));

    tables.settle(END.plus(8));

    assertThat(List.of(first, second)).extracting(Table::phase).containsOnly(new Ready());
    assertThat(third.phase()).isEqualTo(new SyncDone(END.plus(9)));
    assertThat(store.together()).containsExactly(Set.of(FIRST, SECOND));
    assertThat(tables.hasPending()).isTrue();
  }

  @Test
  void tablesThatCouldNotBeStoredAreReadyTheNextTime() {
    List<Table> done = List.of(done(FIRST, END), done(SECOND, END));
    store.fail(away);
    assertThatThrownBy(() -> tables.settle(END)).isSameAs(away);
    assertThat(done).extracting(Table::phase).containsOnly(new SyncDone(END));
    store.fail(null);

    tables.settle(END);

    assertThat(done).extracting(Table::phase).containsOnly(new Ready());
    assertThat(tables.hasPending()).isFalse();
  }

  @Test
  void aTableThatWasResyncedMeanwhileIsNotReady() {
    Table first = done(FIRST, END);
    Table second = done(SECOND, END);
    first.restart();

    tables.settle(END);

    assertThat(first.phase()).isEqualTo(new Init());
    assertThat(second.phase()).isEqualTo(new Ready());
  }

  @Test
  void aTableHoldsFewObjectsAndNoneOfThoseAroundIt() {
    List<Table> added = added();

    List<String> held =
        Reachable.classesFrom(
            added.get(0), Tables.class, PipelineListener.class, Platform.class, WatchedLock.class);

    assertThat(held).hasSizeLessThan(20);
    assertThat(held.stream().map(name -> name.replaceAll("[.][A-Z].*", "")))
        .isSubsetOf(
            "dev.pgetl.internal.estimate",
            "dev.pgetl.internal.runtime.table",
            "dev.pgetl.internal.runtime.tally",
            "dev.pgetl.internal.runtime.worker",
            "dev.pgetl.observe",
            "dev.pgetl.schema",
            "dev.pgetl.store");
    assertThat(held.stream().collect(Collectors.toSet())).contains(Table.class.getName());
  }
}

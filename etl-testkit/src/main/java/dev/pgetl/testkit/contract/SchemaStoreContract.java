package dev.pgetl.testkit.contract;

import static dev.pgetl.testkit.contract.Stores.assertFailsWhole;
import static dev.pgetl.testkit.contract.Stores.inThreads;
import static dev.pgetl.testkit.contract.Stores.restart;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The rules of {@link dev.pgetl.store.SchemaStore}. */
public interface SchemaStoreContract extends StoreContract {
  /** A table. */
  TableId TABLE = new TableId(16400);

  private static TableSchema version(long lsn) {
    return version(TABLE, lsn);
  }

  private static TableSchema version(TableId id, long lsn) {
    return TestTable.named("t" + id)
        .id(id.oid())
        .version(new Lsn(lsn))
        .key("id", TestTable.INT8)
        .column("c" + Long.toUnsignedString(lsn), TestTable.TEXT)
        .build();
  }

  private static PipelineStore filled(PipelineStore store, long... versions) {
    for (long version : versions) {
      store.storeTableSchema(version(version));
    }
    return store;
  }

  /** C1: what is not known is empty. */
  @Test
  default void c1_unknownTablesAreEmpty() {
    PipelineStore store = openStore();
    assertThat(store.loadTableSchemas()).isZero();
    assertThat(store.getTableSchema(TABLE)).isEmpty();
    assertThat(store.getTableSchema(TABLE, new Lsn(-1))).isEmpty();
    assertThat(store.getTableSchemas()).isEmpty();
  }

  /** C1: look-ups need no I/O. */
  @Test
  default void c1_lookUpsAnswerFromMemory() {
    assumeThat(canBreakPersistence()).as("the persistent layer can be broken").isTrue();
    PipelineStore store = filled(openStore(), 10, 20);
    breakPersistence(true);
    assertThat(store.getTableSchema(TABLE)).contains(version(20));
    assertThat(store.getTableSchema(TABLE, new Lsn(15))).contains(version(10));
    assertThat(store.getTableSchemas()).containsExactly(version(20));
    breakPersistence(false);
  }

  /** C1: the list is unmodifiable and does not follow later writes. */
  @Test
  default void c1_theListIsASnapshot() {
    PipelineStore store = filled(openStore(), 10);
    List<TableSchema> schemas = store.getTableSchemas();
    filled(store, 20);
    store.storeTableSchema(version(new TableId(1), 10));
    assertThat(schemas).containsExactly(version(10));
    assertThatThrownBy(() -> schemas.add(version(30)))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  /** C2: the same table and position is the same version. */
  @Test
  default void c2_aVersionStoredAgainIsReplaced() {
    PipelineStore store = filled(openStore(), 10, 20);
    TableSchema other = TestTable.named("renamed").id(TABLE.oid()).version(new Lsn(10)).build();
    store.storeTableSchema(other);
    assertThat(store.getTableSchema(TABLE, new Lsn(10))).contains(other);
    assertThat(store.getTableSchema(TABLE)).contains(version(20));
    PipelineStore reopened = restart(this, store);
    assertThat(reopened.getTableSchema(TABLE, new Lsn(10))).contains(other);
    assertThat(reopened.loadTableSchemas()).isEqualTo(2);
  }

  /** C3: the order of storing does not matter, and positions are unsigned. */
  @Test
  default void c3_theNewestHasTheGreatestPosition() {
    PipelineStore store = filled(openStore(), 20, 10);
    assertThat(store.getTableSchema(TABLE)).contains(version(20));
    filled(store, Long.MIN_VALUE, Long.MAX_VALUE);
    assertThat(store.getTableSchema(TABLE)).contains(version(Long.MIN_VALUE));
    assertThat(restart(this, store).getTableSchema(TABLE)).contains(version(Long.MIN_VALUE));
  }

  /** C3: a version holds from its position on, until the next. */
  @Test
  default void c3_aVersionHoldsFromItsPositionOn() {
    PipelineStore store = restart(this, filled(openStore(), 20, 10, -5));
    assertThat(store.getTableSchema(TABLE, new Lsn(9))).isEmpty();
    assertThat(store.getTableSchema(TABLE, new Lsn(10))).contains(version(10));
    assertThat(store.getTableSchema(TABLE, new Lsn(19))).contains(version(10));
    assertThat(store.getTableSchema(TABLE, new Lsn(20))).contains(version(20));
    assertThat(store.getTableSchema(TABLE, new Lsn(Long.MIN_VALUE))).contains(version(20));
    assertThat(store.getTableSchema(TABLE, new Lsn(-5))).contains(version(-5));
  }

  /** C3: the newest of every table. */
  @Test
  default void c3_theListHasTheNewestOfEveryTable() {
    TableId other = new TableId(4_000_000_000L);
    PipelineStore store = filled(openStore(), 10, 20);
    store.storeTableSchema(version(other, 5));
    assertThat(store.getTableSchemas()).containsExactlyInAnyOrder(version(20), version(other, 5));
    assertThat(restart(this, store).getTableSchemas())
        .containsExactlyInAnyOrder(version(20), version(other, 5));
  }

  /** C4: every part of a version is durable. */
  @Test
  default void c4_versionsSurviveARestart() {
    PipelineStore store = openStore();
    List<TableSchema> versions = ManySchemas.all();
    versions.forEach(store::storeTableSchema);
    PipelineStore reopened = restart(this, store);
    assertThat(reopened.getTableSchemas()).containsExactlyInAnyOrderElementsOf(versions);
    assertThat(reopened.loadTableSchemas()).isEqualTo(versions.size());
  }

  /** C4: a writer reads its own writes, despite other writers. */
  @Test
  default void c4_versionsOfManyThreadsAllStay() {
    PipelineStore store = openStore();
    inThreads(
        4,
        thread -> {
          TableId own = new TableId(20_000 + thread);
          for (int i = 1; i <= 25; i++) {
            store.storeTableSchema(version(own, i));
            assertThat(store.getTableSchema(own)).contains(version(own, i));
          }
        });
    PipelineStore reopened = restart(this, store);
    assertThat(reopened.loadTableSchemas()).isEqualTo(100);
    for (int thread = 0; thread < 4; thread++) {
      TableId own = new TableId(20_000 + thread);
      assertThat(reopened.getTableSchema(own)).contains(version(own, 25));
      assertThat(reopened.getTableSchema(own, new Lsn(7))).contains(version(own, 7));
    }
  }

  /** C5: a version that could not be stored. */
  @Test
  default void c5_aFailedVersionIsNotThereOrWhole() {
    assertFailsWhole(
        this,
        filled(openStore(), 10),
        failing -> failing.storeTableSchema(version(20)),
        shown -> shown.getTableSchema(TABLE));
  }

  /** C5: a pruning that could not be stored. */
  @Test
  default void c5_aFailedPruningIsNotDoneOrWhole() {
    assertFailsWhole(
        this,
        filled(openStore(), 10, 20, 30),
        failing -> failing.pruneTableSchemas(Map.of(TABLE, new Lsn(30))),
        shown ->
            List.of(
                shown.getTableSchema(TABLE, new Lsn(10)).isPresent(),
                shown.getTableSchema(TABLE, new Lsn(20)).isPresent()));
  }

  /** C6: what is no longer persistent is removed. */
  @Test
  default void c6_loadingReplacesWhatIsInMemory() {
    assumeThat(canBeShared()).as("two stores can be open at once").isTrue();
    PipelineStore store = filled(openStore(), 10, 20);
    PipelineStore other = Stores.loaded(openStore());
    other.cleanupTableState(TABLE);
    other.storeTableSchema(version(new TableId(7), 5));
    assertThat(store.loadTableSchemas()).isEqualTo(1);
    assertThat(store.getTableSchema(TABLE)).isEmpty();
    assertThat(store.getTableSchemas()).containsExactly(version(new TableId(7), 5));
  }

  /** C6: loading returns the number of versions, and can be repeated. */
  @Test
  default void c6_loadingCountsVersions() {
    PipelineStore store = filled(openStore(), 10, 20, 30);
    store.storeTableSchema(version(new TableId(7), 5));
    assertThat(store.loadTableSchemas()).isEqualTo(4);
    assertThat(store.loadTableSchemas()).isEqualTo(4);
    assertThat(store.getTableSchema(TABLE, new Lsn(25))).contains(version(20));
  }

  /** C7: the newest at or before the position stays, and all later ones. */
  @Test
  default void c7_pruningKeepsWhatAPositionCanStillNeed() {
    PipelineStore store = filled(openStore(), 10, 20, 30, 40);
    assertThat(store.pruneTableSchemas(Map.of(TABLE, new Lsn(30)))).isEqualTo(2);
    assertThat(store.pruneTableSchemas(Map.of(TABLE, new Lsn(39)))).isZero();
    for (PipelineStore shown : List.of(store, restart(this, store))) {
      assertThat(shown.getTableSchema(TABLE, new Lsn(29))).isEmpty();
      assertThat(shown.getTableSchema(TABLE, new Lsn(35))).contains(version(30));
      assertThat(shown.getTableSchema(TABLE)).contains(version(40));
    }
  }

  /** C7: before the first version there is nothing to prune, behind the last one stays. */
  @Test
  default void c7_pruningAtTheEnds() {
    PipelineStore store = filled(openStore(), 10, 20);
    assertThat(store.pruneTableSchemas(Map.of(TABLE, new Lsn(9)))).isZero();
    assertThat(store.getTableSchema(TABLE, new Lsn(10))).contains(version(10));
    assertThat(store.pruneTableSchemas(Map.of(TABLE, new Lsn(-1)))).isEqualTo(1);
    assertThat(store.getTableSchema(TABLE)).contains(version(20));
    assertThat(restart(this, store).loadTableSchemas()).isEqualTo(1);
  }

  /** C7: tables that are not named, and tables that are not known. */
  @Test
  default void c7_pruningLeavesOtherTablesAlone() {
    TableId other = new TableId(7);
    PipelineStore store = filled(openStore(), 10, 20);
    store.storeTableSchema(version(other, 1));
    store.storeTableSchema(version(other, 2));
    assertThat(store.pruneTableSchemas(Map.of())).isZero();
    assertThat(store.pruneTableSchemas(Map.of(new TableId(8), new Lsn(-1)))).isZero();
    assertThat(store.pruneTableSchemas(Map.of(TABLE, new Lsn(20)))).isEqualTo(1);
    assertThat(store.getTableSchema(other, new Lsn(1))).contains(version(other, 1));
    assertThat(restart(this, store).getTableSchema(other, new Lsn(1))).contains(version(other, 1));
  }
}

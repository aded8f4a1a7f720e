package dev.pgetl.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.memory.LayerContents;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.memory.StoreChange.CopyRangesStored;
import dev.pgetl.store.memory.StoreChange.MappingStored;
import dev.pgetl.store.memory.StoreChange.TableForgotten;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.wal.Lsn;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A standby of the store's server that is promoted may lack what the server had acknowledged last.
 * The tables are set back here by hand, as such a standby has them.
 */
@ExtendWith(PostgresExtension.class)
class StoreSetBackIT {
  private static final TableId TABLE = new TableId(16384);
  private static final TableId OTHER = new TableId(16390);
  private static final SlotLineage LINEAGE = new SlotLineage("7", 1, new Lsn(1));
  private static final TableReplicationPhase FAILED =
      new Errored("refused", "fix it", RetryDirective.MANUAL, 1, ErrorKind.DESTINATION_REJECTED);
  private static final List<String> TABLES =
      List.of("table_phase", "table_schema", "table_mapping", "table_copy", "slot_progress");

  private final TestDatabase database;

  StoreSetBackIT(TestDatabase database) {
    this.database = database;
  }

  private PostgresLayer layer() {
    return PostgresLayer.builder(database.connectionConfig(), "orders").build();
  }

  /** What a standby has that lags behind from now on. */
  private void replicate() {
    database.execute("drop schema if exists standby cascade; create schema standby");
    TABLES.forEach(
        table ->
            database.execute("create table standby.%1$s as table pgetl.%1$s".formatted(table)));
  }

  /** The layer finds that standby when it connects again. */
  private void promote() {
    database.query(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            + " where application_name like 'pgetl/orders/%'");
    TABLES.forEach(
        table ->
            database.execute(
                "delete from pgetl.%1$s; insert into pgetl.%1$s overriding system value table standby.%1$s"
                    .formatted(table)));
  }

  private static void reach(MemoryStore store, long lsn) {
    store.storeReplicationProgress(new ReplicationProgress("slot", LINEAGE, new Lsn(lsn)));
  }

  /** Without its phase the table is streamed on after a restart, without what it missed. */
  @Test
  void aTableThatFailedStaysFailed() {
    try (MemoryStore store = new MemoryStore(layer())) {
      store.updateTableReplicationState(TABLE, new Ready());
      reach(store, 100);
      replicate();
      store.updateTableReplicationState(TABLE, FAILED);
      promote();
      assertLost(() -> reach(store, 200));
      reach(store, 300);
    }

    try (MemoryStore store = new MemoryStore(layer())) {
      assertThat(store.loadTableReplicationStates()).isEqualTo(1);
      assertThat(store.getTableReplicationState(TABLE)).contains(FAILED);
      assertThat(store.rollbackTableReplicationState(TABLE)).isEqualTo(new Ready());
      assertThat(store.loadReplicationProgress()).isEqualTo(1);
      assertThat(store.getReplicationProgress("slot").orElseThrow().flushedLsn())
          .isEqualTo(new Lsn(300));
    }
  }

  @Test
  void allThatWasAcknowledgedIsPutBack() {
    try (PostgresLayer layer = layer()) {
      layer.write(new MappingStored(TABLE, "before"));
      layer.write(new CopyRangesStored(OTHER, "forgotten"));
      replicate();
      layer.write(new MappingStored(TABLE, "after"));
      layer.write(new CopyRangesStored(TABLE, "ranges"));
      layer.write(new TableForgotten(OTHER));
      LayerContents acknowledged = LayerContents.of(layer);
      promote();
      assertLost(layer::proveOwnership);

      assertThat(LayerContents.of(layer)).isEqualTo(acknowledged);
    }
  }

  /** No other process can have been the owner: its epoch would be greater. */
  @Test
  void theEpochIsPutBackToo() {
    try (PostgresLayer layer = layer()) {
      layer.write(new MappingStored(TABLE, "before"));
      replicate();
      String epoch = database.value("select epoch from pgetl.pipeline");
      layer.write(new MappingStored(TABLE, "after"));
      promote();
      database.execute("update pgetl.pipeline set epoch = 1");
      assertLost(layer::proveOwnership);

      assertThat(LayerContents.of(layer).mappings()).containsEntry(TABLE, "after");
      assertThat(database.value("select epoch from pgetl.pipeline")).isEqualTo(epoch);
    }
  }

  /** The write that failed may have happened: it is left as it is found. */
  @Test
  void aWriteThatFailedIsNotPutBackAndNotTakenBack() {
    try (MemoryStore store = new MemoryStore(layer())) {
      store.updateTableReplicationState(TABLE, new Init());
      replicate();
      promote();
      assertLost(() -> store.updateTableReplicationState(TABLE, new Ready()));
      assertThat(store.loadTableReplicationStates()).isEqualTo(1);
      assertThat(store.getTableReplicationState(TABLE)).contains(new Init());

      replicate();
      database.execute(
          "insert into standby.table_phase select pipeline_id, table_oid, step + 1,"
              + " '{\"change\":\"phase\",\"table\":16384,\"phase\":\"Ready\"}', stored_at"
              + " from standby.table_phase");
      promote();
      assertLost(() -> store.updateTableReplicationState(TABLE, new Ready()));
      assertThat(store.loadTableReplicationStates()).isEqualTo(1);
      assertThat(store.getTableReplicationState(TABLE)).contains(new Ready());
    }
  }

  private static void assertLost(Runnable call) {
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(call::run)
        .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE));
  }
}

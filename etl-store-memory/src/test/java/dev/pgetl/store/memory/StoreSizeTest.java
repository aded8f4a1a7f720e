package dev.pgetl.store.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.RowScope;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.store.memory.StoreChange.PhaseStored;
import dev.pgetl.store.memory.StoreChange.SchemaStored;
import dev.pgetl.wal.Lsn;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What thousands of tables take of the heap once their state was read from files. */
class StoreSizeTest {
  private static final int TABLES = 10_000;

  /** Some 1,450 are needed: for both layers of the store, and without the columns. */
  private static final int MOST_BYTES_PER_TABLE = 2_200;

  @TempDir private Path directory;

  private static TableSchema schema(int table) {
    List<ColumnSchema> columns =
        IntStream.range(0, 10)
            .mapToObj(i -> ColumnSchema.builder("column_" + i, PgType.base(25, "text")))
            .map(column -> column.nullable(false).build())
            .toList();
    return TableSchema.builder(new TableId(table), new TableName("public", "table_" + table))
        .snapshotLsn(new Lsn(table))
        .columns(columns)
        .scope(new RowScope(1, "t" + table, "insert update delete truncate", "", "", Map.of()))
        .build();
  }

  private void store() {
    try (FileLayer layer = FileLayer.open(directory)) {
      for (TableReplicationPhase phase :
          List.of(new Init(), new DataSync(), new SyncDone(new Lsn(7)), new Ready())) {
        layer.writeAll(changes(table -> new PhaseStored(new TableId(table), phase)));
      }
      layer.writeAll(changes(table -> new SchemaStored(schema(table))));
    }
  }

  private static List<StoreChange> changes(IntFunction<StoreChange> change) {
    List<StoreChange> changes = new ArrayList<>();
    IntStream.range(1, TABLES + 1).mapToObj(change).forEach(changes::add);
    return changes;
  }

  private static long usedBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  @Test
  void theStateOfATableIsSmallAndSharesItsColumns() {
    store();
    long before = usedBytes();
    try (FileLayer layer = FileLayer.open(directory)) {
      MemoryStore store = new MemoryStore(layer);
      assertThat(store.loadTableReplicationStates()).isEqualTo(TABLES);
      assertThat(store.loadTableSchemas()).isEqualTo(TABLES);

      assertThat((usedBytes() - before) / TABLES).isLessThan(MOST_BYTES_PER_TABLE);
      assertThat(distinct(store)).as("objects for equal columns").hasSize(1);
    }
  }

  private static Set<Object> distinct(MemoryStore store) {
    Set<Object> distinct = Collections.newSetFromMap(new IdentityHashMap<>());
    store.getTableSchemas().forEach(schema -> distinct.add(schema.columns()));
    return distinct;
  }
}

package dev.pgetl.store.memory;

import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Map;

/** All that a layer holds, to be compared. */
public record LayerContents(
    Map<TableId, List<TableReplicationPhase>> histories,
    Map<TableId, Map<Lsn, TableSchema>> versions,
    Map<TableId, String> mappings,
    Map<String, ReplicationProgress> progress,
    Map<TableId, String> copies) {

  /** What a layer holds now. */
  public static LayerContents of(PersistentLayer layer) {
    StoreState state = new StoreState();
    layer.read(state::apply);
    return new LayerContents(
        Map.copyOf(state.histories()),
        Map.copyOf(state.versions()),
        Map.copyOf(state.mappings()),
        Map.copyOf(state.progress()),
        Map.copyOf(state.copies()));
  }
}

package dev.pgetl.internal.runtime.lineage;

import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.SchemaStore;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Optional;

/**
 * Versions of tables that a promoted server lacks. They were stored when their transactions were
 * read, which is before the destination receives them. Should the new server alter a table in the
 * same way, the destination has to be notified of it. Stateless.
 */
final class LostVersions {
  private LostVersions() {}

  /**
   * Replaces them by the last version that is on both servers. A store removes no single version.
   * What may differ from the source, as far as it is known, is kept.
   *
   * @param tables the tables whose changes the stream delivers
   * @param branch where the old timeline ended
   */
  static void forget(SchemaStore store, List<TableId> tables, Lsn branch) {
    for (TableId table : tables) {
      store.getTableSchema(table, branch).ifPresent(kept -> forget(store, kept, branch));
    }
  }

  private static void forget(SchemaStore store, TableSchema kept, Lsn branch) {
    Optional<TableSchema> version = store.getTableSchema(kept.id());
    while (version.isPresent() && version.get().snapshotLsn().isAfter(branch)) {
      TableSchema lost = version.get();
      store.storeTableSchema(
          kept.toBuilder()
              .snapshotLsn(lost.snapshotLsn())
              .scope(lost.scope().or(kept::scope).orElse(null))
              .difference(lost.difference().or(kept::difference).orElse(null))
              .build());
      version = store.getTableSchema(kept.id(), lost.snapshotLsn().plus(-1));
    }
  }
}

package dev.pgetl.store.memory;

import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.util.Map;
import java.util.Objects;

/**
 * One change of a store's state. State is the sum of the changes since the beginning, in their
 * order; a {@link PersistentLayer} keeps it in any form that gives the same sum.
 */
public sealed interface StoreChange {

  /**
   * A table entered a phase; its earlier phases are kept as its history.
   *
   * @param table the table
   * @param phase the phase it has from now on
   */
  record PhaseStored(TableId table, TableReplicationPhase phase) implements StoreChange {
    public PhaseStored {
      Objects.requireNonNull(table, "table");
      if (!phase.isStored()) {
        throw new IllegalArgumentException("phase " + phase.name() + " is never stored");
      }
    }
  }

  /**
   * A table's newest phase is removed, so that the previous one is current again.
   *
   * @param table the table, one with at least two phases
   */
  record PhaseRolledBack(TableId table) implements StoreChange {
    public PhaseRolledBack {
      Objects.requireNonNull(table, "table");
    }
  }

  /**
   * A version of a table's schema is known; it replaces one of the same table and position.
   *
   * @param schema the version
   */
  record SchemaStored(TableSchema schema) implements StoreChange {
    public SchemaStored {
      Objects.requireNonNull(schema, "schema");
    }
  }

  /**
   * Schema versions that no replay needs are removed: for each table named, those older than its
   * newest version at or before the position.
   *
   * @param retention the earliest position still needed, per table
   */
  record SchemasPruned(Map<TableId, Lsn> retention) implements StoreChange {
    public SchemasPruned {
      retention = Map.copyOf(retention);
    }
  }

  /**
   * A table has a name in the destination.
   *
   * @param table the table
   * @param destinationTable its name there
   */
  record MappingStored(TableId table, String destinationTable) implements StoreChange {
    public MappingStored {
      Objects.requireNonNull(table, "table");
      Objects.requireNonNull(destinationTable, "destinationTable");
    }
  }

  /**
   * A slot has reached a position, which replaces its previous one.
   *
   * @param progress the slot, its lineage and the position
   */
  record ProgressStored(ReplicationProgress progress) implements StoreChange {
    public ProgressStored {
      Objects.requireNonNull(progress, "progress");
    }
  }

  /**
   * The state of a slot is removed.
   *
   * @param slotName the slot
   */
  record ProgressDeleted(String slotName) implements StoreChange {
    public ProgressDeleted {
      Objects.requireNonNull(slotName, "slotName");
    }
  }

  /**
   * What is known of the copy of a table; it replaces what was known before.
   *
   * <p>The text may hold values of keys, so {@code toString()} shows its length only.
   *
   * @param table the table
   * @param ranges the text, whose meaning only the pipeline knows
   */
  record CopyRangesStored(TableId table, String ranges) implements StoreChange {
    public CopyRangesStored {
      Objects.requireNonNull(table, "table");
      Objects.requireNonNull(ranges, "ranges");
    }

    @Override
    public String toString() {
      return "CopyRangesStored[table=%s, %d characters]".formatted(table, ranges.length());
    }
  }

  /**
   * What is known of the copy of a table is removed.
   *
   * @param table the table
   */
  record CopyRangesDeleted(TableId table) implements StoreChange {
    public CopyRangesDeleted {
      Objects.requireNonNull(table, "table");
    }
  }

  /**
   * The state of a table is removed: its phases with their history, its schema versions, its
   * mapping and the ranges of its copy.
   *
   * @param table the table
   */
  record TableForgotten(TableId table) implements StoreChange {
    public TableForgotten {
      Objects.requireNonNull(table, "table");
    }
  }
}

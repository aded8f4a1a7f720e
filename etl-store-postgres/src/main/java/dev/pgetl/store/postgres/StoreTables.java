package dev.pgetl.store.postgres;

import dev.pgetl.error.EtlException;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.memory.PersistentLayer;
import dev.pgetl.store.memory.StoreChange;
import dev.pgetl.store.memory.StoreChange.CopyRangesDeleted;
import dev.pgetl.store.memory.StoreChange.CopyRangesStored;
import dev.pgetl.store.memory.StoreChange.MappingStored;
import dev.pgetl.store.memory.StoreChange.PhaseRolledBack;
import dev.pgetl.store.memory.StoreChange.PhaseStored;
import dev.pgetl.store.memory.StoreChange.ProgressDeleted;
import dev.pgetl.store.memory.StoreChange.ProgressStored;
import dev.pgetl.store.memory.StoreChange.SchemaStored;
import dev.pgetl.store.memory.StoreChange.SchemasPruned;
import dev.pgetl.store.memory.StoreChange.TableForgotten;
import dev.pgetl.store.memory.StoreChangeJson;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One pipeline's rows: changes as statements and back. Every change is one statement: atomic, and
 * one round trip. In each, {@code #} is the pipeline's number, which only the server process that
 * holds the lock computes. Owned by one thread at a time.
 */
final class StoreTables {
  private static final String STORE_PHASE =
      """
      with forgotten as (
        delete from @.table_phase where pipeline_id = # and table_oid = ? and step <= (
          select step from @.table_phase where pipeline_id = # and table_oid = ?
          order by step desc offset ? limit 1))
      insert into @.table_phase (pipeline_id, table_oid, change) values (#, ?, ?::json)
      """;

  private static final String READ_PHASES =
      "select 'table_phase', change from @.table_phase where pipeline_id = #"
          + " order by table_oid, step";

  /** Everything that needs no order, in one round trip: others wait for a process that starts. */
  private static final String READ_REST =
      """
      select 'table_schema', change::text, null, null, null::int, null, null
      from @.table_schema where pipeline_id = #
      union all
      select 'table_mapping', change::text, null, null, null, null, null
      from @.table_mapping where pipeline_id = #
      union all
      select 'table_copy', change::text, null, null, null, null, null
      from @.table_copy where pipeline_id = #
      union all
      select 'slot_progress', null, slot_name, system_identifier, timeline, slot_created_at::text,
        flushed_lsn::text
      from @.slot_progress where pipeline_id = #
      """;

  private final Connection connection;
  private final String schema;
  private final String pipeline;
  private final StoreFailures failures;

  StoreTables(
      Connection connection, Backend backend, String schema, int pipeline, StoreFailures failures) {
    this.connection = connection;
    this.schema = TableName.quote(schema);
    this.pipeline = backend.only(pipeline);
    this.failures = failures;
  }

  void write(StoreChange change) throws SQLException {
    if (change instanceof PhaseStored stored) {
      run(STORE_PHASE, phaseOf(stored));
    } else if (change instanceof PhaseRolledBack rolledBack) {
      rollBack(rolledBack.table());
    } else if (change instanceof SchemaStored stored) {
      storeSchema(stored);
    } else if (change instanceof SchemasPruned pruned) {
      prune(pruned.retention());
    } else if (change instanceof MappingStored stored) {
      storeOne("table_mapping", stored.table(), stored);
    } else if (change instanceof ProgressStored stored) {
      storeProgress(stored.progress());
    } else if (change instanceof ProgressDeleted deleted) {
      run(
          "delete from @.slot_progress where pipeline_id = # and slot_name = ?",
          deleted.slotName());
    } else if (change instanceof CopyRangesStored stored) {
      storeOne("table_copy", stored.table(), stored);
    } else if (change instanceof CopyRangesDeleted deleted) {
      run(
          "delete from @.table_copy where pipeline_id = # and table_oid = ?",
          deleted.table().oid());
    } else if (change instanceof TableForgotten forgotten) {
      forget(forgotten.table());
    } else {
      throw new IllegalStateException("unknown change " + change.getClass().getSimpleName());
    }
  }

  /** Phases that follow each other are sent together, and commit together. */
  void writeAll(List<StoreChange> changes) throws SQLException {
    List<Object[]> phases = new ArrayList<>();
    for (StoreChange change : changes) {
      if (change instanceof PhaseStored stored) {
        phases.add(phaseOf(stored));
      } else {
        storePhases(phases);
        write(change);
      }
    }
    storePhases(phases);
  }

  private void storePhases(List<Object[]> phases) throws SQLException {
    Sql.runAll(connection, sql(STORE_PHASE), phases);
    phases.clear();
  }

  /** Asks the server process that holds the lock; any other fails. */
  void proveOwnership() throws SQLException {
    boolean unused = Sql.one(connection, row -> true, "select " + pipeline).isPresent();
  }

  private static Object[] phaseOf(PhaseStored stored) {
    long table = stored.table().oid();
    return new Object[] {
      table, table, PersistentLayer.PHASE_HISTORY - 1, table, StoreChangeJson.write(stored)
    };
  }

  private void rollBack(TableId table) throws SQLException {
    run(
        """
        delete from @.table_phase where pipeline_id = # and table_oid = ? and step = (
          select max(step) from @.table_phase where pipeline_id = # and table_oid = ?)
        """,
        table.oid(),
        table.oid());
  }

  private void storeSchema(SchemaStored stored) throws SQLException {
    TableSchema version = stored.schema();
    run(
        """
        insert into @.table_schema (pipeline_id, table_oid, snapshot_lsn, change)
        values (#, ?, ?::pg_lsn, ?::json)
        on conflict (pipeline_id, table_oid, snapshot_lsn)
        do update set change = excluded.change, stored_at = now()
        """,
        version.id().oid(),
        version.snapshotLsn().toString(),
        StoreChangeJson.write(stored));
  }

  private void prune(Map<TableId, Lsn> retention) throws SQLException {
    List<Map.Entry<TableId, Lsn>> entries = List.copyOf(retention.entrySet());
    Object[] tables = entries.stream().map(entry -> entry.getKey().oid()).toArray();
    Object[] positions = entries.stream().map(entry -> entry.getValue().toString()).toArray();
    run(
        """
        delete from @.table_schema s
        using unnest(?::bigint[], ?::text[]) as needed (table_oid, lsn)
        where s.pipeline_id = # and s.table_oid = needed.table_oid and s.snapshot_lsn < (
          select max(snapshot_lsn) from @.table_schema
          where pipeline_id = # and table_oid = needed.table_oid
          and snapshot_lsn <= needed.lsn::pg_lsn)
        """,
        connection.createArrayOf("int8", tables),
        connection.createArrayOf("text", positions));
  }

  /** Stores the only row that a table has in one of the store's tables. */
  private void storeOne(String rows, TableId table, StoreChange stored) throws SQLException {
    run(
        """
        insert into @.%s (pipeline_id, table_oid, change) values (#, ?, ?::json)
        on conflict (pipeline_id, table_oid) do update set change = excluded.change, stored_at = now()
        """
            .formatted(rows),
        table.oid(),
        StoreChangeJson.write(stored));
  }

  private void storeProgress(ReplicationProgress progress) throws SQLException {
    SlotLineage lineage = progress.lineage();
    run(
        """
        insert into @.slot_progress as p
          (pipeline_id, slot_name, system_identifier, timeline, slot_created_at, flushed_lsn)
        values (#, ?, ?, ?, ?::pg_lsn, ?::pg_lsn)
        on conflict (pipeline_id, slot_name) do update set
          system_identifier = excluded.system_identifier, timeline = excluded.timeline,
          slot_created_at = excluded.slot_created_at, flushed_lsn = excluded.flushed_lsn,
          stored_at = now()
        """,
        progress.slotName(),
        lineage.systemIdentifier(),
        lineage.timeline(),
        lineage.slotCreatedAt().toString(),
        progress.flushedLsn().toString());
  }

  private void forget(TableId table) throws SQLException {
    run(
        """
        with phases as (
            delete from @.table_phase where pipeline_id = # and table_oid = ?),
          versions as (
            delete from @.table_schema where pipeline_id = # and table_oid = ?),
          copies as (
            delete from @.table_copy where pipeline_id = # and table_oid = ?)
        delete from @.table_mapping where pipeline_id = # and table_oid = ?
        """,
        table.oid(),
        table.oid(),
        table.oid(),
        table.oid());
  }

  private void run(String command, Object... arguments) throws SQLException {
    Sql.run(connection, sql(command), arguments);
  }

  private String sql(String statement) {
    return statement.replace("#", pipeline).replace("@", schema);
  }

  void read(Consumer<StoreChange> sink) throws SQLException {
    Sql.each(connection, row -> sink.accept(read(row)), sql(READ_PHASES));
    Sql.each(connection, row -> sink.accept(read(row)), sql(READ_REST));
  }

  private StoreChange read(ResultSet row) throws SQLException {
    String table = row.getString(1);
    return table.equals("slot_progress")
        ? new ProgressStored(progress(row))
        : change(row.getString(2), table);
  }

  private StoreChange change(String json, String table) {
    try {
      return StoreChangeJson.read(json);
    } catch (EtlException e) {
      throw failures.corrupt("read " + schema + "." + table + ": unknown content", e);
    }
  }

  private static ReplicationProgress progress(ResultSet row) throws SQLException {
    SlotLineage lineage =
        new SlotLineage(row.getString(4), row.getInt(5), Lsn.parse(row.getString(6)));
    return new ReplicationProgress(row.getString(3), lineage, Lsn.parse(row.getString(7)));
  }
}

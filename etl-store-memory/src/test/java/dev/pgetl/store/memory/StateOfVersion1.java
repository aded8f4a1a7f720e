package dev.pgetl.store.memory;

import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.store.memory.StoreChange.MappingStored;
import dev.pgetl.store.memory.StoreChange.PhaseRolledBack;
import dev.pgetl.store.memory.StoreChange.PhaseStored;
import dev.pgetl.store.memory.StoreChange.ProgressDeleted;
import dev.pgetl.store.memory.StoreChange.ProgressStored;
import dev.pgetl.store.memory.StoreChange.SchemaStored;
import dev.pgetl.store.memory.StoreChange.SchemasPruned;
import dev.pgetl.store.memory.StoreChange.TableForgotten;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Map;

/**
 * Changes of every kind, as files and tables of version 1 keep them. Never changed: what was
 * written once is read by every later version.
 */
public final class StateOfVersion1 {
  private static final TableId USERS = new TableId(16384);
  private static final TableId ORDERS = new TableId(0xFFFFFFFFL);
  private static final TableId GONE = new TableId(16390);
  private static final SlotLineage LINEAGE = new SlotLineage("7431", 2, new Lsn(0x16B3748));

  private StateOfVersion1() {}

  /** The changes, in order. */
  public static List<StoreChange> changes() {
    return List.of(
        new PhaseStored(USERS, new Init()),
        new PhaseStored(USERS, new DataSync()),
        new SchemaStored(users(0x10)),
        new PhaseStored(USERS, new FinishedCopy()),
        new PhaseStored(USERS, new SyncDone(new Lsn(0x1_0000_0020L))),
        new PhaseStored(USERS, new Ready()),
        new PhaseStored(ORDERS, new Errored("refused \"ü\"", "fix it", RetryDirective.MANUAL, 3)),
        new PhaseStored(ORDERS, new Init()),
        new PhaseRolledBack(ORDERS),
        new SchemaStored(users(0x20)),
        new SchemaStored(users(0x30)),
        new SchemasPruned(Map.of(USERS, new Lsn(0x25))),
        new MappingStored(USERS, "users \ud83d\ude00"),
        new PhaseStored(GONE, new Init()),
        new MappingStored(GONE, "gone"),
        new TableForgotten(GONE),
        new ProgressStored(new ReplicationProgress("pgetl_apply_it", LINEAGE, new Lsn(0x40))),
        new ProgressStored(new ReplicationProgress("pgetl_sync_it", LINEAGE, new Lsn(0x50))),
        new ProgressDeleted("pgetl_sync_it"));
  }

  private static TableSchema users(long lsn) {
    PgType text = PgType.base(25, "text");
    PgType mood =
        new PgType(
            16400,
            "public",
            "mood",
            PgType.Kind.COMPOSITE,
            null,
            ',',
            List.of(new PgType.Field("a", text), new PgType.Field("b", PgType.base(23, "int4"))));
    PgType moods = new PgType(16401, "public", "_mood", PgType.Kind.ARRAY, mood, ';', List.of());
    return TableSchema.builder(USERS, new TableName("public", "us\"ers"))
        .snapshotLsn(new Lsn(lsn))
        .replicaIdentity(ReplicaIdentity.FULL)
        .columns(
            List.of(
                ColumnSchema.builder("id", PgType.base(23, "int4"))
                    .modifier(-1)
                    .inReplicaIdentity(true)
                    .attributeNumber(1)
                    .nullable(false)
                    .primaryKeyOrdinal(1)
                    .defaultExpression("nextval('users_id_seq'::regclass)")
                    .build(),
                ColumnSchema.builder("moods", moods)
                    .modifier(7)
                    .attributeNumber(3)
                    .nullable(true)
                    .build()))
        .build();
  }

  /** What they add up to. */
  public static LayerContents contents() {
    return new LayerContents(
        Map.of(
            USERS,
            List.of(
                new Init(),
                new DataSync(),
                new FinishedCopy(),
                new SyncDone(new Lsn(0x1_0000_0020L)),
                new Ready()),
            ORDERS,
            List.of(new Errored("refused \"ü\"", "fix it", RetryDirective.MANUAL, 3))),
        Map.of(USERS, Map.of(new Lsn(0x20), users(0x20), new Lsn(0x30), users(0x30))),
        Map.of(USERS, "users \ud83d\ude00"),
        Map.of("pgetl_apply_it", new ReplicationProgress("pgetl_apply_it", LINEAGE, new Lsn(0x40))),
        Map.of());
  }
}

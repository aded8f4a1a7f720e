package dev.pgetl.internal.decode;

import dev.pgetl.schema.BuiltinTypes;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The tables a session has described. Every description is kept, also of tables the stream does not
 * deliver (yet): Postgres does not repeat it when they are handed over. Owned by the decoder's
 * thread.
 */
final class RelationCache {
  /** A table as last described. */
  static final class Relation {
    private final TableId id;
    private TableSchema wire;
    private @Nullable TableSchema announced;
    private @Nullable TableSchema previous;
    private @Nullable Lsn decidedFor;
    private long generation = StreamTables.NOT_OURS;

    private Relation(TableSchema wire) {
      this.id = wire.id();
      this.wire = wire;
    }

    TableSchema wire() {
      return wire;
    }

    /** The version rows have, once the destination knows it; null if that has to be found out. */
    @Nullable TableSchema announced() {
      return announced;
    }

    void announce(TableSchema version) {
      announced = version;
      previous = version;
    }
  }

  private static final int COLUMN_BYTES = 10;

  private final StreamTables tables;
  private final Map<Long, Relation> relations = new HashMap<>();
  private @Nullable Relation last;

  RelationCache(StreamTables tables) {
    this.tables = tables;
  }

  /** The relation a change names. */
  Relation get(WireReader in) {
    long oid = in.uint32();
    Relation hit = last;
    if (hit == null || hit.id.oid() != oid) {
      hit = relations.get(oid);
      if (hit == null) {
        throw WireReader.malformed("a change of table " + oid + ", which was not described before");
      }
      last = hit;
    }
    return hit;
  }

  /** Reads a Relation message. One that repeats the last may be due to a changed primary key. */
  void remember(WireReader in) {
    long oid = in.uint32();
    if (oid == 0) {
      throw WireReader.malformed("a table without OID");
    }
    String schema = in.string();
    TableName name = new TableName(schema.isEmpty() ? "pg_catalog" : schema, in.string());
    ReplicaIdentity identity = identity(in.int8());
    TableSchema wire =
        TableSchema.builder(new TableId(oid), name)
            .replicaIdentity(identity)
            .columns(columns(in))
            .build();
    Relation known = relations.get(oid);
    if (known == null) {
      relations.put(oid, new Relation(wire));
    } else {
      known.wire = wire;
      known.announced = null;
    }
  }

  /**
   * Whether the stream delivers a table's changes of a transaction; asked once for both. What was
   * announced of a table that has changed hands since is not known to the destination any more.
   */
  boolean accepts(Relation relation, Lsn commitLsn) {
    if (!Objects.equals(relation.decidedFor, commitLsn)) {
      long generation = tables.generation(relation.id, commitLsn);
      relation.decidedFor = commitLsn;
      if (generation != relation.generation) {
        relation.generation = generation;
        relation.announced = null;
        relation.previous = null;
      }
    }
    return relation.generation != StreamTables.NOT_OURS;
  }

  /**
   * The version the destination knows: the last one announced here, otherwise the one in the store.
   */
  @Nullable TableSchema before(Relation relation, Lsn commitLsn) {
    return relation.previous != null
        ? relation.previous
        : tables.versionBefore(relation.id, commitLsn);
  }

  private static List<ColumnSchema> columns(WireReader in) {
    int count = in.uint16();
    in.require(count * COLUMN_BYTES);
    List<ColumnSchema> columns = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      boolean key = (in.int8() & 1) != 0;
      String name = in.string();
      long type = in.uint32();
      columns.add(
          ColumnSchema.builder(name, BuiltinTypes.find(type).orElse(PgType.unknown(type)))
              .modifier(in.int32())
              .inReplicaIdentity(key)
              .build());
    }
    return columns;
  }

  private static ReplicaIdentity identity(byte code) {
    try {
      return ReplicaIdentity.ofCode((char) (code & 0xFF));
    } catch (IllegalArgumentException e) {
      throw WireReader.malformed("a replica identity of code " + (code & 0xFF));
    }
  }
}

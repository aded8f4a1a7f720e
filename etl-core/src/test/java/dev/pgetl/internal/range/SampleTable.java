package dev.pgetl.internal.range;

import dev.pgetl.data.TableRow;
import dev.pgetl.schema.BuiltinTypes;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.wal.Lsn;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The table these tests copy: {@code (small text, id int8, part int8, large text)} with the primary
 * key {@code (id, part)}. A large value is stored out of line if it begins with {@link #EXTERNAL}.
 */
final class SampleTable {
  static final TableId ID = new TableId(16_384);
  static final TableName NAME = new TableName("public", "orders");
  static final String KEY = "id";
  static final String EXTERNAL = "toast";

  private SampleTable() {}

  /** One row, all of it. */
  record Row(long id, long part, String small, @Nullable String large) {
    static Row of(TableRow row) {
      String small = row.getString(0);
      if (small == null) {
        throw new IllegalArgumentException("a row without its small value");
      }
      return new Row(row.getLong(1), row.getLong(2), small, row.getString(3));
    }

    RowKey key() {
      return new RowKey(id, part);
    }

    Row withKey(RowKey key) {
      return new Row(key.id, key.part, small, large);
    }

    boolean isExternal() {
      return large != null && large.startsWith(EXTERNAL);
    }

    TableRow in(TableSchema version) {
      return TableRow.of(version, small, id, part, large);
    }

    TableRow withoutLarge(TableSchema version) {
      return TableRow.of(version, small, id, part, TableRow.NOT_SENT);
    }
  }

  /** The primary key of a row. */
  record RowKey(long id, long part) implements Comparable<RowKey> {
    private static final Comparator<RowKey> ORDER =
        Comparator.comparingLong(RowKey::id).thenComparingLong(RowKey::part);

    static RowKey of(TableRow row) {
      return new RowKey(row.getLong(1), row.getLong(2));
    }

    TableRow in(TableSchema version) {
      return TableRow.of(version, TableRow.NOT_SENT, id, part, TableRow.NOT_SENT);
    }

    @Override
    public int compareTo(RowKey other) {
      return ORDER.compare(this, other);
    }
  }

  static TableSchema version(ReplicaIdentity identity) {
    return version(identity, ID, NAME);
  }

  /** {@return a table of the same columns} */
  static TableSchema version(ReplicaIdentity identity, TableId id, TableName name) {
    boolean all = identity == ReplicaIdentity.FULL;
    return TableSchema.builder(id, name)
        .replicaIdentity(identity)
        .columns(List.of(text("small", all), key(KEY, 1), key("part", 2), text("large", all)))
        .build();
  }

  private static ColumnSchema text(String name, boolean inIdentity) {
    return ColumnSchema.builder(name, BuiltinTypes.named("text"))
        .inReplicaIdentity(inIdentity)
        .build();
  }

  private static ColumnSchema key(String name, int ordinal) {
    return ColumnSchema.builder(name, BuiltinTypes.named("int8"))
        .inReplicaIdentity(true)
        .nullable(false)
        .primaryKeyOrdinal(ordinal)
        .build();
  }

  static CopyOrigin origin(Lsn slot) {
    return new CopyOrigin(new SlotLineage("7123456789012345678", 1, slot), slot, "a digest", false);
  }
}

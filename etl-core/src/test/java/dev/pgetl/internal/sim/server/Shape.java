package dev.pgetl.internal.sim.server;

import dev.pgetl.internal.decode.PgOutputBytes;
import dev.pgetl.internal.decode.PgOutputBytes.WireColumn;
import dev.pgetl.schema.BuiltinTypes;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a table looked like at one place in the WAL. The first column is the key.
 *
 * @param columns numbers and names of the columns, in their order
 */
public record Shape(long oid, String name, ReplicaIdentity identity, List<Column> columns) {
  static final int KEY = 1;
  private static final int INT4 = 23;
  private static final int TEXT = 25;

  /** A column; the number stays when the name changes. */
  public record Column(int number, String name) {
    /** {@return whether its values are too long to be stored in their rows} */
    boolean isLong() {
      return number != KEY && number % 2 == 1;
    }
  }

  public Shape {
    columns = List.copyOf(columns);
  }

  TableId id() {
    return new TableId(oid);
  }

  TableName tableName() {
    return new TableName("public", name);
  }

  Shape renamed(String newName) {
    return new Shape(oid, newName, identity, columns);
  }

  Shape with(List<Column> newColumns) {
    return new Shape(oid, name, identity, newColumns);
  }

  private boolean inIdentity(Column column) {
    return identity == ReplicaIdentity.FULL || column.number() == KEY;
  }

  byte[] relation() {
    WireColumn[] wire =
        columns.stream()
            .map(each -> new WireColumn(each.name(), type(each), -1, inIdentity(each)))
            .toArray(WireColumn[]::new);
    return PgOutputBytes.relation(oid, name, identity.code(), wire);
  }

  private static int type(Column column) {
    return column.number() == KEY ? INT4 : TEXT;
  }

  /** {@return the shape as the catalogue describes it} */
  TableSchema schema(Lsn at) {
    List<ColumnSchema> described = new ArrayList<>();
    for (Column column : columns) {
      boolean key = column.number() == KEY;
      described.add(
          ColumnSchema.builder(column.name(), BuiltinTypes.find(type(column)).orElseThrow())
              .inReplicaIdentity(inIdentity(column))
              .attributeNumber(column.number())
              .nullable(!key)
              .primaryKeyOrdinal(key ? 1 : 0)
              .build());
    }
    return TableSchema.builder(id(), tableName())
        .snapshotLsn(at)
        .replicaIdentity(identity)
        .columns(described)
        .build();
  }

  /** {@return the cells of a row in the order of the columns} */
  List<@Nullable String> cells(Row row) {
    List<@Nullable String> cells = new ArrayList<>();
    columns.forEach(column -> cells.add(row.cell(column.number())));
    return cells;
  }
}

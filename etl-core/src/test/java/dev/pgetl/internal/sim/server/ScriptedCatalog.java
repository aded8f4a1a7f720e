package dev.pgetl.internal.sim.server;

import dev.pgetl.internal.capture.catalog.Catalog;
import dev.pgetl.schema.BuiltinTypes;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the catalogue of now says. */
final class ScriptedCatalog implements Catalog {
  private final ScriptedSource source;

  ScriptedCatalog(ScriptedSource source) {
    this.source = source;
  }

  @Override
  public Optional<PgType> knownType(long oid) {
    return BuiltinTypes.find(oid);
  }

  @Override
  public PgType type(long oid) {
    return BuiltinTypes.find(oid).orElseThrow();
  }

  @Override
  public TableSchema withHints(TableSchema version) {
    source.ask("look up table " + version.id());
    Table table = source.disk().tables.get(version.id().oid());
    if (table == null) {
      return version;
    }
    TableSchema now = table.shape().schema(Lsn.ZERO);
    List<ColumnSchema> hinted = new ArrayList<>();
    for (ColumnSchema column : version.columns()) {
      int place = now.indexOf(column.name());
      boolean same = place >= 0 && now.column(place).type().equals(column.type());
      hinted.add(same ? now.column(place) : column);
    }
    return inOrder(hinted) ? version.toBuilder().columns(hinted).build() : version;
  }

  private static boolean inOrder(List<ColumnSchema> columns) {
    List<Integer> known =
        columns.stream().map(ColumnSchema::attributeNumber).filter(number -> number > 0).toList();
    return known.equals(known.stream().sorted().distinct().toList());
  }

  @Override
  public Map<TableId, TableName> partitions(TableId root) {
    return Map.of();
  }

  @Override
  public boolean hadRows(TableId root, Set<TableId> attached) {
    return false;
  }
}

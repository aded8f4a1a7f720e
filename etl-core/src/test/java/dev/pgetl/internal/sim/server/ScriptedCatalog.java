package dev.pgetl.internal.sim.server;

import dev.pgetl.internal.capture.catalog.Catalog;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.facts.ColumnFacts;
import dev.pgetl.internal.capture.facts.Dated;
import dev.pgetl.internal.capture.facts.Moment;
import dev.pgetl.internal.capture.facts.TableFacts;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What the catalogue of now says. */
final class ScriptedCatalog implements Catalog {
  private final ScriptedSource source;

  ScriptedCatalog(ScriptedSource source) {
    this.source = source;
  }

  @Override
  public Map<TableId, TableFacts> facts(TableSchema wire, Collection<TableId> others) {
    source.ask("look up table " + wire.id());
    Map<TableId, TableFacts> facts = new HashMap<>();
    Stream.concat(Stream.of(wire.id()), others.stream())
        .filter(id -> source.disk().tables.containsKey(id.oid()))
        .forEach(id -> facts.put(id, facts(source.disk().table(id.oid()))));
    return facts;
  }

  private TableFacts facts(Table table) {
    List<ColumnFacts> columns =
        table.shape().schema(Lsn.ZERO).columns().stream()
            .map(column -> facts(column, table))
            .toList();
    return new TableFacts(
        new Moment(source.disk().upcoming(), source.cluster().running()),
        columns,
        Dated.always(List.of(Shape.KEY)),
        Map.of(),
        null);
  }

  private static ColumnFacts facts(ColumnSchema column, Table table) {
    return new ColumnFacts(
        column.name(),
        column.type().oid(),
        column.modifier(),
        column.attributeNumber(),
        !column.nullable(),
        ColumnFacts.Default.NONE,
        column.inReplicaIdentity(),
        table.writer(column.attributeNumber()));
  }

  @Override
  public Optional<String> difference(PublishedTable published, TableSchema before) {
    source.ask("look up table " + before.id());
    Table table = source.disk().tables.get(before.id().oid());
    return table == null
        ? Optional.empty()
        : facts(table)
            .complete(table.shape().schema(Lsn.ZERO), before, source.disk().upcoming())
            .difference();
  }

  @Override
  public void checkTypes() {}

  @Override
  public long typeChanges() {
    return 0;
  }

  @Override
  public Map<TableId, Map<TableId, TableName>> partitions(Collection<TableId> roots) {
    return Map.of();
  }

  @Override
  public boolean hadRows(TableId root, Set<TableId> attached) {
    return false;
  }

  @Override
  public boolean streamsFollowPartitions() {
    return true;
  }
}

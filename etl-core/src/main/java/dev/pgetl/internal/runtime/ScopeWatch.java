package dev.pgetl.internal.runtime;

import dev.pgetl.internal.capture.Source;
import dev.pgetl.internal.capture.catalog.Catalog;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.RowScope;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.SchemaStore;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares which rows of each table are published with what was so before, also before the last
 * stop. The stream says nothing of rows that begin to be sent, or cease to be, so such a table is
 * reported. Owned by one thread at a time.
 */
final class ScopeWatch {
  private static final Logger LOG = LoggerFactory.getLogger(ScopeWatch.class);

  private final Tables tables;
  private final Source source;
  private final Catalog catalog;
  private final SchemaStore store;
  private final PipelineListener listener;
  private boolean forgetfulStore;
  private Lsn renewal = Lsn.ZERO;

  ScopeWatch(PipelineContext context, Tables tables) {
    this.tables = tables;
    this.source = context.source();
    this.catalog = source.catalog();
    this.store = context.store();
    this.listener = context.listener();
  }

  /**
   * Compares the tables whose rows are copied; of others the copy finds out.
   *
   * @return tables that have left and come back: they need a resync
   */
  List<Table> refresh(List<PublishedTable> published) {
    List<PublishedTable> copied = published.stream().filter(each -> isCopied(each.id())).toList();
    Map<TableId, Map<TableId, TableName>> partitions =
        catalog.partitions(PublishedTable.partitioned(copied));
    List<Table> cameBack = new ArrayList<>();
    for (PublishedTable each : copied) {
      Table table = tables.find(each.id());
      Map<TableId, TableName> leaves = partitions.getOrDefault(each.id(), Map.of());
      if (table != null && refresh(table, each.scope().withPartitions(leaves))) {
        LOG.info("table {} has left the publication and come back: resync", table.name());
        cameBack.add(table);
      } else if (table != null) {
        compareColumns(table, each);
      }
    }
    return cameBack;
  }

  private boolean isCopied(TableId id) {
    Table table = tables.find(id);
    return table != null && table.life().isCopied();
  }

  /**
   * {@return whether the table was not published for a while} If so nothing is remembered: should
   * the process end before the table begins again, the next one has to see it, too.
   */
  private boolean refresh(Table table, RowScope now) {
    Optional<TableSchema> newest = store.getTableSchema(table.id());
    RowScope before = newest.flatMap(TableSchema::scope).orElse(table.notes().scope());
    if (newest.isEmpty() || now.equals(before)) {
      return false;
    }
    Optional<String> changed = before == null ? Optional.empty() : now.changeSince(before);
    if (before != null && changed.isEmpty() && now.cameBackSince(before)) {
      return true;
    }
    Optional<String> ofPartitions =
        before == null
            ? Optional.empty()
            : ofPartitions(table, before.partitions(), now.partitions());
    Optional<String> difference = changed.or(() -> ofPartitions);
    difference.ifPresent(reason -> tables.differs(table.id(), reason));
    table.notes().scope(now);
    remember(newest.get(), now, difference);
    return false;
  }

  /** Once for each shape that is seen: the stream reports it with the next change only. */
  private void compareColumns(Table table, PublishedTable published) {
    String now = published.columns().shape();
    if (!now.equals(table.notes().shape())) {
      store
          .getTableSchema(table.id())
          .filter(newest -> !now.equals(PublishedTable.Columns.of(newest).shape()))
          .ifPresent(
              newest ->
                  catalog
                      .difference(published, newest)
                      .ifPresent(reason -> differs(table, newest, reason)));
      table.notes().shape(now);
    }
  }

  private void differs(Table table, TableSchema newest, String reason) {
    tables.differs(table.id(), reason);
    store.storeTableSchema(newest.toBuilder().difference(reason).build());
  }

  private Optional<String> ofPartitions(
      Table table, Map<TableId, TableName> before, Map<TableId, TableName> now) {
    Map<TableId, TableName> attached = without(now, before);
    Map<TableId, TableName> detached = without(before, now);
    if (attached.isEmpty() && detached.isEmpty()) {
      return Optional.empty();
    }
    if (!catalog.streamsFollowPartitions()) {
      renewal = source.endOfWal().position(); // before the question for rows: later ones are sent
    }
    Set<TableName> came = Set.copyOf(attached.values());
    Set<TableName> went = Set.copyOf(detached.values());
    LOG.info("partitions of {} attached: {}, detached: {}", table.name(), came, went);
    listener.onPartitionsChanged(table.id(), table.name(), came, went);
    return detached.isEmpty() && !catalog.hadRows(table.id(), attached.keySet())
        ? Optional.empty()
        : Optional.of("partitions with rows were attached: " + came + ", detached: " + went);
  }

  /**
   * Partitions may have come or gone before a position without a report: an earlier process may
   * have seen it, and tables that are added to the publication may be partitions.
   */
  void changedBefore(Lsn position) {
    if (renewal.isBefore(position) && !catalog.streamsFollowPartitions()) {
      renewal = position;
    }
  }

  /**
   * A table has another name, or is in another schema. The changes of a partitioned one are those
   * of its leaves, and the server sends its description again only when a leaf is altered.
   */
  void renamed(PublishedTable table) {
    if (table.partitioned()) {
      renewal = source.endOfWal().position();
    }
  }

  /** {@return where a stream that began earlier has to be opened again; zero if nowhere} */
  Lsn renewal() {
    return renewal;
  }

  private static Map<TableId, TableName> without(
      Map<TableId, TableName> partitions, Map<TableId, TableName> others) {
    return partitions.entrySet().stream()
        .filter(leaf -> !others.containsKey(leaf.getKey()))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private void remember(TableSchema newest, RowScope now, Optional<String> difference) {
    String known = difference.or(newest::difference).orElse(null);
    store.storeTableSchema(newest.toBuilder().scope(now).difference(known).build());
    boolean kept = store.getTableSchema(newest.id()).flatMap(TableSchema::scope).isPresent();
    if (!kept && !forgetfulStore) {
      forgetfulStore = true;
      LOG.warn(
          "the store does not keep TableSchema.scope(): what is changed in the publication while the"
              + " pipeline is stopped is not noticed");
    }
  }
}

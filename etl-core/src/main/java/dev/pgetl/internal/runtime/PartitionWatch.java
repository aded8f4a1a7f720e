package dev.pgetl.internal.runtime;

import dev.pgetl.internal.capture.catalog.Catalog;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Table.Partition;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports partitions that were attached to or detached from a table that is published as a whole.
 * The stream says nothing of the rows they bring or take along. Owned by one thread at a time.
 */
final class PartitionWatch {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionWatch.class);
  private final Tables tables;
  private final Catalog catalog;
  private final PipelineListener listener;

  /** Creates a watch that has not looked yet. */
  PartitionWatch(Tables tables, Catalog catalog, PipelineListener listener) {
    this.tables = tables;
    this.catalog = catalog;
    this.listener = listener;
  }

  /** Compares the partitions of published tables; the first time for a table reports nothing. */
  void refresh(List<PublishedTable> published) {
    for (PublishedTable each : published) {
      Table table = tables.find(each.id());
      if (each.partitioned() && table != null) {
        refresh(table);
      }
    }
  }

  private void refresh(Table table) {
    Set<Partition> now =
        catalog.partitions(table.id()).entrySet().stream()
            .map(leaf -> new Partition(leaf.getKey(), leaf.getValue()))
            .collect(Collectors.toUnmodifiableSet());
    Set<Partition> before = table.partitions();
    table.partitions(now);
    if (before != null) {
      report(table, missing(before, now), missing(now, before));
    }
  }

  /** {@return the names of partitions that another set does not hold by identity} */
  private static Set<TableName> missing(Set<Partition> other, Set<Partition> partitions) {
    Set<TableId> ids = other.stream().map(Partition::id).collect(Collectors.toSet());
    return partitions.stream()
        .filter(each -> !ids.contains(each.id()))
        .map(Partition::name)
        .collect(Collectors.toUnmodifiableSet());
  }

  private void report(Table table, Set<TableName> attached, Set<TableName> detached) {
    if (attached.isEmpty() && detached.isEmpty()) {
      return;
    }
    LOG.warn(
        "partitions of {} attached: {}, detached: {}; rows they had then are not in the stream:"
            + " resync the table if there were any",
        table.name(),
        attached,
        detached);
    listener.onPartitionsChanged(table.id(), table.name(), attached, detached);
  }
}

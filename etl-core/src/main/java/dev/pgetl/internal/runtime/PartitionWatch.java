package dev.pgetl.internal.runtime;

import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports partitions that come and go under a table that is published as a whole. The stream says
 * nothing of the rows they bring or take along. Owned by one thread at a time.
 */
final class PartitionWatch {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionWatch.class);
  private static final char PARTITIONED = 'p';

  private final Services services;
  private final Map<TableId, Map<TableId, TableName>> known = new HashMap<>();

  PartitionWatch(Services services) {
    this.services = services;
  }

  /** Looks at the tables of the publication; the first look at a table reports nothing. */
  void look(List<PublishedTable> published) {
    known.keySet().retainAll(published.stream().map(PublishedTable::id).toList());
    for (PublishedTable table : published) {
      if (table.relkind() == PARTITIONED) {
        look(table);
      }
    }
  }

  private void look(PublishedTable table) {
    Map<TableId, TableName> now = services.source().catalog().partitions(table.id());
    Map<TableId, TableName> before = known.put(table.id(), now);
    if (before != null && !before.keySet().equals(now.keySet())) {
      report(table, missing(before, now), missing(now, before));
    }
  }

  private static Set<TableName> missing(
      Map<TableId, TableName> from, Map<TableId, TableName> partitions) {
    return partitions.entrySet().stream()
        .filter(partition -> !from.containsKey(partition.getKey()))
        .map(Map.Entry::getValue)
        .collect(Collectors.toUnmodifiableSet());
  }

  private void report(PublishedTable table, Set<TableName> attached, Set<TableName> detached) {
    LOG.warn(
        "table {} has got partitions {} and lost {}; rows they had then are not in the stream: resync the table if"
            + " there were any",
        table.name(),
        attached,
        detached);
    Observers.tell(
        () ->
            services.listener().onPartitionsChanged(table.id(), table.name(), attached, detached));
  }
}

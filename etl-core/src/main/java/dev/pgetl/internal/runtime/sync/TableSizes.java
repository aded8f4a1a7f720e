package dev.pgetl.internal.runtime.sync;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.Source;
import dev.pgetl.internal.capture.TableSize;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.schema.TableId;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out how large tables are that wait for their copy. Immutable. */
final class TableSizes {
  private static final Logger LOG = LoggerFactory.getLogger(TableSizes.class);

  private final Source source;

  TableSizes(Source source) {
    this.source = source;
  }

  /**
   * Notes the size of tables, with one query for all of them. Never fails: a table whose size is
   * not known is taken for a small one.
   */
  void note(Collection<Table> tables) {
    if (tables.isEmpty()) {
      return;
    }
    Map<TableId, Table> byId = tables.stream().collect(Collectors.toMap(Table::id, each -> each));
    try {
      source.sizes(byId.keySet()).forEach((id, size) -> note(byId.get(id), size));
    } catch (EtlException e) {
      LOG.warn("tables are copied in any order: {}: {}", e.kind(), e.summary());
    }
  }

  private static void note(@Nullable Table table, TableSize size) {
    if (table != null) {
      table.notes().copy().sized(size.bytes(), size.rows());
    }
  }
}

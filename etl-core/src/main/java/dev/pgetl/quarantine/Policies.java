package dev.pgetl.quarantine;

import dev.pgetl.destination.NamedTable;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What becomes of refused events, table by table. A table keeps its policy when it is renamed. */
final class Policies {
  private final RefusalPolicy others;
  private final Map<TableName, RefusalPolicy> named;
  private final int maxInRow;
  private final Map<TableId, RefusalPolicy> known = new ConcurrentHashMap<>();

  Policies(RefusalPolicy others, Map<TableName, RefusalPolicy> named, int maxInRow) {
    this.others = others;
    this.named = Map.copyOf(named);
    this.maxInRow = maxInRow;
  }

  int maxInRow() {
    return maxInRow;
  }

  void published(List<NamedTable> tables) {
    for (NamedTable table : tables) {
      known.putIfAbsent(table.id(), of(table.name()));
    }
  }

  private RefusalPolicy of(TableName name) {
    return named.getOrDefault(name, others);
  }

  private RefusalPolicy of(TableSchema table) {
    return known.computeIfAbsent(table.id(), id -> of(table.name()));
  }

  /** Fails if there is no need to find the event: the table that the refusal names stops. */
  void requireQuarantine(EtlException refusal) {
    RefusalPolicy policy = known.get(new TableId(refusal.tableOid().orElseThrow()));
    if (policy != null) {
      require(policy, refusal);
    }
  }

  /** Fails unless an event of the table is kept. */
  void requireQuarantine(TableSchema table, EtlException refusal) {
    require(of(table), refusal);
  }

  private static void require(RefusalPolicy policy, EtlException refusal) {
    switch (policy) {
      case STOP -> throw refusal;
      case HOLD -> throw held(refusal);
      case QUARANTINE -> {}
    }
  }

  /** Without the table: it is not left out when the retries are used up. */
  private static EtlException held(EtlException refusal) {
    return new EtlException(refusal.kind(), refusal.summary(), refusal)
        .withFix(refusal.fix())
        .withRetry(RetryDirective.TIMED);
  }

  EtlException tooMany(TableSchema table, EtlException refusal) {
    return new EtlException(
            refusal.kind(),
            "more than "
                + maxInRow
                + " events of table "
                + table.name()
                + " were refused in a row, the last one: "
                + refusal.summary(),
            refusal)
        .withTable(table.id().oid())
        .withFix(refusal.fix());
  }
}

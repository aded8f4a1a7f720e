package dev.pgetl.internal.runtime.operate;

import dev.pgetl.destination.Destination;
import dev.pgetl.internal.deliver.Wrapped;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.quarantine.QuarantineStatus;
import dev.pgetl.quarantine.QuarantiningDestination;
import dev.pgetl.schema.TableId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is in quarantine, as a part of the status of tables. Stateless. */
public final class QuarantinedTables {
  private QuarantinedTables() {}

  /**
   * {@return the status of tables with what is in quarantine of them}
   *
   * @param destination that of the pipeline
   * @param tables their status without it
   */
  public static Map<TableId, TableStatus> addTo(
      Destination destination, Map<TableId, TableStatus> tables) {
    QuarantiningDestination guard = Wrapped.find(destination, QuarantiningDestination.class);
    List<QuarantineStatus> quarantined = guard == null ? List.of() : guard.status();
    if (quarantined.isEmpty()) {
      return tables;
    }
    Map<TableId, TableStatus> all = new HashMap<>(tables);
    for (QuarantineStatus each : quarantined) {
      TableStatus unused =
          all.computeIfPresent(each.table(), (id, status) -> status.withQuarantine(each));
    }
    return all;
  }
}

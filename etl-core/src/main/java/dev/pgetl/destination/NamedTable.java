package dev.pgetl.destination;

import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.util.Objects;
import java.util.Set;

/**
 * A published table and its names.
 *
 * @param id the table; stays the same when it is renamed
 * @param name its name now
 * @param earlierNames other names that it has had since the last start of the pipeline, or had at
 *     that start; empty if it was not renamed
 */
public record NamedTable(TableId id, TableName name, Set<TableName> earlierNames) {
  public NamedTable {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(name, "name");
    earlierNames = Set.copyOf(earlierNames);
  }
}

package dev.pgetl.destination;

import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.util.Objects;
import java.util.Set;

/**
 * A published table and its names. The id stays the same when the table is renamed.
 *
 * @param id the table
 * @param name its name now
 * @param earlierNames names that it had since the pipeline's start before this one, or later; empty
 *     if it was not renamed
 */
public record NamedTable(TableId id, TableName name, Set<TableName> earlierNames) {
  public NamedTable {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(name, "name");
    earlierNames = Set.copyOf(earlierNames);
  }
}

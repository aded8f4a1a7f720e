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
 * @param copied whether {@link dev.pgetl.config.TableCopyConfig} has its rows copied, even if they
 *     were copied before
 */
public record NamedTable(TableId id, TableName name, Set<TableName> earlierNames, boolean copied) {
  public NamedTable {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(name, "name");
    earlierNames = Set.copyOf(earlierNames);
  }

  /** A table whose rows are copied. */
  public NamedTable(TableId id, TableName name, Set<TableName> earlierNames) {
    this(id, name, earlierNames, true);
  }
}

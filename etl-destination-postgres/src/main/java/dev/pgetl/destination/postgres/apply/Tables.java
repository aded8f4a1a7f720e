package dev.pgetl.destination.postgres.apply;

import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.destination.postgres.state.StateTables;
import dev.pgetl.destination.postgres.table.TargetTables;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** All tables of a pipeline. Thread-safe. */
public final class Tables {
  private final StateTables memory;
  private final TargetTables targets;
  private final UnaryOperator<TableName> names;
  private volatile @Nullable Collection<TableId> published;

  /**
   * Creates it.
   *
   * @param memory what is remembered of them
   * @param targets what they are in the destination
   * @param names maps names of the source to names of the destination
   */
  public Tables(StateTables memory, TargetTables targets, UnaryOperator<TableName> names) {
    this.memory = memory;
    this.targets = targets;
    this.names = names;
  }

  /** {@return the tables as one transaction sees them} */
  public OpenTables open(Session session) {
    return new OpenTables(session, this);
  }

  /** {@return what is remembered} */
  public StateTables memory() {
    return memory;
  }

  /** {@return what the tables are in the destination} */
  public TargetTables targets() {
    return targets;
  }

  /** {@return the name in the destination} */
  public TableName mapped(TableName source) {
    return names.apply(source);
  }

  /** Receives the tables that the source publishes. */
  public void published(Collection<TableId> ids) {
    published = List.copyOf(ids);
  }

  Optional<Collection<TableId>> published() {
    return Optional.ofNullable(published);
  }

  /** Forgets what a failed transaction has found out. */
  public void forget(Collection<TableId> ids) {
    ids.forEach(targets::forget);
  }
}

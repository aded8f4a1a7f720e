package dev.pgetl.destination.postgres.apply;

import dev.pgetl.destination.postgres.sql.Session;
import dev.pgetl.destination.postgres.state.StateTables;
import dev.pgetl.destination.postgres.table.TargetTables;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** All tables of a pipeline. Thread-safe. */
public final class Tables {
  private final StateTables memory;
  private final TargetTables targets;
  private final UnaryOperator<TableName> names;
  private volatile @Nullable Collection<TableId> published;

  /** Tables of calls since then: they were published later, or are written still. */
  private final Set<TableId> used = ConcurrentHashMap.newKeySet();

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
    used.clear();
    published = List.copyOf(ids);
  }

  void used(Collection<TableId> ids) {
    used.addAll(ids);
  }

  /** {@return the tables that the source may have; empty if it is not known} */
  Optional<Collection<TableId>> current() {
    Collection<TableId> known = published;
    if (known == null) {
      return Optional.empty();
    }
    Set<TableId> all = new HashSet<>(known);
    all.addAll(used);
    return Optional.of(all);
  }

  /** Forgets what a failed transaction has found out. */
  public void forget(Collection<TableId> ids) {
    ids.forEach(targets::forget);
  }
}

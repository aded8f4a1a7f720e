package dev.pgetl.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A destination that wraps another one and changes tables on the way: new names, fewer columns,
 * masked values, fewer events.
 *
 * <p>Rules for one table are given by name, and belong to the table that has the name when the
 * pipeline starts, or when the table is first met later: a rename while it runs changes nothing.
 * The start fails if a rule is without a table, or if a table was renamed and its earlier name has
 * rules; so a mistyped name or a rename never lets a value out. Use one such destination per
 * pipeline, with all its rules, directly around the target.
 *
 * <p>Begin, commit and logical messages always pass. A dropped event leaves a gap in the ordinals
 * of a transaction; keys of events stay as they are.
 *
 * <p><b>Threads.</b> As safe as the destination, the transforms and the filters.
 */
public final class TransformingDestination implements Destination {
  private final Destination target;
  private final RuleBook rules;
  private final Map<TableId, Prepared> prepared = new ConcurrentHashMap<>();

  /** The transform for the version of a table that was seen last. */
  private record Prepared(TableSchema source, RowTransform transform) {}

  private TransformingDestination(Builder builder) {
    target = builder.target;
    rules =
        new RuleBook(
            builder.ofAll, builder.byName, builder.notPublishedYet, builder.confirmedRenamings);
  }

  /**
   * {@return a builder of a destination that changes nothing yet}
   *
   * @param target receives the result
   */
  public static Builder around(Destination target) {
    return new Builder(Objects.requireNonNull(target, "target"));
  }

  @Override
  public String name() {
    return target.name();
  }

  @Override
  public void startup() {
    target.startup();
  }

  @Override
  public Optional<Destination> wrapped() {
    return Optional.of(target);
  }

  @Override
  public List<Finding> diagnose() {
    return target.diagnose();
  }

  @Override
  public boolean refusesWholeCalls() {
    return target.refusesWholeCalls();
  }

  @Override
  public long wholeTransactionBytes() {
    return target.wholeTransactionBytes();
  }

  @Override
  public void beginEpoch(Epoch epoch) {
    target.beginEpoch(epoch);
  }

  /**
   * Gives each table the rules of its name, and passes the tables on as they are.
   *
   * @throws EtlException of kind {@code CONFIGURATION} if a rule is without a table, or a table was
   *     renamed whose earlier name has rules
   */
  @Override
  public void tablesPublished(List<NamedTable> tables) {
    rules.published(tables);
    target.tablesPublished(tables);
  }

  @Override
  public void truncateTable(TableSchema table) {
    target.truncateTable(transform(table).table());
  }

  @Override
  public void truncateTable(@Nullable TableSchema last, TableSchema next) {
    target.truncateTable(transformedOrNull(last), transform(next).table());
  }

  @Override
  public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
    return target.beginReplacement(transformedOrNull(last), transform(next).table());
  }

  @Override
  public boolean continueReplacement(TableSchema next) {
    return target.continueReplacement(transform(next).table());
  }

  /** The rules may have been changed to suit the next version, and not suit this one any more. */
  private @Nullable TableSchema transformedOrNull(@Nullable TableSchema last) {
    try {
      return last == null ? null : transform(last).table();
    } catch (EtlException e) {
      return null;
    }
  }

  @Override
  public void tableCopied(TableSchema table) {
    target.tableCopied(transform(table).table());
  }

  /**
   * Passes a removal on if the transform leaves the column of the range as it is: its name and its
   * values. What a transform of the user does is known only if it says so, see {@link
   * RowTransform#leavesUnchanged}.
   */
  @Override
  public boolean removeRange(TableSchema table, KeyRange range) {
    RowTransform transform = transform(table);
    return TransformRules.blamed(table, () -> transform.leavesUnchanged(range.column()))
        && target.removeRange(transform.table(), range);
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    RowTransform transform = transform(table);
    EventFilter filter = rules.of(table).filter();
    List<TableRow> kept = new ArrayList<>(rows.size());
    for (TableRow row : rows) {
      if (TransformRules.blamed(table, () -> filter.keepsCopied(row))) {
        kept.add(TransformRules.blamed(table, () -> TransformRules.apply(transform, row)));
      }
    }
    return target.writeTableRows(transform.table(), List.copyOf(kept));
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    List<Event> kept = new ArrayList<>(events.size());
    for (Event event : events) {
      Event changed = change(event);
      if (changed != null) {
        kept.add(changed);
      }
    }
    return kept.isEmpty() ? WriteResult.DURABLE : target.writeEvents(List.copyOf(kept));
  }

  /** Keys pass unchanged. Of events that are dropped here the target knows nothing, nor has it. */
  @Override
  public Optional<EventSequence> lastApplied(TableId table) {
    return target.lastApplied(table);
  }

  @Override
  public void flush() {
    target.flush();
  }

  @Override
  public void close() {
    target.close();
  }

  /**
   * {@return why rows that the target has lack what a new version of their table says of them;
   * empty if they do not} The pipeline asks it for each new version.
   *
   * <p>{@code ADD COLUMN} with a constant default gives the rows there a value that no event has
   * sent; the target takes it from {@link ColumnSchema#defaultExpression}. Transforms of {@link
   * TableTransform} pass that on, a masked value as the mask makes it, as far as the constant shows
   * how Postgres would send it. One of the user is known to do so only if it {@linkplain
   * RowTransform#leavesUnchanged leaves the column unchanged}.
   *
   * @param before the version before
   * @param next the new version
   * @throws EtlException if the transform does not fit the new version
   */
  public Optional<String> difference(TableSchema before, TableSchema next) {
    RowTransform transform =
        TransformRules.blamed(next, () -> rules.of(next).transform().prepare(next));
    return TransformRules.blamed(next, () -> TransformRules.difference(before, next, transform));
  }

  /** {@return the event as the target sees it, null if it does not} */
  private @Nullable Event change(Event event) {
    if (event instanceof Event.RowChange row) {
      return keeps(row.table(), row)
          ? TransformRules.blamed(row.table(), () -> changeRow(row))
          : null;
    }
    if (event instanceof Event.Truncate truncate) {
      return changeTruncate(truncate);
    }
    if (event instanceof Event.Relation relation) {
      TableSchema table = transform(relation.table()).table();
      return new Event.Relation(relation.transaction(), relation.txOrdinal(), table);
    }
    return event;
  }

  private Event changeRow(Event.RowChange change) {
    RowTransform transform = transform(change.table());
    TableSchema table = transform.table();
    if (change instanceof Event.Insert insert) {
      return new Event.Insert(
          insert.transaction(),
          insert.txOrdinal(),
          table,
          TransformRules.apply(transform, insert.row()));
    }
    if (change instanceof Event.Update update) {
      Event.OldRow old = update.oldRow();
      return new Event.Update(
          update.transaction(),
          update.txOrdinal(),
          table,
          TransformRules.apply(transform, update.row()),
          old == null ? null : changeOld(transform, old));
    }
    Event.Delete delete = (Event.Delete) change;
    return new Event.Delete(
        delete.transaction(), delete.txOrdinal(), table, changeOld(transform, delete.oldRow()));
  }

  private static Event.OldRow changeOld(RowTransform transform, Event.OldRow old) {
    return new Event.OldRow(old.kind(), TransformRules.apply(transform, old.row()));
  }

  private @Nullable Event changeTruncate(Event.Truncate truncate) {
    List<TableSchema> tables =
        truncate.tables().stream()
            .filter(table -> keeps(table, truncate))
            .map(table -> transform(table).table())
            .toList();
    return tables.isEmpty()
        ? null
        : new Event.Truncate(
            truncate.transaction(),
            truncate.txOrdinal(),
            tables,
            truncate.cascade(),
            truncate.restartIdentity());
  }

  private boolean keeps(TableSchema table, Event event) {
    return TransformRules.blamed(table, () -> rules.of(table).filter().keeps(event));
  }

  @SuppressWarnings("ReferenceEquality") // one object is shared by all rows of a version
  private RowTransform transform(TableSchema table) {
    Prepared last = prepared.get(table.id());
    if (last == null || (last.source() != table && !last.source().equals(table))) {
      RowTransform made =
          TransformRules.blamed(table, () -> rules.of(table).transform().prepare(table));
      last =
          new Prepared(
              table, TransformRules.blamed(table, () -> TransformRules.checked(table, made)));
      prepared.put(table.id(), last);
    }
    return last.transform();
  }

  /** Builds a {@link TransformingDestination}. Not thread-safe. */
  public static final class Builder {
    private final Destination target;
    private TableRules ofAll = TableRules.NONE;
    private final Map<TableName, TableRules> byName = new HashMap<>();
    private final Set<TableName> notPublishedYet = new HashSet<>();
    private final Set<RuleBook.Renaming> confirmedRenamings = new HashSet<>();

    private Builder(Destination target) {
      this.target = target;
    }

    /**
     * Changes one table. Transforms apply in the order of these calls, after those for all tables.
     *
     * @param table its name in Postgres at the start
     * @param transform what happens to it
     * @return this builder
     */
    public Builder transform(TableName table, TableTransform transform) {
      return add(table, TableRules.transforming(transform));
    }

    /**
     * Changes all tables.
     *
     * @param transform what happens to each
     * @return this builder
     */
    public Builder transformAll(TableTransform transform) {
      ofAll = ofAll.and(TableRules.transforming(transform));
      return this;
    }

    /**
     * Filters copied rows and events of one table; a later filter sees what the previous one keeps.
     *
     * @param table its name in Postgres at the start
     * @param filter decides which are kept
     * @return this builder
     */
    public Builder filter(TableName table, EventFilter filter) {
      return add(table, TableRules.filtering(filter));
    }

    /**
     * Filters copied rows and events of all tables.
     *
     * @param filter decides which are kept
     * @return this builder
     */
    public Builder filterAll(EventFilter filter) {
      ofAll = ofAll.and(TableRules.filtering(filter));
      return this;
    }

    private Builder add(TableName table, TableRules rules) {
      byName.merge(Objects.requireNonNull(table, "table"), rules, TableRules::and);
      return this;
    }

    /**
     * States that a table with rules may be published later: the start does not require it. Its
     * rules hold from its first row.
     *
     * @param table its name in Postgres when it is published
     * @return this builder
     */
    public Builder notPublishedYet(TableName table) {
      notPublishedYet.add(Objects.requireNonNull(table, "table"));
      return this;
    }

    /**
     * Confirms that a table was renamed and is to have the rules of its new name, although there
     * are rules for the old one: they are another table's now.
     *
     * @param from its earlier name
     * @param to its name now
     * @return this builder
     */
    public Builder renamed(TableName from, TableName to) {
      confirmedRenamings.add(
          new RuleBook.Renaming(
              Objects.requireNonNull(from, "from"), Objects.requireNonNull(to, "to")));
      return this;
    }

    /** {@return the destination} */
    public TransformingDestination build() {
      return new TransformingDestination(this);
    }
  }
}

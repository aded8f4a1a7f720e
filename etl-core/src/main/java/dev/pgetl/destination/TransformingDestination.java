package dev.pgetl.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A destination that wraps another one and changes tables on the way: new names, fewer columns,
 * masked values, fewer events.
 *
 * <p>Begin, commit and logical messages always pass. A dropped event leaves a gap in the ordinals
 * of a transaction; keys of events stay as they are.
 *
 * <p><b>Threads.</b> As safe as the destination, the transforms and the filters.
 */
public final class TransformingDestination implements Destination {
  private static final TableTransform UNCHANGED = ColumnSelection::all;
  private static final EventFilter EVERYTHING = event -> true;

  private final Destination target;
  private final TableTransform transformOfAll;
  private final Map<TableName, TableTransform> transforms;
  private final EventFilter filterOfAll;
  private final Map<TableName, EventFilter> filters;
  private final Map<TableId, Prepared> prepared = new ConcurrentHashMap<>();

  /** The transform for the version of a table that was seen last. */
  private record Prepared(TableSchema source, RowTransform transform) {}

  private TransformingDestination(Builder builder) {
    target = builder.target;
    transformOfAll = builder.transformOfAll;
    transforms = Map.copyOf(builder.transforms);
    filterOfAll = builder.filterOfAll;
    filters = Map.copyOf(builder.filters);
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
  public void truncateTable(TableSchema table) {
    target.truncateTable(transform(table).table());
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    RowTransform transform = transform(table);
    EventFilter filter = filter(table);
    List<TableRow> kept = new ArrayList<>(rows.size());
    for (TableRow row : rows) {
      if (blamed(table, () -> filterOfAll.keepsCopied(row) && filter.keepsCopied(row))) {
        kept.add(blamed(table, () -> transform.apply(row)));
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

  @Override
  public void flush() {
    target.flush();
  }

  @Override
  public void close() {
    target.close();
  }

  /** {@return the event as the target sees it, null if it does not} */
  private @Nullable Event change(Event event) {
    if (event instanceof Event.RowChange row) {
      return keeps(row.table(), row) ? blamed(row.table(), () -> changeRow(row)) : null;
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
          insert.transaction(), insert.txOrdinal(), table, transform.apply(insert.row()));
    }
    if (change instanceof Event.Update update) {
      Event.OldRow old = update.oldRow();
      return new Event.Update(
          update.transaction(),
          update.txOrdinal(),
          table,
          transform.apply(update.row()),
          old == null ? null : changeOld(transform, old));
    }
    Event.Delete delete = (Event.Delete) change;
    return new Event.Delete(
        delete.transaction(), delete.txOrdinal(), table, changeOld(transform, delete.oldRow()));
  }

  private static Event.OldRow changeOld(RowTransform transform, Event.OldRow old) {
    return new Event.OldRow(old.kind(), transform.apply(old.row()));
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
    EventFilter filter = filter(table);
    return blamed(table, () -> filterOfAll.keeps(event) && filter.keeps(event));
  }

  private EventFilter filter(TableSchema table) {
    return filters.getOrDefault(table.name(), EVERYTHING);
  }

  @SuppressWarnings("ReferenceEquality") // one object is shared by all rows of a version
  private RowTransform transform(TableSchema table) {
    Prepared last = prepared.get(table.id());
    if (last == null || (last.source() != table && !last.source().equals(table))) {
      TableTransform own = transforms.getOrDefault(table.name(), UNCHANGED);
      last = new Prepared(table, blamed(table, () -> transformOfAll.andThen(own).prepare(table)));
      prepared.put(table.id(), last);
    }
    return last.transform();
  }

  /**
   * Runs code of the user. Its exception may quote a value, so its type and stack are passed on,
   * but not its text.
   */
  private static <T> T blamed(TableSchema table, Supplier<T> code) {
    try {
      return code.get();
    } catch (EtlException e) {
      throw e.tableOid().isPresent() ? e : e.withTable(table.id().oid());
    } catch (RuntimeException e) {
      EtlException failure =
          new EtlException(
              ErrorKind.DESTINATION_FAILED,
              "transform of table " + table.name() + " threw " + e.getClass().getName());
      failure.setStackTrace(e.getStackTrace());
      throw failure.withTable(table.id().oid());
    }
  }

  /** Builds a {@link TransformingDestination}. Not thread-safe. */
  public static final class Builder {
    private final Destination target;
    private TableTransform transformOfAll = UNCHANGED;
    private final Map<TableName, TableTransform> transforms = new HashMap<>();
    private EventFilter filterOfAll = EVERYTHING;
    private final Map<TableName, EventFilter> filters = new HashMap<>();

    private Builder(Destination target) {
      this.target = target;
    }

    /**
     * Changes one table. Transforms apply in the order of these calls, after those for all tables.
     *
     * @param table its name in Postgres
     * @param transform what happens to it
     * @return this builder
     */
    public Builder transform(TableName table, TableTransform transform) {
      Objects.requireNonNull(transform, "transform");
      transforms.merge(Objects.requireNonNull(table, "table"), transform, TableTransform::andThen);
      return this;
    }

    /**
     * Changes all tables.
     *
     * @param transform what happens to each
     * @return this builder
     */
    public Builder transformAll(TableTransform transform) {
      transformOfAll = transformOfAll.andThen(transform);
      return this;
    }

    /**
     * Filters rows and events of one table; a later filter sees what the previous one keeps.
     *
     * @param table its name in Postgres
     * @param filter decides which are kept
     * @return this builder
     */
    public Builder filter(TableName table, EventFilter filter) {
      Objects.requireNonNull(filter, "filter");
      filters.merge(Objects.requireNonNull(table, "table"), filter, Builder::both);
      return this;
    }

    /**
     * Filters rows and events of all tables.
     *
     * @param filter decides which are kept
     * @return this builder
     */
    public Builder filterAll(EventFilter filter) {
      filterOfAll = both(filterOfAll, Objects.requireNonNull(filter, "filter"));
      return this;
    }

    /** {@return the destination} */
    public TransformingDestination build() {
      return new TransformingDestination(this);
    }

    private static EventFilter both(EventFilter one, EventFilter other) {
      return new EventFilter() {
        @Override
        public boolean keeps(Event event) {
          return one.keeps(event) && other.keeps(event);
        }

        @Override
        public boolean keepsCopied(TableRow row) {
          return one.keepsCopied(row) && other.keepsCopied(row);
        }
      };
    }
  }
}

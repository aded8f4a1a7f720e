package dev.pgetl.testkit.contract;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.NamedTable;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Destinations that go wrong when a copy begins or ends. */
final class CopyMutants {
  private CopyMutants() {}

  static List<DestinationMutant> all() {
    return List.of(
        new DestinationMutant("keeps the key", "d5_keysMayBeSmaller", KeepsTheKey::new),
        new DestinationMutant("writes accepted rows late", "d5_acceptedRows", WritesLate::new),
        new DestinationMutant("keeps the columns", "d12_aCopyMayHaveOther", KeepsColumns::new),
        new DestinationMutant("truncates the new name", "d12_aCopyMayHaveAnother", ByNewName::new),
        new DestinationMutant("wants a last version", "d12_theLastVersion", WantsLast::new),
        new DestinationMutant("completes a copy once", "d13_", CompletesOnce::new),
        new DestinationMutant("empties published tables", "d11_", EmptiesPublished::new),
        new DestinationMutant("wants all tables published", "d11_", WantsPublished::new));
  }

  /** Skips keys that are not larger than the last one of the table, whatever was truncated. */
  private static final class KeepsTheKey extends ReferenceDestination {
    private static final Map<Target, Map<TableId, EventSequence>> LAST = new HashMap<>();

    KeepsTheKey(Target target) {
      super(target);
    }

    @Override
    void apply(Event event) {
      if (event instanceof Event.OfTable change) {
        EventSequence last =
            LAST.computeIfAbsent(target, any -> new HashMap<>())
                .merge(
                    change.table().id(),
                    event.sequence(),
                    (known, next) -> next.compareTo(known) > 0 ? next : known);
        if (!last.equals(event.sequence())) {
          return;
        }
      }
      super.apply(event);
    }
  }

  /** Truncates past what it was given before, which it writes when it is flushed. */
  private static final class WritesLate extends AcceptingDestination {
    WritesLate(Target target) {
      super(target);
    }

    @Override
    public void truncateTable(TableSchema table) {
      synchronized (target) {
        target.requireWorking();
        target.clear(table);
      }
    }
  }

  /** Announces new columns in the stream only. */
  private static final class KeepsColumns extends ReferenceDestination {
    private final Map<TableId, TableSchema> created = new HashMap<>();

    KeepsColumns(Target target) {
      super(target);
    }

    @Override
    void apply(Event event) {
      if (event instanceof Event.Relation relation) {
        created.put(relation.table().id(), relation.table());
      }
      super.apply(event);
    }

    @Override
    @Nullable String cell(TableRow row, int index) {
      TableSchema table = created.computeIfAbsent(row.table().id(), id -> row.table());
      return table.indexOf(row.table().column(index).name()) < 0 ? null : row.text(index);
    }
  }

  /** Knows its tables by name, and empties the one that has the new name. */
  private static final class ByNewName extends ReferenceDestination {
    private final Map<TableId, TableName> names = new HashMap<>();

    ByNewName(Target target) {
      super(target);
    }

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      names.put(table.id(), table.name());
      return super.writeTableRows(table, rows);
    }

    @Override
    public void truncateTable(@Nullable TableSchema last, TableSchema next) {
      if (names.getOrDefault(next.id(), next.name()).equals(next.name())) {
        super.truncateTable(last, next);
      }
    }
  }

  private static final class WantsLast extends ReferenceDestination {
    WantsLast(Target target) {
      super(target);
    }

    @Override
    public void truncateTable(@Nullable TableSchema last, TableSchema next) {
      super.truncateTable(Objects.requireNonNull(last), next);
    }
  }

  private static final class CompletesOnce extends ReferenceDestination {
    private final Set<TableId> complete = new HashSet<>();

    CompletesOnce(Target target) {
      super(target);
    }

    @Override
    public void tableCopied(TableSchema table) {
      if (!complete.add(table.id())) {
        throw new IllegalStateException("complete already");
      }
    }
  }

  private static final class EmptiesPublished extends ReferenceDestination {
    EmptiesPublished(Target target) {
      super(target);
    }

    @Override
    public void tablesPublished(List<NamedTable> tables) {
      synchronized (target) {
        target.clearAll();
      }
    }
  }

  private static final class WantsPublished extends ReferenceDestination {
    private final Set<TableId> published = new HashSet<>();

    WantsPublished(Target target) {
      super(target);
    }

    @Override
    public void tablesPublished(List<NamedTable> tables) {
      tables.forEach(table -> published.add(table.id()));
    }

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      if (!published.isEmpty() && !published.contains(table.id())) {
        throw new IllegalStateException("unknown table");
      }
      return super.writeTableRows(table, rows);
    }
  }
}

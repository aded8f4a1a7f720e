package dev.pgetl.testkit.contract;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Destinations that go wrong when the rows of a range are removed. */
final class RemovalMutants {
  private RemovalMutants() {}

  static List<DestinationMutant> all() {
    return List.of(
        new DestinationMutant("declines", "d14_theAnswer", Declines::new),
        new DestinationMutant("compares texts", "d14_theRows", ComparesTexts::new),
        new DestinationMutant("removes its end", "d14_theRows", RemovesItsEnd::new),
        new DestinationMutant("keeps its first row", "d14_theRows", KeepsItsFirst::new),
        new DestinationMutant("compares doubles", "d14_largeKeys", ComparesDoubles::new),
        new DestinationMutant("needs bounds", "d14_rangesMayBeOpen", NeedsBounds::new),
        new DestinationMutant("compares the last key", "d14_otherTables", ComparesLastKey::new),
        new DestinationMutant("removes of all tables", "d14_otherTables", RemovesOfAll::new),
        new DestinationMutant("needs a table", "d14_nothingNeed", NeedsTable::new),
        new DestinationMutant("removes once", "d14_aRepetition", RemovesOnce::new),
        new DestinationMutant("removes with a flush", "d14_aRemovalSurvives", RemovesLate::new),
        new DestinationMutant("writes accepted rows late", "d14_accepted", WritesLate::new),
        new DestinationMutant("drops accepted rows", "d14_accepted", DropsAccepted::new),
        new DestinationMutant("knows the rows", "d14_rowsThatCome", KnowsRows::new),
        new DestinationMutant("knows the calls", "d14_rowsComeAgain", KnowsCalls::new),
        new DestinationMutant("skips keys it removed", "d14_eventsFollow", SkipsRemoved::new),
        new DestinationMutant("forgets the last key", "d14_theLastKey", ForgetsTheKey::new),
        new DestinationMutant("truncates no more", "d14_aTruncation", TruncatesNoMore::new),
        new DestinationMutant("swallows failures", "d14_failures", SwallowsFailures::new));
  }

  private static final class Declines extends ReferenceDestination {
    Declines(Target target) {
      super(target);
    }

    @Override
    public boolean removeRange(TableSchema table, KeyRange range) {
      return false;
    }
  }

  /** Removes what another idea of the range contains. */
  private abstract static class OwnOrder extends ReferenceDestination {
    OwnOrder(Target target) {
      super(target);
    }

    abstract boolean contains(KeyRange range, String key);

    @Override
    public boolean removeRange(TableSchema table, KeyRange range) {
      int column = table.indexOf(range.column());
      Predicate<TableRow> condition =
          row -> contains(range, Objects.requireNonNull(row.text(column)));
      synchronized (target) {
        target.requireWorking();
        target.remove(table, condition);
      }
      return true;
    }
  }

  private static final class ComparesTexts extends OwnOrder {
    ComparesTexts(Target target) {
      super(target);
    }

    @Override
    boolean contains(KeyRange range, String key) {
      return (range.from() == null || key.compareTo(range.from()) >= 0)
          && (range.to() == null || key.compareTo(range.to()) < 0);
    }
  }

  private static final class RemovesItsEnd extends OwnOrder {
    RemovesItsEnd(Target target) {
      super(target);
    }

    @Override
    boolean contains(KeyRange range, String key) {
      long value = Long.parseLong(key);
      return (range.from() == null || value >= Long.parseLong(range.from()))
          && (range.to() == null || value <= Long.parseLong(range.to()));
    }
  }

  private static final class KeepsItsFirst extends OwnOrder {
    KeepsItsFirst(Target target) {
      super(target);
    }

    @Override
    boolean contains(KeyRange range, String key) {
      long value = Long.parseLong(key);
      return (range.from() == null || value > Long.parseLong(range.from()))
          && (range.to() == null || value < Long.parseLong(range.to()));
    }
  }

  private static final class ComparesDoubles extends OwnOrder {
    ComparesDoubles(Target target) {
      super(target);
    }

    @Override
    boolean contains(KeyRange range, String key) {
      double value = Double.parseDouble(key);
      return (range.from() == null || value >= Double.parseDouble(range.from()))
          && (range.to() == null || value < Double.parseDouble(range.to()));
    }
  }

  private static final class NeedsBounds extends ReferenceDestination {
    NeedsBounds(Target target) {
      super(target);
    }

    @Override
    public boolean removeRange(TableSchema table, KeyRange range) {
      Objects.requireNonNull(range.from());
      Objects.requireNonNull(range.to());
      return super.removeRange(table, range);
    }
  }

  private static final class ComparesLastKey extends ReferenceDestination {
    ComparesLastKey(Target target) {
      super(target);
    }

    @Override
    public boolean removeRange(TableSchema table, KeyRange range) {
      int last = table.primaryKey().size() - 1;
      String column = table.primaryKey().get(last).name();
      return super.removeRange(table, new KeyRange(column, range.from(), range.to()));
    }
  }

  private static final class RemovesOfAll extends ReferenceDestination {
    private final Set<TableSchema> written = new HashSet<>();

    RemovesOfAll(Target target) {
      super(target);
    }

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      synchronized (target) {
        written.add(table);
      }
      return super.writeTableRows(table, rows);
    }

    @Override
    public boolean removeRange(TableSchema table, KeyRange range) {
      synchronized (target) {
        for (TableSchema other : written) {
          String column = other.primaryKey().get(0).name();
          target.remove(other, new KeyRange(column, range.from(), range.to()));
        }
      }
      return super.removeRange(table, range);
    }
  }

  private static final class NeedsTable extends ReferenceDestination {
    NeedsTable(Target target) {
      super(target);
    }

    @Override
    public boolean removeRange(TableSchema table, KeyRange range) {
      synchronized (target) {
        return target.exists(table) && super.removeRange(table, range);
      }
    }
  }

  private static final class RemovesOnce extends ReferenceDestination {
    private final Set<KeyRange> removed = new HashSet<>();

    RemovesOnce(Target target) {
      super(target);
    }

    @Override
    public boolean removeRange(TableSchema table, KeyRange range) {
      return removed.add(range) && super.removeRange(table, range);
    }
  }

  /** Puts the removal behind what it was given before. */
  private static final class RemovesLate extends AcceptingDestination {
    private final List<Runnable> removals = new ArrayList<>();

    RemovesLate(Target target) {
      super(target);
    }

    @Override
    public boolean removeRange(TableSchema table, KeyRange range) {
      synchronized (target) {
        removals.add(() -> target.remove(table, range));
      }
      return true;
    }

    @Override
    public void flush() {
      synchronized (target) {
        super.flush();
        removals.forEach(Runnable::run);
        removals.clear();
      }
    }
  }

  /** Removes past what it was given before, which it writes when it is flushed. */
  private static final class WritesLate extends AcceptingDestination {
    WritesLate(Target target) {
      super(target);
    }

    @Override
    public boolean removeRange(TableSchema table, KeyRange range) {
      synchronized (target) {
        target.requireWorking();
        target.remove(table, range);
      }
      return true;
    }
  }

  /** Forgets all that it was given before and has not written. */
  private static final class DropsAccepted extends AcceptingDestination {
    DropsAccepted(Target target) {
      super(target);
    }

    @Override
    public boolean removeRange(TableSchema table, KeyRange range) {
      synchronized (target) {
        accepted.clear();
        target.requireWorking();
        target.remove(table, range);
      }
      return true;
    }
  }

  /** Takes a row only once until the table is truncated. */
  private static final class KnowsRows extends ReferenceDestination {
    private final Map<TableId, Set<List<@Nullable String>>> known = new HashMap<>();

    KnowsRows(Target target) {
      super(target);
    }

    @Override
    public void truncateTable(TableSchema table) {
      synchronized (target) {
        known.remove(table.id());
      }
      super.truncateTable(table);
    }

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      synchronized (target) {
        Set<List<@Nullable String>> keys = known.computeIfAbsent(table.id(), id -> new HashSet<>());
        return super.writeTableRows(
            table, rows.stream().filter(row -> keys.add(Target.key(row))).toList());
      }
    }
  }

  /** Takes the first call of a process for a repetition if it wrote the same rows before. */
  private static final class KnowsCalls extends ReferenceDestination {
    private static final Map<Target, Set<String>> KNOWN = new HashMap<>();

    private int calls;

    KnowsCalls(Target target) {
      super(target);
    }

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      synchronized (target) {
        StringBuilder name = new StringBuilder(table.id() + " " + calls++);
        rows.forEach(row -> name.append(' ').append(Target.key(row)));
        boolean isNew = KNOWN.computeIfAbsent(target, any -> new HashSet<>()).add(name.toString());
        return isNew ? super.writeTableRows(table, rows) : WriteResult.DURABLE;
      }
    }
  }

  /** Takes the changes of rows that it removed for older than the removal. */
  private static final class SkipsRemoved extends ReferenceDestination {
    private final List<KeyRange> removed = new ArrayList<>();

    SkipsRemoved(Target target) {
      super(target);
    }

    @Override
    public boolean removeRange(TableSchema table, KeyRange range) {
      removed.add(range);
      return super.removeRange(table, range);
    }

    @Override
    void update(Event.Update update) {
      if (removed.stream().noneMatch(range -> range.contains(update.row()))) {
        super.update(update);
      }
    }
  }

  /** Remembers the last key until a removal; a change that comes twice adds a row. */
  private static final class ForgetsTheKey extends ReferenceDestination {
    private static final Map<Target, Map<TableId, EventSequence>> LAST = new HashMap<>();

    ForgetsTheKey(Target target) {
      super(target);
    }

    private Map<TableId, EventSequence> last() {
      return LAST.computeIfAbsent(target, any -> new HashMap<>());
    }

    @Override
    public void truncateTable(TableSchema table) {
      last().remove(table.id());
      super.truncateTable(table);
    }

    @Override
    public boolean removeRange(TableSchema table, KeyRange range) {
      last().remove(table.id());
      return super.removeRange(table, range);
    }

    @Override
    void apply(Event event) {
      if (event instanceof Event.OfTable change) {
        EventSequence known = last().get(change.table().id());
        if (known != null && event.sequence().compareTo(known) <= 0) {
          return;
        }
        last().put(change.table().id(), event.sequence());
      }
      super.apply(event);
    }

    /** A row without a key of its own: its place is its key. */
    @Override
    void update(Event.Update update) {
      TableRow row = update.row();
      if (target.rows(row.table()).containsKey(Target.key(row))) {
        Map<String, @Nullable String> cells = new HashMap<>();
        cells.put("id", row.text(0));
        target.rows(row.table()).put(List.of("again"), cells);
      }
      super.update(update);
    }
  }

  /** Takes a copy that was continued for one that does not start over. */
  private static final class TruncatesNoMore extends ReferenceDestination {
    private final Set<TableId> continued = new HashSet<>();

    TruncatesNoMore(Target target) {
      super(target);
    }

    @Override
    public boolean removeRange(TableSchema table, KeyRange range) {
      continued.add(table.id());
      return super.removeRange(table, range);
    }

    @Override
    public void truncateTable(TableSchema table) {
      if (!continued.contains(table.id())) {
        super.truncateTable(table);
      }
    }
  }

  private static final class SwallowsFailures extends ReferenceDestination {
    SwallowsFailures(Target target) {
      super(target);
    }

    @Override
    public boolean removeRange(TableSchema table, KeyRange range) {
      try {
        return super.removeRange(table, range);
      } catch (EtlException e) {
        return true;
      }
    }
  }
}

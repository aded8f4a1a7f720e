package dev.pgetl.testkit.contract;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Destinations that go wrong when the rows of a copy replace those of a table. */
final class ReplacementMutants {
  private ReplacementMutants() {}

  static List<DestinationMutant> all() {
    return List.of(
        new DestinationMutant("declines", "d15_theAnswer", Declines::new),
        new DestinationMutant("truncates", "d15_theNewRowsCome", Truncates::new),
        new DestinationMutant("shows new rows early", "d15_theNewRowsCome", ShowsEarly::new),
        new DestinationMutant("keeps old rows", "d15_theNewRowsCome", KeepsOld::new),
        new DestinationMutant("needs new rows", "d15_anEmptyTable", NeedsNewRows::new),
        new DestinationMutant("needs a table", "d15_thereNeedBe", NeedsTable::new),
        new DestinationMutant("ends all replacements", "d15_otherTables", EndsAll::new),
        new DestinationMutant("keeps discarded rows", "d15_aCopyStarts", KeepsDiscarded::new),
        new DestinationMutant("truncates old rows only", "d15_aTruncation", TruncatesOld::new),
        new DestinationMutant("replaces no truncated", "d15_rowsOfATruncated", NoTruncated::new),
        new DestinationMutant("writes accepted rows late", "d15_accepted", WritesLate::new),
        new DestinationMutant("keeps the key", "d15_keysMayBe", KeepsTheKey::new),
        new DestinationMutant("ends with nothing", "d15_theEndMayBe", EndsWithNothing::new),
        new DestinationMutant("ends with a flush", "d15_theEndSurvives", EndsLate::new),
        new DestinationMutant("keeps aside in memory", "d15_aReplacementCon", InMemory::new),
        new DestinationMutant("ends when continued", "d15_aReplacementMay", EndsContinued::new),
        new DestinationMutant("removes old rows", "d15_rangesAre", RemovesOld::new),
        new DestinationMutant("does not end", "d15_aRangeMay", DoesNotEnd::new),
        new DestinationMutant("knows no versions", "d15_otherVersions", NoVersions::new),
        new DestinationMutant("alters at once", "d15_theNewRowsMayHaveOther", AltersAtOnce::new),
        new DestinationMutant("finds by name", "d15_theNewRowsMayHaveAnother", ByName::new),
        new DestinationMutant("swallows failures", "d15_failures", SwallowsFailures::new));
  }

  private static final class Declines extends ReferenceDestination {
    Declines(Target target) {
      super(target);
    }

    @Override
    public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
      return false;
    }
  }

  private static final class Truncates extends ReferenceDestination {
    Truncates(Target target) {
      super(target);
    }

    @Override
    public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
      truncateTable(next);
      return super.beginReplacement(last, next);
    }
  }

  private static final class ShowsEarly extends ReferenceDestination {
    ShowsEarly(Target target) {
      super(target);
    }

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      synchronized (target) {
        target.rows(table).putAll(target.copy(table));
      }
      return super.writeTableRows(table, rows);
    }
  }

  private static final class KeepsOld extends ReferenceDestination {
    KeepsOld(Target target) {
      super(target);
    }

    @Override
    public void tableCopied(TableSchema table) {
      synchronized (target) {
        target.rows(table).forEach(target.copy(table)::putIfAbsent);
      }
      super.tableCopied(table);
    }
  }

  private static final class NeedsNewRows extends ReferenceDestination {
    NeedsNewRows(Target target) {
      super(target);
    }

    @Override
    public void tableCopied(TableSchema table) {
      synchronized (target) {
        if (!target.copy(table).isEmpty()) {
          super.tableCopied(table);
        }
      }
    }
  }

  private static final class NeedsTable extends ReferenceDestination {
    NeedsTable(Target target) {
      super(target);
    }

    @Override
    public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
      synchronized (target) {
        if (!target.exists(next)) {
          throw new IllegalStateException("no such table");
        }
        return super.beginReplacement(last, next);
      }
    }
  }

  private static final class EndsAll extends ReferenceDestination {
    private final Set<TableSchema> begun = new HashSet<>();

    EndsAll(Target target) {
      super(target);
    }

    @Override
    public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
      begun.add(next);
      return super.beginReplacement(last, next);
    }

    @Override
    public void tableCopied(TableSchema table) {
      begun.forEach(super::tableCopied);
    }
  }

  /** Adds to what an earlier replacement has left. */
  private static final class KeepsDiscarded extends ReferenceDestination {
    private static final Map<Target, TableSchema> BEGUN = new HashMap<>();

    KeepsDiscarded(Target target) {
      super(target);
    }

    @Override
    public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
      synchronized (target) {
        TableSchema before = BEGUN.put(target, next);
        var left =
            before == null || !target.isAside(before) ? null : Map.copyOf(target.copy(before));
        boolean begun = super.beginReplacement(last, next);
        if (left != null) {
          target.copy(next).putAll(left);
        }
        return begun;
      }
    }
  }

  private static final class TruncatesOld extends ReferenceDestination {
    TruncatesOld(Target target) {
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

  private static final class NoTruncated extends ReferenceDestination {
    private final Set<TableId> truncated = new HashSet<>();

    NoTruncated(Target target) {
      super(target);
    }

    @Override
    public void truncateTable(TableSchema table) {
      truncated.add(table.id());
      super.truncateTable(table);
    }

    @Override
    public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
      return truncated.contains(next.id()) || super.beginReplacement(last, next);
    }
  }

  private static final class WritesLate extends AcceptingDestination {
    WritesLate(Target target) {
      super(target);
    }

    @Override
    public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
      synchronized (target) {
        target.requireWorking();
        target.keepAside(next);
      }
      return true;
    }
  }

  /** Forgets the last key of a table when it is truncated only. */
  private static final class KeepsTheKey extends ReferenceDestination {
    private static final Map<Target, Map<TableId, EventSequence>> LAST = new HashMap<>();

    KeepsTheKey(Target target) {
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
  }

  /** Has nothing aside when the end is repeated, and takes that for the new rows. */
  private static final class EndsWithNothing extends ReferenceDestination {
    private static final Map<Target, Set<TableSchema>> ENDED = new HashMap<>();

    EndsWithNothing(Target target) {
      super(target);
    }

    @Override
    public void tableCopied(TableSchema table) {
      Set<TableSchema> ended = ENDED.computeIfAbsent(target, any -> new HashSet<>());
      synchronized (target) {
        if (!target.isAside(table) && ended.contains(table)) {
          target.clear(table);
        } else if (target.isAside(table)) {
          ended.add(table);
        }
      }
      super.tableCopied(table);
    }
  }

  private static final class EndsLate extends ReferenceDestination {
    private final List<TableSchema> ended = new ArrayList<>();

    EndsLate(Target target) {
      super(target);
    }

    @Override
    public void tableCopied(TableSchema table) {
      ended.add(table);
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      flush();
      return super.writeEvents(events);
    }

    @Override
    public void flush() {
      ended.forEach(super::tableCopied);
      ended.clear();
    }
  }

  /** What an earlier process kept aside is gone, though it says otherwise. */
  private static final class InMemory extends ReferenceDestination {
    InMemory(Target target) {
      super(target);
    }

    @Override
    public boolean continueReplacement(TableSchema next) {
      synchronized (target) {
        target.keepAside(next);
      }
      return true;
    }
  }

  private static final class EndsContinued extends ReferenceDestination {
    EndsContinued(Target target) {
      super(target);
    }

    @Override
    public boolean continueReplacement(TableSchema next) {
      tableCopied(next);
      return true;
    }
  }

  private static final class RemovesOld extends ReferenceDestination {
    RemovesOld(Target target) {
      super(target);
    }

    @Override
    public boolean removeRange(TableSchema table, KeyRange range) {
      boolean removed = super.removeRange(table, range);
      return removed && super.removeRange(USERS_OF_BEFORE, range);
    }

    private static final TableSchema USERS_OF_BEFORE = DestinationAccess.USERS;
  }

  private static final class DoesNotEnd extends ReferenceDestination {
    DoesNotEnd(Target target) {
      super(target);
    }

    @Override
    public void tableCopied(TableSchema table) {
      synchronized (target) {
        boolean ends = target.isAside(table);
        super.tableCopied(table);
        if (ends) {
          target.keepAside(table);
        }
      }
    }
  }

  /** Keeps everything that copies write aside, once a replacement has begun. */
  private static final class NoVersions extends ReferenceDestination {
    private final Map<TableId, TableSchema> begun = new HashMap<>();

    NoVersions(Target target) {
      super(target);
    }

    @Override
    public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
      begun.put(next.id(), next);
      return super.beginReplacement(last, next);
    }

    @Override
    public boolean removeRange(TableSchema table, KeyRange range) {
      return super.removeRange(begun.getOrDefault(table.id(), table), range);
    }

    @Override
    public void tableCopied(TableSchema table) {
      TableSchema next = begun.remove(table.id());
      super.tableCopied(next == null ? table : next);
    }
  }

  private static final class AltersAtOnce extends ReferenceDestination {
    AltersAtOnce(Target target) {
      super(target);
    }

    @Override
    public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
      synchronized (target) {
        target
            .rows(next)
            .values()
            .forEach(cells -> cells.keySet().removeIf(c -> next.indexOf(c) < 0));
      }
      return super.beginReplacement(last, next);
    }
  }

  /** Knows its tables by name: what replaces the table of another name is put beside it. */
  private static final class ByName extends ReferenceDestination {
    private static final Map<Target, Map<TableId, TableName>> NAMES = new HashMap<>();

    ByName(Target target) {
      super(target);
    }

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      synchronized (target) {
        if (!target.isAside(table)) {
          names().put(table.id(), table.name());
        }
      }
      return super.writeTableRows(table, rows);
    }

    private Map<TableId, TableName> names() {
      return NAMES.computeIfAbsent(target, any -> new HashMap<>());
    }

    @Override
    public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
      TableName known = names().getOrDefault(next.id(), next.name());
      if (last != null && !last.name().equals(known)) {
        truncateTable(next);
      }
      return super.beginReplacement(last, next);
    }
  }

  private static final class SwallowsFailures extends ReferenceDestination {
    SwallowsFailures(Target target) {
      super(target);
    }

    @Override
    public void tableCopied(TableSchema table) {
      try {
        super.tableCopied(table);
      } catch (EtlException e) {
        return;
      }
    }
  }
}

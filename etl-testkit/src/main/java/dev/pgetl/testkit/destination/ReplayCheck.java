package dev.pgetl.testkit.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Follows the changes of one table: they come in rising sequence, except at a replay, which goes
 * back to an event that was delivered before and repeats everything from there on unchanged. Not
 * thread-safe.
 */
final class ReplayCheck {
  private final List<Event> history = new ArrayList<>();
  private int position;
  private int replays;

  /** The violation found; null if there is none. */
  static @Nullable String problem(List<Event> changes, boolean replaysAllowed) {
    ReplayCheck check = new ReplayCheck();
    for (Event change : changes) {
      String problem = check.next(change);
      if (problem == null && !replaysAllowed && check.replays > 0) {
        problem = change.sequence() + " was delivered again or too late";
      }
      if (problem != null) {
        return problem;
      }
    }
    return null;
  }

  private @Nullable String next(Event change) {
    if (position == history.size() && isNew(change)) {
      history.add(change);
      position++;
      return null;
    }
    if (position < history.size() && same(history.get(position), change)) {
      position++;
      return null;
    }
    return replay(change);
  }

  private boolean isNew(Event change) {
    return history.isEmpty()
        || change.sequence().compareTo(history.get(history.size() - 1).sequence()) > 0;
  }

  private @Nullable String replay(Event change) {
    replays++;
    int found = indexOf(change.sequence());
    if (found < 0) {
      return change.sequence() + " was delivered out of order: it is before one delivered earlier";
    }
    if (found > position) {
      return "a replay skipped " + history.get(position).sequence();
    }
    if (!same(history.get(found), change)) {
      return change.sequence() + " was delivered again with other content";
    }
    position = found + 1;
    return null;
  }

  private int indexOf(EventSequence sequence) {
    int low = 0;
    int high = history.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = history.get(middle).sequence().compareTo(sequence);
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  private static boolean same(Event a, Event b) {
    return a.sequence().equals(b.sequence()) && content(a).equals(content(b));
  }

  private static List<@Nullable Object> content(Event event) {
    List<@Nullable Object> content = new ArrayList<>();
    content.add(event.getClass());
    if (event instanceof Event.Insert insert) {
      addCells(insert.row(), content);
    } else if (event instanceof Event.Update update) {
      addCells(update.row(), content);
      addOldRow(update.oldRow(), content);
    } else if (event instanceof Event.Delete delete) {
      addOldRow(delete.oldRow(), content);
    }
    return content;
  }

  private static void addOldRow(Event.@Nullable OldRow old, List<@Nullable Object> content) {
    if (old != null) {
      content.add(old.kind());
      addCells(old.row(), content);
    }
  }

  private static void addCells(TableRow row, List<@Nullable Object> content) {
    for (int i = 0; i < row.table().columnCount(); i++) {
      content.add(row.isPresent(i));
      content.add(row.isPresent(i) ? Objects.requireNonNullElse(row.textBytes(i), "") : "");
    }
  }
}

package dev.pgetl.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event;
import java.util.Objects;

/**
 * What happens to a table on its way to a destination.
 *
 * @param transform changes what the filter keeps
 * @param filter keeps or drops rows and events
 */
record TableRules(TableTransform transform, EventFilter filter) {
  private static final TableTransform UNCHANGED = ColumnSelection::all;
  private static final EventFilter EVERYTHING =
      new EventFilter() {
        @Override
        public boolean keeps(Event event) {
          return true;
        }

        @Override
        public boolean keepsCopied(TableRow row) {
          return true;
        }
      };

  static final TableRules NONE = new TableRules(UNCHANGED, EVERYTHING);

  static TableRules transforming(TableTransform transform) {
    return new TableRules(Objects.requireNonNull(transform, "transform"), EVERYTHING);
  }

  static TableRules filtering(EventFilter filter) {
    return new TableRules(UNCHANGED, Objects.requireNonNull(filter, "filter"));
  }

  /** {@return these rules, and then others} */
  TableRules and(TableRules next) {
    return new TableRules(chained(transform, next.transform), both(filter, next.filter));
  }

  private static TableTransform chained(TableTransform one, TableTransform other) {
    if (one == UNCHANGED) {
      return other;
    }
    return other == UNCHANGED ? one : one.andThen(other);
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

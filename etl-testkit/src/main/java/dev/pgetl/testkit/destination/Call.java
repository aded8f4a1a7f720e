package dev.pgetl.testkit.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One call of a destination.
 *
 * @param operation which method
 * @param table the version of {@link Operation#ROWS}, {@link Operation#REMOVE} and {@link
 *     Operation#COPIED}, and the next one of {@link Operation#TRUNCATE}, {@link Operation#REPLACE}
 *     and {@link Operation#CONTINUE}; otherwise null
 * @param range the range of {@link Operation#REMOVE}, otherwise null
 * @param rows the rows of {@link Operation#ROWS}, otherwise empty
 * @param events the events of {@link Operation#EVENTS}, otherwise empty
 * @param outcome how it ended
 */
public record Call(
    Operation operation,
    @Nullable TableSchema table,
    @Nullable KeyRange range,
    List<TableRow> rows,
    List<Event> events,
    Outcome outcome) {

  /** How a call ended. */
  public enum Outcome {
    /** In progress, as a script sees it. */
    PENDING,
    /** Done; what was written is durable. */
    DURABLE,
    /** Taken over, not yet durable. */
    ACCEPTED,
    /** Refused: nothing was written. */
    REJECTED,
    /** Answered that the destination cannot do it: nothing was changed. */
    DECLINED,
    /** Written, but reported as failed. */
    FAILED_AFTER_WRITE
  }

  /** Does not copy the lists: they are immutable by contract. */
  public Call {
    Objects.requireNonNull(operation, "operation");
    Objects.requireNonNull(rows, "rows");
    Objects.requireNonNull(events, "events");
    Objects.requireNonNull(outcome, "outcome");
  }

  static Call of(Operation operation) {
    return new Call(operation, null, null, List.of(), List.of(), Outcome.PENDING);
  }

  static Call of(Operation operation, TableSchema table) {
    return new Call(operation, table, null, List.of(), List.of(), Outcome.PENDING);
  }

  static Call removal(TableSchema table, KeyRange range) {
    return new Call(Operation.REMOVE, table, range, List.of(), List.of(), Outcome.PENDING);
  }

  static Call rows(TableSchema table, List<TableRow> rows) {
    return new Call(Operation.ROWS, table, null, rows, List.of(), Outcome.PENDING);
  }

  static Call events(List<Event> events) {
    return new Call(Operation.EVENTS, null, null, List.of(), events, Outcome.PENDING);
  }

  Call with(Outcome newOutcome) {
    return new Call(operation, table, range, rows, events, newOutcome);
  }

  /** {@return whether it has changed what the destination holds, or may have} */
  boolean hadEffect() {
    return outcome != Outcome.REJECTED && outcome != Outcome.DECLINED;
  }

  /**
   * {@return whether it is about a table}
   *
   * @param name the table's name, with or without its schema
   */
  public boolean concerns(String name) {
    return table == null
        ? events.stream().anyMatch(event -> concerns(event, name))
        : isNamed(table, name);
  }

  private static boolean concerns(Event event, String name) {
    if (event instanceof Event.OfTable ofTable) {
      return isNamed(ofTable.table(), name);
    }
    return event instanceof Event.Truncate truncate
        && truncate.tables().stream().anyMatch(truncated -> isNamed(truncated, name));
  }

  static boolean isNamed(TableSchema table, String name) {
    return table.name().name().equals(name) || table.name().toString().equals(name);
  }

  /** Names the operation and the number of items; no values. */
  @Override
  public String toString() {
    return switch (operation) {
      case STARTUP, FLUSH, CLOSE -> operation + " " + outcome;
      case TRUNCATE, REPLACE, CONTINUE, REMOVE, COPIED ->
          operation + " of " + table + " " + outcome;
      case ROWS -> operation + " of " + table + ": " + rows.size() + " " + outcome;
      case EVENTS -> operation + ": " + events.size() + " " + outcome;
    };
  }
}

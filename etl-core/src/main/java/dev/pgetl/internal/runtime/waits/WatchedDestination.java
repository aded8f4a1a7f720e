package dev.pgetl.internal.runtime.waits;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.Epoch;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.NamedTable;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.internal.platform.Movement.Doing;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A destination, and which of its calls have not returned. Thread-safe as far as it is. */
public final class WatchedDestination implements Destination {
  private final Destination target;
  private final Waits waits;

  /**
   * Watches a destination.
   *
   * @param target the destination
   * @param waits where its calls are noted
   */
  public WatchedDestination(Destination target, Waits waits) {
    this.target = target;
    this.waits = waits;
  }

  @Override
  public Optional<Destination> wrapped() {
    return Optional.of(target);
  }

  private <T extends @Nullable Object> T ask(String what, Supplier<T> call) {
    Wait wait =
        waits.begin(
            Doing.AWAITS_DESTINATION, "destination " + target.name() + " to answer " + what);
    try {
      return call.get();
    } finally {
      wait.close();
    }
  }

  private void run(String what, Runnable call) {
    boolean unused =
        ask(
            what,
            () -> {
              call.run();
              return true;
            });
  }

  private static String of(String what, TableSchema table) {
    return what + " of table " + table.name();
  }

  @Override
  public String name() {
    return target.name();
  }

  @Override
  public void startup() {
    run("startup", target::startup);
  }

  @Override
  public void beginEpoch(Epoch epoch) {
    run("beginEpoch", () -> target.beginEpoch(epoch));
  }

  @Override
  public List<Finding> diagnose() {
    return target.diagnose();
  }

  @Override
  public long wholeTransactionBytes() {
    return target.wholeTransactionBytes();
  }

  @Override
  public boolean refusesWholeCalls() {
    return target.refusesWholeCalls();
  }

  @Override
  public void tablesPublished(List<NamedTable> tables) {
    run("tablesPublished", () -> target.tablesPublished(tables));
  }

  @Override
  public void truncateTable(TableSchema table) {
    run(of("truncateTable", table), () -> target.truncateTable(table));
  }

  @Override
  public void truncateTable(@Nullable TableSchema last, TableSchema next) {
    run(of("truncateTable", next), () -> target.truncateTable(last, next));
  }

  @Override
  public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
    return ask(of("beginReplacement", next), () -> target.beginReplacement(last, next));
  }

  @Override
  public boolean continueReplacement(TableSchema next) {
    return ask(of("continueReplacement", next), () -> target.continueReplacement(next));
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    return ask(of("writeTableRows", table), () -> target.writeTableRows(table, rows));
  }

  @Override
  public void tableCopied(TableSchema table) {
    run(of("tableCopied", table), () -> target.tableCopied(table));
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    return ask("writeEvents", () -> target.writeEvents(events));
  }

  @Override
  public boolean removeRange(TableSchema table, KeyRange range) {
    return ask(of("removeRange", table), () -> target.removeRange(table, range));
  }

  @Override
  public Optional<EventSequence> lastApplied(TableId table) {
    return ask("lastApplied", () -> target.lastApplied(table));
  }

  @Override
  public void flush() {
    run("flush", target::flush);
  }

  @Override
  public void close() {
    run("close", target::close);
  }
}

package dev.pgetl.internal.runtime.replica;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.NamedTable;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The destination for one tenure. Each call proves the tenure, and nothing comes between that and
 * the call. Thread-safe as far as the destination is.
 */
final class FencedDestination implements Destination {
  private final SharedDestination shared;
  private final Destination target;
  private final Tenure tenure;

  FencedDestination(SharedDestination shared, Tenure tenure) {
    this.shared = shared;
    this.target = shared.target();
    this.tenure = tenure;
  }

  @Override
  public Optional<Destination> wrapped() {
    return Optional.of(target);
  }

  private void run(Runnable call) {
    shared.begins();
    try {
      tenure.require();
      call.run();
    } finally {
      shared.ended();
    }
  }

  private <T extends @Nullable Object> T ask(Supplier<T> call) {
    shared.begins();
    try {
      tenure.require();
      return call.get();
    } finally {
      shared.ended();
    }
  }

  @Override
  public String name() {
    return target.name();
  }

  @Override
  public void startup() {
    if (!shared.isStarted()) {
      run(shared::startup);
    }
    run(() -> target.beginEpoch(tenure));
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
    run(() -> target.tablesPublished(tables));
  }

  @Override
  public void truncateTable(TableSchema table) {
    run(() -> target.truncateTable(table));
  }

  @Override
  public void truncateTable(@Nullable TableSchema last, TableSchema next) {
    run(() -> target.truncateTable(last, next));
  }

  @Override
  public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
    return ask(() -> target.beginReplacement(last, next));
  }

  @Override
  public boolean continueReplacement(TableSchema next) {
    return ask(() -> target.continueReplacement(next));
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    return ask(() -> target.writeTableRows(table, rows));
  }

  @Override
  public void tableCopied(TableSchema table) {
    run(() -> target.tableCopied(table));
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    return ask(() -> target.writeEvents(events));
  }

  @Override
  public boolean removeRange(TableSchema table, KeyRange range) {
    return ask(() -> target.removeRange(table, range));
  }

  @Override
  public Optional<EventSequence> lastApplied(TableId table) {
    return ask(() -> target.lastApplied(table));
  }

  @Override
  public void flush() {
    run(target::flush);
  }

  /** The destination stays open for the next tenure of this process. */
  @Override
  public void close() {}
}

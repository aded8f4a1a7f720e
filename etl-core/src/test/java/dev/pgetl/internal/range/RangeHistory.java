package dev.pgetl.internal.range;

import dev.pgetl.event.Event;
import dev.pgetl.internal.range.SampleTable.Row;
import dev.pgetl.internal.range.SampleTable.RowKey;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** What happened to the table of the source, with its rows at every position. Immutable. */
final class RangeHistory {
  /** Positions near these are compared wrongly by signed numbers, or by their text. */
  private static final long[] ORIGINS = {0x100, 0xFFFF_FFF0L, 0x7FFF_FFFF_FFFF_FFF0L};

  private static final int LEAST_TRANSACTIONS = 8;
  private static final int MORE_TRANSACTIONS = 24;

  private final List<Committed> transactions = new ArrayList<>();
  private final RandomGenerator random;

  /** A transaction, and the table behind it. */
  record Committed(
      Lsn commit, Lsn end, List<Event> events, Map<RowKey, Row> rows, TableSchema version) {}

  /**
   * A position of the stream.
   *
   * @param transactions how many of the history are before it
   */
  record Point(int transactions, Lsn position) {}

  RangeHistory(RandomGenerator random) {
    this.random = random;
    SourceTable table = new SourceTable(random);
    Lsn end = new Lsn(ORIGINS[random.nextInt(ORIGINS.length)]);
    int count = LEAST_TRANSACTIONS + random.nextInt(MORE_TRANSACTIONS);
    for (int i = 0; i < count; i++) {
      Lsn commit = end.plus(random.nextInt(3));
      end = commit.plus(1 + random.nextInt(3));
      List<Event> events = i == 0 ? table.first(commit, end) : table.next(commit, end);
      transactions.add(new Committed(commit, end, events, table.rows(), table.version()));
    }
  }

  /** {@return a point with transactions on both sides} */
  Point early() {
    return at(1 + random.nextInt(transactions.size() / 2));
  }

  /** {@return a point at or behind another one} */
  Point from(Point earliest) {
    int count = earliest.transactions();
    int step = Math.min(random.nextInt(8), transactions.size() - count);
    return step == 0 ? earliest : at(count + step);
  }

  /** {@return a point, which may lie at the start of the transaction behind it} */
  private Point at(int count) {
    Lsn least = transactions.get(count - 1).end();
    Lsn greatest = count < transactions.size() ? transactions.get(count).commit() : least.plus(2);
    return new Point(count, least.plus(random.nextLong(greatest.bytesSince(least) + 1)));
  }

  Map<RowKey, Row> rows(Point point) {
    return transactions.get(point.transactions() - 1).rows();
  }

  Map<RowKey, Row> lastRows() {
    return transactions.get(transactions.size() - 1).rows();
  }

  TableSchema version(Point point) {
    return transactions.get(point.transactions() - 1).version();
  }

  /** {@return the last event before a point} */
  Event lastEvent(Point point) {
    List<Event> events = transactions.get(point.transactions() - 1).events();
    return events.get(events.size() - 1);
  }

  /** {@return the stream from a point} */
  List<Committed> stream(Point from) {
    return transactions.subList(from.transactions(), transactions.size());
  }

  /** {@return what was committed between two positions} */
  Stream<Event> between(Lsn from, Lsn to) {
    return transactions.stream()
        .filter(one -> !one.commit().isBefore(from) && one.commit().isBefore(to))
        .flatMap(one -> one.events().stream());
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Committed one : transactions) {
      one.events().forEach(event -> text.append(one.commit()).append(' ').append(described(event)));
      text.append(one.commit()).append(" rows ").append(one.rows().values()).append('\n');
    }
    return text.toString();
  }

  private static String described(Event event) {
    String name = event.getClass().getSimpleName();
    if (event instanceof Event.Insert insert) {
      return name + " " + insert.row().toMap() + "\n";
    }
    if (event instanceof Event.Update update) {
      Event.OldRow old = update.oldRow();
      String before = old == null ? "" : " was " + old.row().toMap();
      return name + " " + update.row().toMap() + before + "\n";
    }
    if (event instanceof Event.Delete delete) {
      return name + " " + delete.oldRow().row().toMap() + "\n";
    }
    return name + "\n";
  }
}

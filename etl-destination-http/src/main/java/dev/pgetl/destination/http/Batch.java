package dev.pgetl.destination.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.http.DeliveryRequest.Kind;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The items of one call of the pipeline, sent in as many requests as needed. */
sealed interface Batch {

  /** {@return how many items there are} */
  int size();

  /** Writes one item. */
  void write(int index, RequestFormat format, JsonGenerator json) throws IOException;

  /** {@return the versions of tables a run of items is about, each once} */
  List<TableSchema> tables(int from, int to);

  /** {@return the name of a run of items} */
  String key(int from, int to, String source, ByteBuffer json);

  /** {@return its identity: different from other batches, the same in a repeated call} */
  String name();

  /** {@return the kind of request that carries it} */
  Kind kind();

  /**
   * Rows of a copy.
   *
   * @param table their table
   * @param rows the rows
   * @param part names the truncation, replacement or removal that they follow
   * @param position how many rows were sent since then
   */
  record Rows(TableSchema table, List<TableRow> rows, String part, long position) implements Batch {
    @Override
    public int size() {
      return rows.size();
    }

    @Override
    public void write(int index, RequestFormat format, JsonGenerator json) throws IOException {
      format.writeRow(rows.get(index), json);
    }

    @Override
    public List<TableSchema> tables(int from, int to) {
      return List.of(table);
    }

    @Override
    public String key(int from, int to, String source, ByteBuffer json) {
      return RequestKey.rows(source, table, part, position + from, json);
    }

    @Override
    public String name() {
      return part
          + " "
          + table.id()
          + " "
          + table.snapshotLsn()
          + " "
          + position
          + " "
          + rows.size();
    }

    @Override
    public Kind kind() {
      return Kind.ROWS;
    }

    @Override
    public String toString() {
      return rows.size() + " rows of table " + table.name();
    }
  }

  /**
   * A range of rows to be removed; sent in one request.
   *
   * @param table their table
   * @param range which rows
   * @param part names the removal
   */
  record Range(TableSchema table, KeyRange range, String part) implements Batch {
    @Override
    public int size() {
      return 1;
    }

    @Override
    public void write(int index, RequestFormat format, JsonGenerator json) throws IOException {
      format.writeRange(table, range, json);
    }

    @Override
    public List<TableSchema> tables(int from, int to) {
      return List.of(table);
    }

    @Override
    public String key(int from, int to, String source, ByteBuffer json) {
      return name();
    }

    @Override
    public String name() {
      return RequestKey.remove(table.id(), part);
    }

    @Override
    public Kind kind() {
      return Kind.REMOVE;
    }

    /** Names the table; the bounds are values. */
    @Override
    public String toString() {
      return "a range of table " + table.name();
    }
  }

  /**
   * Events of a stream.
   *
   * @param events the events
   */
  record Events(List<Event> events) implements Batch {
    @Override
    public int size() {
      return events.size();
    }

    @Override
    public void write(int index, RequestFormat format, JsonGenerator json) throws IOException {
      format.writeEvent(events.get(index), json);
    }

    @Override
    public List<TableSchema> tables(int from, int to) {
      Set<TableSchema> tables = new LinkedHashSet<>();
      List<TableSchema> last = List.of();
      for (Event event : events.subList(from, to)) {
        List<TableSchema> concerned = tablesOf(event);
        if (!concerned.isEmpty() && !isSame(concerned, last)) {
          tables.addAll(concerned);
          last = concerned;
        }
      }
      return List.copyOf(tables);
    }

    /** Neighbours mostly share their version, and comparing is faster than hashing. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isSame(List<TableSchema> tables, List<TableSchema> last) {
      return tables.size() == 1 && last.size() == 1 && tables.get(0) == last.get(0);
    }

    private static List<TableSchema> tablesOf(Event event) {
      if (event instanceof Event.OfTable about) {
        return List.of(about.table());
      }
      return event instanceof Event.Truncate truncate ? truncate.tables() : List.of();
    }

    @Override
    public String key(int from, int to, String source, ByteBuffer json) {
      return RequestKey.events(source, events.subList(from, to));
    }

    @Override
    public String name() {
      return RequestKey.events("", events);
    }

    @Override
    public Kind kind() {
      return Kind.EVENTS;
    }

    @Override
    public String toString() {
      return events.size() + " events";
    }
  }
}

// tag::jsonLinesDestination[]
package dev.pgetl.examples.destination;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import dev.pgetl.wal.Lsn;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Appends every row and every change to a file, one JSON object a line, values as the text of
 * Postgres. A column that was not sent is not in the line. {@code copy} is a row that was there
 * before; {@code insert}, {@code update}, {@code delete} and {@code truncate} carry their key
 * ({@code lsn}, {@code ordinal}) and are in the file once.
 *
 * <p>Nothing is ever removed: a {@code truncate} means that the rows above it are gone. One without
 * a key precedes a copy. A {@code remove} means that those rows above it are gone whose key lies in
 * its range. No other writer may use the file. Thread-safe.
 */
public final class JsonLinesDestination implements Destination {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long UNKNOWN = -1;

  private final Path file;
  private final Object lock = new Object();
  private final Map<TableId, EventSequence> lastKeys = new HashMap<>();

  /** Where the last complete write ended. */
  private long end = UNKNOWN;

  public JsonLinesDestination(Path file) {
    this.file = file;
  }

  @Override
  public void startup() {
    append(List.of());
  }

  @Override
  public void truncateTable(TableSchema table) {
    append(List.of(line("truncate", table)));
  }

  /** An interrupted copy continues: the rows of the range come again, and no key is forgotten. */
  @Override
  public boolean removeRange(TableSchema table, KeyRange range) {
    ObjectNode line = line("remove", table).put("column", range.column());
    append(List.of(line.put("from", range.from()).put("to", range.to())));
    return true;
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    append(rows.stream().map(row -> with(line("copy", table), "row", row)).toList());
    return WriteResult.DURABLE;
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    append(events.stream().flatMap(JsonLinesDestination::lines).toList());
    return WriteResult.DURABLE;
  }

  /** Returns when the lines are on disk; lines already in the file are skipped. */
  private void append(List<ObjectNode> lines) {
    synchronized (lock) {
      try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
        end = end == UNKNOWN ? readBack(out) : end;
        List<ObjectNode> fresh = lines.stream().filter(this::isNew).toList();
        out.setLength(end); // removes the remains of a failed write
        out.seek(end);
        out.write(text(fresh));
        out.getFD().sync();
        end = out.getFilePointer();
        fresh.forEach(this::remember);
      } catch (IOException e) {
        throw new EtlException(ErrorKind.DESTINATION_UNAVAILABLE, "append to " + file, e);
      }
    }
  }

  /** Reads what an earlier process wrote, and cuts off an unfinished line. */
  private long readBack(RandomAccessFile out) throws IOException {
    try (FileChannel folder = FileChannel.open(file.toAbsolutePath().resolveSibling("."))) {
      folder.force(true); // otherwise a power cut may lose a new file's name
    }
    long length = out.length();
    while (length > 0 && byteAt(out, length - 1) != '\n') {
      length--;
    }
    out.setLength(length);
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        remember(JSON.readTree(line));
      }
    }
    return length;
  }

  private static int byteAt(RandomAccessFile file, long at) throws IOException {
    file.seek(at);
    return file.read();
  }

  private boolean isNew(JsonNode line) {
    EventSequence last = lastKeys.get(table(line));
    return last == null || !line.has("lsn") || key(line).compareTo(last) > 0;
  }

  private void remember(JsonNode line) {
    if (line.has("lsn")) {
      lastKeys.put(table(line), key(line));
    } else if (line.get("op").asText().equals("truncate")) {
      lastKeys.remove(table(line)); // the table starts over
    }
  }

  private static TableId table(JsonNode line) {
    return new TableId(line.get("oid").asLong());
  }

  private static EventSequence key(JsonNode line) {
    return new EventSequence(Lsn.parse(line.get("lsn").asText()), line.get("ordinal").asLong());
  }

  private static byte[] text(List<ObjectNode> lines) throws IOException {
    StringBuilder text = new StringBuilder();
    for (ObjectNode line : lines) {
      text.append(JSON.writeValueAsString(line)).append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static Stream<ObjectNode> lines(Event event) {
    if (event instanceof Event.Insert insert) {
      return Stream.of(with(line(event, "insert", insert.table()), "row", insert.row()));
    } else if (event instanceof Event.Update update) {
      ObjectNode line = with(line(event, "update", update.table()), "row", update.row());
      Event.OldRow old = update.oldRow();
      return Stream.of(old == null ? line : with(line, "old", old.row()));
    } else if (event instanceof Event.Delete delete) {
      return Stream.of(with(line(event, "delete", delete.table()), "old", delete.oldRow().row()));
    } else if (event instanceof Event.Truncate truncate) {
      return truncate.tables().stream().map(table -> line(event, "truncate", table));
    }
    return Stream.of(); // begin and commit, messages, new versions of a table
  }

  private static ObjectNode line(String what, TableSchema table) {
    ObjectNode line = JSON.createObjectNode().put("op", what);
    return line.put("table", table.name().toString()).put("oid", table.id().oid());
  }

  private static ObjectNode line(Event event, String what, TableSchema table) {
    return line(what, table)
        .put("lsn", event.transaction().commitLsn().toString())
        .put("ordinal", event.txOrdinal());
  }

  private static ObjectNode with(ObjectNode line, String name, TableRow row) {
    ObjectNode values = line.putObject(name);
    for (int i = 0; i < row.columnCount(); i++) {
      if (row.isPresent(i)) {
        values.put(row.table().column(i).name(), row.text(i));
      }
    }
    return line;
  }

  /** Arguments: the JDBC URL of a source, a publication, a file; without any it runs a demo. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length == 3) {
      PgConnectionConfig source = PgConnectionConfig.jdbcUrl(arguments[0]).build();
      Path file = Path.of(arguments[2]);
      try (MemoryStore store = new MemoryStore(FileLayer.open(Path.of(file + ".state")));
          Pipeline pipeline = pipeline(source, arguments[1], store, file)) {
        pipeline.start();
        pipeline.awaitTermination();
      }
    } else {
      demonstrate(Files.createTempFile("changes", ".jsonl"));
    }
  }

  private static Pipeline pipeline(
      PgConnectionConfig source, String publication, PipelineStore store, Path file) {
    PipelineConfig config = PipelineConfig.builder("json_lines", publication, source).build();
    return Pipeline.create(config, store, new JsonLinesDestination(file));
  }

  private static void demonstrate(Path file) throws IOException, InterruptedException {
    Duration limit = Duration.ofMinutes(1);
    try (TestDatabase database = TestPostgres.shared().createDatabase()) {
      database.execute("create table users (id int primary key, name text)");
      database.execute(
          "insert into users values (1, 'Ada'); create publication pub for table users");
      PgConnectionConfig source = database.connectionConfig();
      try (Pipeline pipeline = pipeline(source, "pub", new MemoryStore(), file)) {
        pipeline.start();
        pipeline.awaitReady(limit);
        database.execute("insert into users values (2, 'Bob'); update users set name = 'Cy'");
        database.execute("delete from users where id = 1; truncate users");
        pipeline.awaitApplied(database.currentLsn(), limit);
      }
    }
    Files.readAllLines(file).forEach(System.out::println);
    Files.delete(file);
  }
}
// end::jsonLinesDestination[]

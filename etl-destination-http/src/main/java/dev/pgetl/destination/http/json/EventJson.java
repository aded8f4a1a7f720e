package dev.pgetl.destination.http.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.event.Transaction;
import dev.pgetl.schema.TableSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes events. Thread-safe: its cache is replaced as a whole. */
public final class EventJson {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final int ORDINAL_DIGITS = 12;

  private final RowJson rows;
  private volatile @Nullable Remembered<Transaction> transaction;
  private volatile @Nullable Remembered<TableSchema> table;

  /** Members that many events in a row have in common, in JSON, with a comma in front. */
  private record Remembered<T>(T of, SerializableString members) {}

  /** Writes members of an open object. */
  private interface Members {
    void write(JsonGenerator json) throws IOException;
  }

  /**
   * Creates a writer of events.
   *
   * @param rows writes their rows
   */
  public EventJson(RowJson rows) {
    this.rows = rows;
  }

  /**
   * {@return an event's key as text that sorts like the key}
   *
   * @param sequence the key
   */
  public static String key(EventSequence sequence) {
    HexFormat hex = HexFormat.of().withUpperCase();
    return hex.toHexDigits(sequence.commitLsn().value())
        + "."
        + hex.toHexDigits(sequence.txOrdinal(), ORDINAL_DIGITS);
  }

  /**
   * Writes an event as an object.
   *
   * @param event the event
   * @param json where to
   * @throws IOException if the generator cannot write
   */
  public void write(Event event, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("type", type(event));
    json.writeStringField("key", key(event.sequence()));
    json.writeNumberField("ordinal", event.txOrdinal());
    json.writeRaw(members(event.transaction()));
    if (event instanceof Event.OfTable about) {
      json.writeRaw(members(about.table()));
    }
    writeContent(event, json);
    json.writeEndObject();
  }

  private static String type(Event event) {
    return event.getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }

  private void writeContent(Event event, JsonGenerator json) throws IOException {
    if (event instanceof Event.Insert insert) {
      json.writeFieldName("row");
      rows.write(insert.row(), json);
    } else if (event instanceof Event.Update update) {
      json.writeFieldName("row");
      rows.write(update.row(), json);
      writeOld(update.oldRow(), json);
    } else if (event instanceof Event.Delete delete) {
      writeOld(delete.oldRow(), json);
    } else if (event instanceof Event.Truncate truncate) {
      writeTruncate(truncate, json);
    } else if (event instanceof Event.Message message) {
      writeMessage(message, json);
    } else if (event instanceof Event.Commit commit) {
      json.writeStringField("end_lsn", commit.endLsn().toString());
    }
  }

  private void writeOld(Event.@Nullable OldRow old, JsonGenerator json) throws IOException {
    if (old != null) {
      json.writeObjectFieldStart("old");
      json.writeStringField("kind", old.kind().name().toLowerCase(Locale.ROOT));
      rows.writeMembers(old.row(), json);
      json.writeEndObject();
    }
  }

  private static void writeTruncate(Event.Truncate truncate, JsonGenerator json)
      throws IOException {
    json.writeArrayFieldStart("truncated");
    for (TableSchema table : truncate.tables()) {
      json.writeStartObject();
      TableJson.writeReference(table, json);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeBooleanField("cascade", truncate.cascade());
    json.writeBooleanField("restart_identity", truncate.restartIdentity());
  }

  private static void writeMessage(Event.Message message, JsonGenerator json) throws IOException {
    json.writeBooleanField("transactional", message.transactional());
    json.writeStringField("lsn", message.lsn().toString());
    json.writeStringField("prefix", message.prefix());
    ByteBuffer content = message.content();
    byte[] bytes = new byte[content.remaining()];
    content.get(bytes);
    json.writeBinaryField("content", bytes);
  }

  @SuppressWarnings(
      "ReferenceEquality") // one object is shared by all events of a transaction or version
  private SerializableString members(Transaction of) throws IOException {
    Remembered<Transaction> last = transaction;
    if (last == null || last.of() != of) {
      last =
          new Remembered<>(
              of,
              fragment(
                  json -> {
                    json.writeStringField("commit_lsn", of.commitLsn().toString());
                    json.writeStringField("commit_time", of.commitTime().toString());
                    json.writeNumberField("xid", of.xid());
                  }));
      transaction = last;
    }
    return last.members();
  }

  @SuppressWarnings(
      "ReferenceEquality") // one object is shared by all events of a transaction or version
  private SerializableString members(TableSchema of) throws IOException {
    Remembered<TableSchema> last = table;
    if (last == null || last.of() != of) {
      last = new Remembered<>(of, fragment(json -> TableJson.writeReference(of, json)));
      table = last;
    }
    return last.members();
  }

  private static SerializableString fragment(Members members) throws IOException {
    ByteArrayOutputStream object = new ByteArrayOutputStream();
    try (JsonGenerator json = FACTORY.createGenerator(object)) {
      json.writeStartObject();
      members.write(json);
      json.writeEndObject();
    }
    byte[] bytes = object.toByteArray();
    bytes[0] = ',';
    return new RawJson(new Span(bytes, 0, bytes.length - 1));
  }
}

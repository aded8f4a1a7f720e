package dev.pgetl.store.memory;

import dev.pgetl.event.EventSequence;
import dev.pgetl.quarantine.QuarantinedEvent;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.wal.Lsn;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Changes of a quarantine as bytes, and back. Stateless. */
final class QuarantineRecord {
  private static final int MOST = 1 << 28;

  private QuarantineRecord() {}

  /** Writes one change. */
  @FunctionalInterface
  interface Change {
    void write(DataOutputStream to) throws IOException;
  }

  static byte[] of(char kind, Change change) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream to = new DataOutputStream(bytes);
    to.writeByte(kind);
    change.write(to);
    return bytes.toByteArray();
  }

  static void table(DataOutputStream to, TableId table) throws IOException {
    to.writeLong(table.oid());
  }

  static void sequence(DataOutputStream to, EventSequence sequence) throws IOException {
    to.writeLong(sequence.commitLsn().value());
    to.writeLong(sequence.txOrdinal());
  }

  static void sequences(DataOutputStream to, Collection<EventSequence> all) throws IOException {
    to.writeInt(all.size());
    for (EventSequence each : all) {
      sequence(to, each);
    }
  }

  static void event(DataOutputStream to, QuarantinedEvent event) throws IOException {
    table(to, event.table());
    text(to, event.name().schema());
    text(to, event.name().name());
    sequence(to, event.sequence());
    to.writeBoolean(event.refused());
    EventSequence key = event.replayKey();
    to.writeBoolean(key != null);
    if (key != null) {
      sequence(to, key);
    }
    text(to, event.content());
  }

  private static void text(DataOutputStream to, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    to.writeInt(bytes.length);
    to.write(bytes);
  }

  /** {@return records that make a state again} */
  static List<byte[]> all(QuarantineState state) throws IOException {
    List<byte[]> all = new ArrayList<>();
    all.add(of('E', to -> to.writeLong(state.epoch())));
    for (Map.Entry<TableId, EventSequence> last : state.lastKeys().entrySet()) {
      all.add(
          of(
              'K',
              to -> {
                table(to, last.getKey());
                sequence(to, last.getValue());
              }));
    }
    for (QuarantinedEvent event : state.all()) {
      all.add(of('A', to -> event(to, event)));
    }
    return all;
  }

  /** Applies a change that was written. */
  static void apply(byte[] written, QuarantineState state) throws IOException {
    DataInputStream from = new DataInputStream(new ByteArrayInputStream(written));
    char kind = (char) from.readByte();
    switch (kind) {
      case 'E' -> state.epoch(from.readLong());
      case 'A' -> state.add(event(from));
      case 'M' -> state.mark(new TableId(from.readLong()), sequences(from), sequence(from));
      case 'U' -> state.unmark(new TableId(from.readLong()), sequences(from));
      case 'R' -> state.remove(new TableId(from.readLong()), sequences(from));
      case 'C' -> state.clear(new TableId(from.readLong()));
      case 'K' -> state.lastKey(new TableId(from.readLong()), sequence(from));
      default -> throw new IOException("a record of unknown kind " + (int) kind);
    }
  }

  private static EventSequence sequence(DataInputStream from) throws IOException {
    return new EventSequence(new Lsn(from.readLong()), from.readLong());
  }

  private static List<EventSequence> sequences(DataInputStream from) throws IOException {
    List<EventSequence> all = new ArrayList<>();
    for (int left = from.readInt(); left > 0; left--) {
      all.add(sequence(from));
    }
    return all;
  }

  private static QuarantinedEvent event(DataInputStream from) throws IOException {
    TableId table = new TableId(from.readLong());
    TableName name = new TableName(text(from), text(from));
    EventSequence sequence = sequence(from);
    boolean refused = from.readBoolean();
    @Nullable EventSequence key = from.readBoolean() ? sequence(from) : null;
    return new QuarantinedEvent(table, name, sequence, refused, key, text(from));
  }

  private static String text(DataInputStream from) throws IOException {
    int length = from.readInt();
    if (length < 0 || length > MOST) {
      throw new IOException("a text of length " + length);
    }
    byte[] bytes = from.readNBytes(length);
    if (bytes.length < length) {
      throw new IOException("a text is cut off");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }
}

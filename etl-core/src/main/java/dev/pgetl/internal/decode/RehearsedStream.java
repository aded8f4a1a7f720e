package dev.pgetl.internal.decode;

import dev.pgetl.event.Event;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.wal.Lsn;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A transaction that no server has sent, in the format of {@code pgoutput}: it inserts one row with
 * one {@code bigint}. To decode it loads the code that decodes others. Owned by one thread.
 */
public final class RehearsedStream implements EventSink {
  private static final int TABLE = 16_384;
  private static final int BIGINT = 20;
  private static final long POSITION = 1;

  private long rows;

  private RehearsedStream() {}

  /** {@return how many rows were decoded} */
  public static long decode() {
    RehearsedStream stream = new RehearsedStream();
    PgOutputDecoder decoder =
        new PgOutputDecoder(new AnyTable(), stream, Lsn.ZERO, ValueFormat.TEXT);
    decode(decoder, message('B').putLong(POSITION).putLong(0).putInt(3));
    decode(decoder, relation());
    decode(decoder, insert("42"));
    decode(decoder, message('C').put((byte) 0).putLong(POSITION).putLong(POSITION + 1).putLong(0));
    return stream.rows;
  }

  private static void decode(PgOutputDecoder decoder, ByteBuffer message) {
    byte[] bytes = new byte[message.flip().remaining()];
    message.get(bytes);
    decoder.decode(bytes, 0, bytes.length);
  }

  private static ByteBuffer message(char kind) {
    return ByteBuffer.allocate(100).put((byte) kind);
  }

  private static ByteBuffer relation() {
    ByteBuffer relation = message('R').putInt(TABLE).put(text("public\0t\0d"));
    relation.putShort((short) 1).put((byte) 1).put(text("id\0"));
    return relation.putInt(BIGINT).putInt(-1);
  }

  private static ByteBuffer insert(String value) {
    ByteBuffer row = message('I').putInt(TABLE).put(text("N")).putShort((short) 1).put(text("t"));
    return row.putInt(value.length()).put(text(value));
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void event(Event event, int bytes) {
    if (event instanceof Event.Insert insert && insert.row().getLong(0) == 42) {
      rows++;
    }
  }

  @Override
  public void boundary(Lsn endLsn) {}
}

package dev.pgetl.internal.decode;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Messages of {@code pgoutput} as Postgres would send them. */
public final class PgOutputBytes {
  /** A cell whose TOASTed value did not change. */
  public static final String UNCHANGED = "\uFFFF";

  /** 2026-01-01T00:00:00Z in microseconds since 2000. */
  public static final long COMMIT_MICROS = 820_540_800_000_000L;

  public static final int XID = 742;

  /** A column of a Relation message. */
  public record WireColumn(String name, long type, int modifier, boolean key) {
    public static WireColumn key(String name) {
      return new WireColumn(name, 23, -1, true);
    }

    public static WireColumn text(String name) {
      return new WireColumn(name, 25, -1, false);
    }
  }

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private PgOutputBytes() {}

  public static PgOutputBytes of(char kind) {
    return new PgOutputBytes().int8(kind);
  }

  public PgOutputBytes int8(int value) {
    out.write(value);
    return this;
  }

  public PgOutputBytes int16(int value) {
    return raw(ByteBuffer.allocate(2).putShort((short) value).array());
  }

  public PgOutputBytes int32(long value) {
    return raw(ByteBuffer.allocate(4).putInt((int) value).array());
  }

  public PgOutputBytes int64(long value) {
    return raw(ByteBuffer.allocate(8).putLong(value).array());
  }

  public PgOutputBytes string(String value) {
    return raw(value.getBytes(StandardCharsets.UTF_8)).int8(0);
  }

  public PgOutputBytes raw(byte[] value) {
    out.writeBytes(value);
    return this;
  }

  /** A tuple; a null cell is NULL. */
  public PgOutputBytes tuple(@Nullable String... cells) {
    int16(cells.length);
    for (String cell : cells) {
      if (cell == null) {
        int8('n');
      } else if (cell.equals(UNCHANGED)) {
        int8('u');
      } else {
        byte[] text = cell.getBytes(StandardCharsets.UTF_8);
        int8('t').int32(text.length).raw(text);
      }
    }
    return this;
  }

  /** A tuple in binary format; int4 for each Integer, text for the others. */
  PgOutputBytes binaryTuple(@Nullable Object... cells) {
    int16(cells.length);
    for (Object cell : cells) {
      if (cell instanceof Integer number) {
        int8('b').int32(Integer.BYTES).int32(number);
      } else if (cell == null) {
        int8('n');
      } else if (cell.equals(UNCHANGED)) {
        int8('u');
      } else {
        byte[] text = cell.toString().getBytes(StandardCharsets.UTF_8);
        int8('b').int32(text.length).raw(text);
      }
    }
    return this;
  }

  public byte[] bytes() {
    return out.toByteArray();
  }

  public static byte[] begin(long commitLsn) {
    return of('B').int64(commitLsn).int64(COMMIT_MICROS).int32(XID).bytes();
  }

  public static byte[] commit(long commitLsn, long endLsn) {
    return of('C').int8(0).int64(commitLsn).int64(endLsn).int64(COMMIT_MICROS).bytes();
  }

  public static byte[] relation(long oid, String name, char identity, WireColumn... columns) {
    PgOutputBytes message =
        of('R').int32(oid).string("public").string(name).int8(identity).int16(columns.length);
    for (WireColumn column : columns) {
      message
          .int8(column.key() ? 1 : 0)
          .string(column.name())
          .int32(column.type())
          .int32(column.modifier());
    }
    return message.bytes();
  }

  public static byte[] insert(long oid, @Nullable String... cells) {
    return of('I').int32(oid).int8('N').tuple(cells).bytes();
  }

  public static PgOutputBytes update(long oid) {
    return of('U').int32(oid);
  }

  public static PgOutputBytes delete(long oid) {
    return of('D').int32(oid);
  }

  public static byte[] truncate(int flags, long... oids) {
    PgOutputBytes message = of('T').int32(oids.length).int8(flags);
    for (long oid : oids) {
      message.int32(oid);
    }
    return message.bytes();
  }

  public static byte[] logical(boolean transactional, long lsn, String prefix, String content) {
    byte[] text = content.getBytes(StandardCharsets.UTF_8);
    return of('M')
        .int8(transactional ? 1 : 0)
        .int64(lsn)
        .string(prefix)
        .int32(text.length)
        .raw(text)
        .bytes();
  }
}

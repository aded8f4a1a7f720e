package dev.pgetl.internal.copy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Messages of {@code COPY … TO STDOUT} in binary format as Postgres sends them. */
final class BinaryCopy {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  static BinaryCopy message() {
    return new BinaryCopy();
  }

  BinaryCopy header() {
    return header(0, new byte[0]);
  }

  BinaryCopy header(int flags, byte[] extension) {
    raw("PGCOPY\n\u00ff\r\n\0".getBytes(StandardCharsets.ISO_8859_1));
    return int32(flags).int32(extension.length).raw(extension);
  }

  /** A row; a null cell is null. */
  BinaryCopy row(@Nullable String... cells) {
    int16(cells.length);
    for (String cell : cells) {
      if (cell == null) {
        int32(-1);
      } else {
        byte[] text = cell.getBytes(StandardCharsets.UTF_8);
        int32(text.length).raw(text);
      }
    }
    return this;
  }

  BinaryCopy trailer() {
    return int16(-1);
  }

  BinaryCopy int16(int value) {
    return raw(ByteBuffer.allocate(2).putShort((short) value).array());
  }

  BinaryCopy int32(int value) {
    return raw(ByteBuffer.allocate(4).putInt(value).array());
  }

  BinaryCopy raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  byte[] bytes() {
    return out.toByteArray();
  }
}

package dev.pgetl.benchmarks.micro;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Messages of pgoutput, as Postgres sends them. */
final class WireMessages {
  private static final int OID = 16_500;

  private WireMessages() {}

  /** A column of the table and the text of its value. */
  record Column(String name, int typeOid, String text) {}

  static byte[] begin() {
    return message(
        out -> {
          out.writeByte('B');
          out.writeLong(0x2000);
          out.writeLong(800_000_000_000_000L);
          out.writeInt(700);
        });
  }

  static byte[] commit() {
    return message(
        out -> {
          out.writeByte('C');
          out.writeByte(0);
          out.writeLong(0x2000);
          out.writeLong(0x2030);
          out.writeLong(800_000_000_000_000L);
        });
  }

  /** A table whose first column is its key. */
  static byte[] relation(List<Column> columns) {
    return message(
        out -> {
          out.writeByte('R');
          out.writeInt(OID);
          text(out, "public");
          text(out, "measured");
          out.writeByte('d');
          out.writeShort(columns.size());
          for (Column column : columns) {
            out.writeByte(column.equals(columns.get(0)) ? 1 : 0);
            text(out, column.name());
            out.writeInt(column.typeOid());
            out.writeInt(-1);
          }
        });
  }

  static byte[] insert(List<Column> columns) {
    return message(
        out -> {
          out.writeByte('I');
          out.writeInt(OID);
          out.writeByte('N');
          out.writeShort(columns.size());
          for (Column column : columns) {
            byte[] value = column.text().getBytes(StandardCharsets.UTF_8);
            out.writeByte('t');
            out.writeInt(value.length);
            out.write(value);
          }
        });
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.writeByte(0);
  }

  private static byte[] message(Writing writing) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      writing.to(new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private interface Writing {
    void to(DataOutputStream out) throws IOException;
  }
}

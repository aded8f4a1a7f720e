package dev.pgetl.it.sim;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Messages of {@code pgoutput} as text that two servers have in common: tables and types by name,
 * without positions, transaction numbers, OIDs, times and empty transactions. Has no code in common
 * with the library.
 */
final class DecodedStream {
  /**
   * A transaction that is not empty.
   *
   * @param end the position behind it
   */
  record Transaction(List<String> lines, long end) {
    Transaction {
      lines = List.copyOf(lines);
    }
  }

  private static final Map<Integer, String> TYPES = Map.of(23, "int4", 25, "text");

  private final char padding;
  private final Map<Integer, String> tables = new HashMap<>();
  private final List<Transaction> transactions = new ArrayList<>();
  private final List<String> lines = new ArrayList<>();

  private DecodedStream(char padding) {
    this.padding = padding;
  }

  /**
   * {@return the transactions of a stream}
   *
   * @param padding what stands behind a value to make it long, and is left out
   */
  static List<Transaction> transactions(List<byte[]> messages, char padding) {
    DecodedStream stream = new DecodedStream(padding);
    for (byte[] message : messages) {
      ByteBuffer buffer = ByteBuffer.wrap(message);
      stream.take((char) buffer.get(), buffer);
      if (buffer.hasRemaining()) {
        throw new AssertionError("a message with more than it should have: " + stream.lines);
      }
    }
    return stream.transactions;
  }

  private void take(char kind, ByteBuffer message) {
    switch (kind) {
      case 'B' -> message.position(message.limit());
      case 'C' -> commit(message);
      case 'R' -> lines.add(relation(message));
      case 'I' -> lines.add("insert " + table(message) + tuples(message));
      case 'U' -> lines.add("update " + table(message) + tuples(message));
      case 'D' -> lines.add("delete " + table(message) + tuples(message));
      case 'T' -> lines.add(truncate(message));
      default -> throw new AssertionError("a message of kind " + kind);
    }
  }

  private void commit(ByteBuffer message) {
    message.get();
    message.getLong();
    long end = message.getLong();
    message.getLong();
    if (!lines.isEmpty()) {
      transactions.add(new Transaction(lines, end));
    }
    lines.clear();
  }

  private String relation(ByteBuffer message) {
    int oid = message.getInt();
    String table = text(message) + "." + text(message);
    tables.put(oid, table);
    StringJoiner columns = new StringJoiner(", ", " (", ")");
    char identity = (char) message.get();
    int count = message.getShort();
    for (int i = 0; i < count; i++) {
      String flags = message.get() == 0 ? "" : "key ";
      String name = text(message);
      int type = message.getInt();
      columns.add(flags + name + " " + TYPES.getOrDefault(type, "?" + type) + message.getInt());
    }
    return "relation " + table + " identity " + identity + columns;
  }

  private String table(ByteBuffer message) {
    int oid = message.getInt();
    String table = tables.get(oid);
    if (table == null) {
      throw new AssertionError("a change of a table that was not described: " + lines);
    }
    return table;
  }

  private String tuples(ByteBuffer message) {
    StringBuilder tuples = new StringBuilder();
    while (message.hasRemaining()) {
      tuples.append(' ').append((char) message.get());
      StringJoiner cells = new StringJoiner(", ", "(", ")");
      int count = message.getShort();
      for (int i = 0; i < count; i++) {
        cells.add(cell(message));
      }
      tuples.append(cells);
    }
    return tuples.toString();
  }

  private String cell(ByteBuffer message) {
    char kind = (char) message.get();
    if (kind == 'n' || kind == 'u') {
      return String.valueOf(kind);
    }
    byte[] bytes = new byte[message.getInt()];
    message.get(bytes);
    String value = new String(bytes, StandardCharsets.UTF_8);
    int end = value.indexOf(padding);
    return kind + ":" + (end < 0 ? value : value.substring(0, end));
  }

  private String truncate(ByteBuffer message) {
    int count = message.getInt();
    StringBuilder line = new StringBuilder("truncate options " + message.get());
    for (int i = 0; i < count; i++) {
      line.append(' ').append(table(message));
    }
    return line.toString();
  }

  private static String text(ByteBuffer message) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (byte next = message.get(); next != 0; next = message.get()) {
      bytes.write(next);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}

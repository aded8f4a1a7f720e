package dev.pgetl.it.kills;

import dev.pgetl.testkit.postgres.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Compares a table with the files of the destination, by SQL and by its own reading of them; uses
 * nothing of the library. Stateless.
 */
final class CopyJudge {
  /**
   * A range whose rows were removed.
   *
   * @param process by which process
   * @param from its first key
   * @param to the key behind its last one
   * @param rows how many rows were there
   */
  record Removed(int process, long from, long to, long rows) {}

  private static final int MOST_DIFFERENCES = 20;

  private CopyJudge() {}

  /** {@return how rows differ; up to 20 are named} */
  static List<String> differences(TestDatabase source, String table, RowFile rows) {
    List<String> differences = new ArrayList<>();
    long present = 0;
    try (Connection connection = source.connect()) {
      CopyOut copy =
          connection
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyOut("copy (select id, version, note from " + table + ") to stdout");
      for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
        present++;
        String difference = difference(line, rows);
        if (!difference.isEmpty() && differences.size() < MOST_DIFFERENCES) {
          differences.add(table + ": " + difference);
        }
      }
    } catch (SQLException e) {
      throw new AssertionError("read table " + table, e);
    }
    long there = rows.present(0, rows.keys());
    if (there != present) {
      differences.add(
          "%s: the source has %d rows, the destination %d".formatted(table, present, there));
    }
    return differences;
  }

  private static String difference(byte[] line, RowFile rows) {
    ByteBuffer text = ByteBuffer.wrap(line, 0, line.length - 1);
    long id = number(text);
    long version = number(text);
    if (!rows.isPresent(id)) {
      return "row " + id + " is missing";
    } else if (rows.version(id) != version) {
      return "row %d has version %d, not %d".formatted(id, rows.version(id), version);
    }
    return rows.note(id) == TableFiles.checksum(text) ? "" : "row " + id + " has another note";
  }

  /** {@return the number in front of the next tab} */
  private static long number(ByteBuffer text) {
    long number = 0;
    for (byte digit = text.get(); digit != '\t'; digit = text.get()) {
      number = number * 10 + (digit - '0');
    }
    return number;
  }

  /** {@return the ranges of a table whose rows were removed} */
  static List<Removed> removed(Path directory, String table) {
    Path file = directory.resolve(FileDestination.RANGES);
    try {
      return Files.exists(file)
          ? Files.readAllLines(file).stream()
              .map(line -> line.split(" "))
              .filter(words -> words[1].equals(table))
              .map(CopyJudge::removed)
              .toList()
          : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Removed removed(String[] words) {
    return new Removed(
        Integer.parseInt(words[0]),
        Long.parseLong(words[2]),
        Long.parseLong(words[3]),
        Long.parseLong(words[4]));
  }
}

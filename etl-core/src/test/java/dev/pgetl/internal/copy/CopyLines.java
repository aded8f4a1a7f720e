package dev.pgetl.internal.copy;

import dev.pgetl.data.TableRow;
import dev.pgetl.schema.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows as {@code COPY … TO STDOUT} sends them in text format. */
public final class CopyLines {
  private CopyLines() {}

  /** {@return the line of a row} */
  public static byte[] line(List<@Nullable String> cells) {
    StringBuilder line = new StringBuilder();
    for (String cell : cells) {
      line.append(line.isEmpty() ? "" : "\t").append(cell == null ? "\\N" : escaped(cell));
    }
    return line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String escaped(String cell) {
    return cell.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n");
  }

  /** {@return the row of a line, as the engine reads it} */
  public static TableRow read(TableSchema table, byte[] line) {
    return new CopyRowReader(table).read(line);
  }
}

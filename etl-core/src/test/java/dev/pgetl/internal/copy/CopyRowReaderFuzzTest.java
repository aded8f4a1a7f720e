package dev.pgetl.internal.copy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.sun.management.ThreadMXBean;
import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any line is a row or a typed error, in memory that is bounded by the line, and a row survives
 * being written as a line and read again. {@code JAZZER_FUZZ=1} looks for more lines.
 */
class CopyRowReaderFuzzTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long FIXED_ALLOCATION = 64 << 10;
  private static final CopyRowReader READER = new CopyRowReader(table());

  private static TableSchema table() {
    PgType text = PgType.base(25, "text");
    List<ColumnSchema> columns =
        Stream.of("a", "b", "c").map(name -> ColumnSchema.of(name, text)).toList();
    return TableSchema.builder(new TableId(20_000), new TableName("public", "t"))
        .replicaIdentity(ReplicaIdentity.FULL)
        .columns(columns)
        .build();
  }

  @MethodSource("lines")
  @FuzzTest(maxDuration = "10m")
  void anyLineGivesARowOrATypedError(byte[] line) {
    if (allocatedBy(line.clone()) > FIXED_ALLOCATION) {
      assertThat(allocatedBy(line.clone())).isLessThan(FIXED_ALLOCATION); // classes are loaded now
    }
    TableRow row = rowOrNull(line.clone());
    if (row != null) {
      TableRow again = READER.read(line(row));
      assertThat(cells(again)).isEqualTo(cells(row));
    }
  }

  private static long allocatedBy(byte[] line) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    rowOrNull(line);
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  private static @Nullable TableRow rowOrNull(byte[] line) {
    try {
      return READER.read(line);
    } catch (EtlException e) {
      assertThat(e.kind()).isEqualTo(ErrorKind.SOURCE_DATA);
      assertThat(e.tableOid()).hasValue(20_000);
      return null;
    }
  }

  private static List<@Nullable ByteBuffer> cells(TableRow row) {
    List<@Nullable ByteBuffer> cells = new ArrayList<>();
    for (int i = 0; i < row.columnCount(); i++) {
      cells.add(row.textBytes(i));
    }
    return cells;
  }

  /** As the server writes it. */
  private static byte[] line(TableRow row) {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    String separator = "";
    for (ByteBuffer cell : cells(row)) {
      line.writeBytes(separator.getBytes(StandardCharsets.US_ASCII));
      separator = "\t";
      if (cell == null) {
        line.write('\\');
        line.write('N');
      } else {
        while (cell.hasRemaining()) {
          escape(cell.get(), line);
        }
      }
    }
    line.write('\n');
    return line.toByteArray();
  }

  private static void escape(byte b, ByteArrayOutputStream line) {
    int letter =
        switch (b) {
          case '\b' -> 'b';
          case '\f' -> 'f';
          case '\n' -> 'n';
          case '\r' -> 'r';
          case '\t' -> 't';
          case 0x0B -> 'v';
          case '\\' -> '\\';
          default -> 0;
        };
    if (letter != 0) {
      line.write('\\');
    }
    line.write(letter == 0 ? b : letter);
  }

  static Stream<Arguments> lines() {
    return Stream.of(
            "a\tb\tc\n",
            "\t\t\n",
            "\\N\t\\N\t\\N\n",
            "\\\\N\t\\n\\t\\\\\tx\n",
            "a\tb\n",
            "a\tb\tc\td\n",
            "a\tb\tc\\\n",
            "\\q\tb\tc\n",
            "\\N1\tb\tc\n",
            "a\tb\tc",
            "")
        .map(line -> Arguments.of((Object) line.getBytes(StandardCharsets.UTF_8)));
  }
}

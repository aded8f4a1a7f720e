package dev.pgetl.internal.copy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.sun.management.ThreadMXBean;
import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.lang.management.ManagementFactory;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes give a row or a typed error, in memory that is bounded by the number of columns, and a
 * row says all there was in its message. {@code JAZZER_FUZZ=1} looks for more.
 */
class BinaryRowReaderFuzzTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long FIXED_ALLOCATION = 64 << 10;
  private static final int COLUMNS = 3;
  private static final byte[] HEADER = BinaryCopy.message().header().bytes();

  @MethodSource("messages")
  @FuzzTest(maxDuration = "10m")
  void anyFirstMessageGivesARowOrATypedError(byte[] message) {
    TableRow row = read(message, () -> BinaryRowReaderTest.reader(COLUMNS));
    if (row != null) {
      assertThat(written(row)).hasSizeLessThan(message.length);
    }
  }

  @MethodSource("messages")
  @FuzzTest(maxDuration = "10m")
  void anyFurtherMessageGivesARowOrATypedError(byte[] message) {
    TableRow row = read(message, BinaryRowReaderFuzzTest::begun);
    if (row != null) {
      assertThat(written(row)).isEqualTo(message);
    }
  }

  private static BinaryRowReader begun() {
    BinaryRowReader reader = BinaryRowReaderTest.reader(COLUMNS);
    reader.read(HEADER);
    return reader;
  }

  private static @Nullable TableRow read(byte[] message, Supplier<BinaryRowReader> readers) {
    if (allocatedBy(message, readers.get()) > FIXED_ALLOCATION) {
      assertThat(allocatedBy(message, readers.get()))
          .isLessThan(FIXED_ALLOCATION); // classes are loaded now
    }
    return rowOrNull(message, readers.get());
  }

  private static long allocatedBy(byte[] message, BinaryRowReader reader) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    rowOrNull(message, reader);
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  private static @Nullable TableRow rowOrNull(byte[] message, BinaryRowReader reader) {
    try {
      return reader.read(message);
    } catch (EtlException e) {
      assertThat(e.kind()).isEqualTo(ErrorKind.SOURCE_DATA);
      assertThat(e.tableOid()).hasValue(42);
      return null;
    }
  }

  /** As the server writes it; text in binary format is its bytes, whatever they are. */
  private static byte[] written(TableRow row) {
    BinaryCopy message = BinaryCopy.message().int16(COLUMNS);
    for (int i = 0; i < COLUMNS; i++) {
      var value = row.textBytes(i);
      if (value == null) {
        message.int32(-1);
      } else {
        byte[] bytes = new byte[value.remaining()];
        value.get(bytes);
        message.int32(bytes.length).raw(bytes);
      }
    }
    return message.bytes();
  }

  static Stream<Arguments> messages() {
    return Stream.of(
            BinaryCopy.message().header().row("a", null, "c"),
            BinaryCopy.message().header(0, new byte[5]).trailer(),
            BinaryCopy.message().header(),
            BinaryCopy.message().row("a", "", null),
            BinaryCopy.message().row("a", "b"),
            BinaryCopy.message().row("a", "b", "c", "d"),
            BinaryCopy.message().row("a", "b", "c").trailer(),
            BinaryCopy.message().row("ÿ", "\0", "\n"),
            BinaryCopy.message().trailer(),
            BinaryCopy.message().int16(COLUMNS).int32(Integer.MAX_VALUE),
            BinaryCopy.message())
        .map(message -> Arguments.of((Object) message.bytes()));
  }
}

package dev.pgetl.internal.copy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.BuiltinTypes;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BinaryRowReaderTest {
  private static final byte[] HEADER = BinaryCopy.message().header().bytes();
  private static final byte[] TRAILER = BinaryCopy.message().trailer().bytes();

  @Test
  void findsTheColumns() {
    BinaryRowReader reader = reader(3);

    assertThat(texts(reader, BinaryCopy.message().header().row("1", "", null)))
        .containsExactly("1", "", null);
    assertThat(texts(reader, BinaryCopy.message().row(null, "ä", "x\ny")))
        .containsExactly(null, "ä", "x\ny");
    assertThat(reader.read(TRAILER)).isNull();
    reader.end();
  }

  @Test
  void aRowKeepsTheMessage() {
    byte[] message = BinaryCopy.message().header().row("abc").bytes();
    TableRow row = Objects.requireNonNull(reader(1).read(message));
    message[message.length - 1] = 'd';
    assertThat(row.text(0)).isEqualTo("abd");
  }

  @Test
  void theHeaderMayComeAloneAndHaveAnExtension() {
    BinaryRowReader reader = reader(1);

    assertThat(reader.read(BinaryCopy.message().header(0xFFFF, new byte[7]).bytes())).isNull();
    assertThat(texts(reader, BinaryCopy.message().row("a"))).containsExactly("a");
  }

  @Test
  void aRangeWithoutRowsIsHeaderAndTrailer() {
    BinaryRowReader together = reader(2);
    assertThat(together.read(BinaryCopy.message().header().trailer().bytes())).isNull();
    together.end();

    BinaryRowReader apart = reader(2);
    assertThat(apart.read(HEADER)).isNull();
    assertThat(apart.read(TRAILER)).isNull();
    apart.end();
  }

  @Test
  void readsOneRangeAfterTheOther() {
    BinaryRowReader reader = reader(1);
    for (String value : List.of("a", "b")) {
      assertThat(texts(reader, BinaryCopy.message().header().row(value))).containsExactly(value);
      reader.read(TRAILER);
      reader.end();
    }
  }

  @Test
  void aTableWithoutColumnsHasRows() {
    BinaryRowReader reader = reader(0);

    assertThat(texts(reader, BinaryCopy.message().header().row())).isEmpty();
    assertThat(texts(reader, BinaryCopy.message().row())).isEmpty();
  }

  /** Rows that did not come must not pass for rows that are not there. */
  @Test
  void aRangeWithoutTrailerIsNotComplete() {
    assertRefused(() -> reader(1).end());
    assertRefused(
        () -> {
          BinaryRowReader reader = reader(1);
          reader.read(HEADER);
          reader.end();
        });
    assertRefused(
        () -> {
          BinaryRowReader reader = reader(1);
          reader.read(BinaryCopy.message().header().row("a").bytes());
          reader.end();
        });
  }

  @Test
  void everyTruncationIsRefused() {
    byte[] first = BinaryCopy.message().header(0, new byte[3]).row("12", null, "ab").bytes();
    int headerEnd = HEADER.length + 3;
    for (int length = 0; length < first.length; length++) {
      byte[] cut = Arrays.copyOf(first, length);
      if (length != headerEnd) {
        assertRefused(() -> reader(3).read(cut));
      }
    }
    byte[] next = BinaryCopy.message().row("12", null, "ab").bytes();
    for (int length = 0; length < next.length; length++) {
      byte[] cut = Arrays.copyOf(next, length);
      assertRefused(() -> begun(3).read(cut));
    }
    assertRefused(() -> begun(3).read(Arrays.copyOf(TRAILER, 1)));
  }

  @Test
  void whatStandsBehindARowIsRefused() {
    assertRefused(() -> begun(1).read(BinaryCopy.message().row("a").row("b").bytes()));
    assertRefused(() -> begun(1).read(BinaryCopy.message().row("a").trailer().bytes()));
    assertRefused(() -> begun(1).read(BinaryCopy.message().trailer().row("a").bytes()));
    assertRefused(() -> begun(1).read(BinaryCopy.message().trailer().trailer().bytes()));
  }

  @Test
  void whatComesBehindTheTrailerIsRefused() {
    for (byte[] message :
        List.of(TRAILER, HEADER, BinaryCopy.message().row("a").bytes(), new byte[0])) {
      BinaryRowReader reader = begun(1);
      reader.read(TRAILER);
      assertRefused(() -> reader.read(message));
    }
  }

  @Test
  void anotherNumberOfColumnsIsRefused() {
    assertRefused(() -> begun(2).read(BinaryCopy.message().row("a").bytes()));
    assertRefused(() -> begun(2).read(BinaryCopy.message().row("a", "b", "c").bytes()));
    assertRefused(() -> begun(2).read(BinaryCopy.message().int16(-2).bytes()));
    assertRefused(() -> begun(0).read(BinaryCopy.message().row("a").bytes()));
  }

  @Test
  void aColumnOfImpossibleLengthIsRefused() {
    for (int length : new int[] {-2, Integer.MIN_VALUE, 5, Integer.MAX_VALUE}) {
      assertRefused(
          () -> begun(1).read(BinaryCopy.message().int16(1).int32(length).int32(0).bytes()));
    }
  }

  @Test
  void anUnknownHeaderIsRefused() {
    assertRefused(() -> reader(1).read(BinaryCopy.message().row("a").bytes()));
    assertRefused(() -> reader(1).read(TRAILER));
    assertRefused(() -> reader(1).read(BinaryCopy.message().header(1 << 16, new byte[0]).bytes()));
    assertRefused(() -> reader(1).read("1\t2 and some more text\n".getBytes(UTF_8)));
    for (int at = 0; at < 11; at++) {
      byte[] other = HEADER.clone();
      other[at]++;
      assertRefused(() -> reader(1).read(other));
    }
    for (int length : new int[] {-1, Integer.MIN_VALUE, 1, Integer.MAX_VALUE}) {
      byte[] other = HEADER.clone();
      ByteBuffer.wrap(other).putInt(15, length);
      assertRefused(() -> reader(1).read(other));
    }
  }

  @Test
  void theHeaderComesOnce() {
    assertRefused(() -> begun(1).read(HEADER));
  }

  private static void assertRefused(ThrowingCallable reading) {
    EtlException failure = catchThrowableOfType(EtlException.class, reading);
    assertThat(failure).isNotNull();
    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_DATA);
    assertThat(failure.tableOid()).hasValue(42);
    assertThat(failure).hasMessageContaining("public.t");
  }

  private static List<@Nullable String> texts(BinaryRowReader reader, BinaryCopy message) {
    TableRow row = Objects.requireNonNull(reader.read(message.bytes()));
    List<@Nullable String> texts = new ArrayList<>();
    IntStream.range(0, row.columnCount()).forEach(i -> texts.add(row.text(i)));
    return texts;
  }

  /** A reader that has read the header. */
  private static BinaryRowReader begun(int columns) {
    BinaryRowReader reader = reader(columns);
    reader.read(HEADER);
    return reader;
  }

  static BinaryRowReader reader(int columns) {
    List<ColumnSchema> schema =
        IntStream.range(0, columns)
            .mapToObj(i -> ColumnSchema.of("c" + i, BuiltinTypes.named("text")))
            .toList();
    return new BinaryRowReader(
        TableSchema.builder(new TableId(42), new TableName("public", "t")).columns(schema).build());
  }
}

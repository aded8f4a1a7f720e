package dev.pgetl.internal.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.schema.BuiltinTypes;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CopyRowReaderTest {
  @Test
  void findsTheFields() {
    assertThat(read(3, "1\tabc\tä\n")).containsExactly("1", "abc", "ä");
  }

  @Test
  void tellsNullFromEmptyAndFromItsText() {
    assertThat(read(5, "\\N\t\t\\\\N\tN\t\\N\n")).containsExactly(null, "", "\\N", "N", null);
  }

  @Test
  void resolvesEscapes() {
    assertThat(read(3, "a\\tb\\nc\\rd\\\\e\t\\b\\f\\v\tx\\\\\n"))
        .containsExactly("a\tb\nc\rd\\e", "\b\f\u000B", "x\\");
  }

  @Test
  void whatLooksLikeNullInsideAValueIsNone() {
    assertThat(read(1, "a\\\\N\n")).containsExactly("a\\N");
    assertThat(read(2, "\\\\\t\\N\n")).containsExactly("\\", null);
  }

  @Test
  void aTableWithoutColumnsHasEmptyLines() {
    assertThat(read(0, "\n")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1\t2",
        "1\n",
        "1\t2\t3\n",
        "\n",
        "1\t\\\n",
        "1\t\\x\n",
        "1\t\\Nx\n",
        "\\N1\t2\n",
        "\\N\n",
        "\\N",
      })
  void refusesWhatTheServerCannotSend(String line) {
    EtlException failure = catchThrowableOfType(EtlException.class, () -> read(2, line));
    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_DATA);
    assertThat(failure.tableOid()).hasValue(42);
    assertThat(failure).hasMessageContaining("public.t");
  }

  @Test
  void aTableWithoutColumnsHasNoOtherLines() {
    assertThat(catchThrowableOfType(EtlException.class, () -> read(0, "x\n"))).isNotNull();
  }

  @Test
  void everyTruncationIsRefused() {
    String line = "12\tab\\tc\t\\N\n";
    for (int length = 0; length < line.length(); length++) {
      String cut = line.substring(0, length);
      assertThat(catchThrowableOfType(EtlException.class, () -> read(3, cut))).isNotNull();
    }
  }

  @Test
  void anyBytesGiveARowOrATypedError() throws Exception {
    byte[] alphabet = "\\\t\nNabtnrfv\u00e4".getBytes(StandardCharsets.ISO_8859_1);
    RandomRuns.repeat(
        20_000,
        random -> {
          byte[] line = new byte[random.nextInt(12)];
          for (int at = 0; at < line.length; at++) {
            line[at] = alphabet[random.nextInt(alphabet.length)];
          }
          try {
            texts(reader(random.nextInt(4)).read(line));
          } catch (EtlException e) {
            assertThat(e.kind()).isEqualTo(ErrorKind.SOURCE_DATA);
          }
        });
  }

  @Test
  void whatTheServerEscapesComesBack() throws Exception {
    String alphabet = "\\\t\n\r\b\f\u000BNx.äß🌍";
    RandomRuns.repeat(
        5_000,
        random -> {
          List<@Nullable String> values = new ArrayList<>();
          for (int column = 0; column < 4; column++) {
            values.add(random.nextInt(5) == 0 ? null : random(random, alphabet));
          }
          assertThat(read(4, line(values))).isEqualTo(values);
        });
  }

  private static String random(RandomGenerator random, String alphabet) {
    int[] characters = alphabet.codePoints().toArray();
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(8); i > 0; i--) {
      text.appendCodePoint(characters[random.nextInt(characters.length)]);
    }
    return text.toString();
  }

  /** Writes a line as the server does. */
  private static String line(List<@Nullable String> values) {
    List<String> fields = new ArrayList<>();
    for (String value : values) {
      fields.add(value == null ? "\\N" : escaped(value));
    }
    return String.join("\t", fields) + "\n";
  }

  private static String escaped(String value) {
    return value
        .replace("\\", "\\\\")
        .replace("\t", "\\t")
        .replace("\n", "\\n")
        .replace("\r", "\\r")
        .replace("\b", "\\b")
        .replace("\f", "\\f")
        .replace("\u000B", "\\v");
  }

  private static List<@Nullable String> read(int columns, String line) {
    return texts(reader(columns).read(line.getBytes(StandardCharsets.UTF_8)));
  }

  private static List<@Nullable String> texts(TableRow row) {
    String[] texts = new String[row.table().columnCount()];
    Arrays.setAll(texts, row::text);
    return Arrays.asList(texts);
  }

  private static CopyRowReader reader(int columns) {
    List<ColumnSchema> schema =
        IntStream.range(0, columns)
            .mapToObj(i -> ColumnSchema.of("c" + i, BuiltinTypes.named("text")))
            .toList();
    return new CopyRowReader(
        TableSchema.builder(new TableId(42), new TableName("public", "t")).columns(schema).build());
  }
}

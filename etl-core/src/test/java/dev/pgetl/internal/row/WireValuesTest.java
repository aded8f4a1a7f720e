package dev.pgetl.internal.row;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableSchema;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every value of {@code types.jsonl} comes out as stated there, by either path. */
class WireValuesTest {
  private static final ExpectedValues EXPECTED = new ExpectedValues();

  static List<TypeSample> samples() {
    return TypeSample.all();
  }

  @Test
  void allSamplesAreThere() {
    assertThat(samples()).hasSize(282);
  }

  @ParameterizedTest
  @MethodSource("samples")
  void decodesWhatTheStreamCarries(TypeSample sample) {
    TableRow row = SampleTypes.row(type(sample), sample.text());
    assertThat(row.get(0)).isEqualTo(EXPECTED.of(sample.number()));
    assertThat(row.text(0)).isEqualTo(sample.text());
    assertThat(row.textBytes(0))
        .isEqualTo(ByteBuffer.wrap(sample.text().getBytes(StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void decodesWhatCopyPrints(TypeSample sample) {
    TableRow row = SampleTypes.row(type(sample), unescaped(sample.copy()));
    assertThat(row.get(0)).isEqualTo(EXPECTED.of(sample.number()));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void rendersTheValueAsTheServerDoes(TypeSample sample) {
    TableRow row = TableRow.of(SampleTypes.table(type(sample)), EXPECTED.of(sample.number()));
    assertThat(row.text(0)).isEqualTo(sample.text());
    assertThat(row).isEqualTo(SampleTypes.row(type(sample), sample.text()));
  }

  /** Nothing is read beyond the end: there is nothing there. */
  @ParameterizedTest
  @MethodSource("samples")
  void anyBeginningOfItIsAValueOrRejected(TypeSample sample) {
    byte[] text = sample.text().getBytes(StandardCharsets.UTF_8);
    TableSchema table = SampleTypes.table(type(sample));
    for (int length = 0; length < Math.min(text.length, 400); length++) {
      byte[] beginning = Arrays.copyOf(text, length);
      TableRow row = WireRow.of(table, beginning, new int[] {0, length});
      try {
        assertThat(row.get(0)).isNotNull();
      } catch (EtlException e) {
        assertThat(e.kind()).isEqualTo(ErrorKind.SOURCE_DATA);
      }
    }
  }

  private static PgType type(TypeSample sample) {
    PgType type = SampleTypes.of(sample.type());
    if (sample.typeOid() != null) {
      assertThat(type.oid()).isEqualTo(sample.typeOid());
    }
    return type;
  }

  /** Takes the backslashes of COPY away. */
  private static byte[] unescaped(String copy) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    byte[] bytes = copy.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      text.write(bytes[i] == '\\' ? control(bytes[++i]) : bytes[i]);
    }
    return text.toByteArray();
  }

  private static byte control(byte letter) {
    return switch (letter) {
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'v' -> 0x0B;
      default -> letter;
    };
  }
}

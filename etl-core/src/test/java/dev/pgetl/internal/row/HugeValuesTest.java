package dev.pgetl.internal.row;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.management.ThreadMXBean;
import dev.pgetl.data.TableRow;
import dev.pgetl.error.EtlException;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableSchema;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Large and deep values cost time and memory in proportion to their text. */
@Timeout(60)
class HugeValuesTest {
  private static final int MEBIBYTE = 1 << 20;

  @Test
  void readsLargeText() {
    TableRow row = SampleTypes.row(SampleTypes.of("text"), "é".repeat(25 * MEBIBYTE));
    assertThat(row.getString(0)).hasSize(25 * MEBIBYTE);
    assertThat(requireNonNull(row.textBytes(0)).remaining()).isEqualTo(50 * MEBIBYTE);
  }

  @Test
  void readsLargeBytes() {
    TableRow row = SampleTypes.row(SampleTypes.of("bytea"), "\\x" + "5a".repeat(10 * MEBIBYTE));
    assertThat(row.getBytes(0)).hasSize(10 * MEBIBYTE);
    assertThat((ByteBuffer) row.get(0)).matches(bytes -> bytes.remaining() == 10 * MEBIBYTE);
  }

  @Test
  void readsArraysOfAHundredThousandElements() {
    List<Integer> elements = Collections.nCopies(100_000, 7);
    TableRow row = TableRow.of(SampleTypes.table(SampleTypes.of("int4[]")), elements);
    assertThat(row.getList(0, Integer.class)).isEqualTo(elements);
  }

  @Test
  void readsTheLongestNumericFastEnoughForEveryRow() {
    String digits = "9".repeat(131_072) + "." + "9".repeat(16_383);
    TableRow row = SampleTypes.row(SampleTypes.of("numeric"), digits);
    BigDecimal number = requireNonNull(row.getBigDecimal(0));
    assertThat(number.scale()).isEqualTo(16_383);
    assertThat(number.precision()).isEqualTo(147_455);
    assertThat(number.remainder(BigDecimal.valueOf(1_000))).isEqualTo(fraction("999", number));
    long start = System.nanoTime();
    row.getBigDecimal(0);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
  }

  private static BigDecimal fraction(String integer, BigDecimal of) {
    return new BigDecimal(integer + "." + "9".repeat(of.scale()));
  }

  @Test
  void readsRowsOfSixteenHundredColumns() {
    PgType[] types = new PgType[1_600];
    Arrays.fill(types, SampleTypes.of("int4"));
    TableSchema table = SampleTypes.table(types);
    Object[] values = new Object[types.length];
    Arrays.setAll(values, i -> i % 2 == 0 ? i : null);
    TableRow row = TableRow.of(table, values);
    assertThat(row.getInt(1_598)).isEqualTo(1_598);
    assertThat(row.isNull("c1599")).isTrue();
    assertThat(row.toMap()).hasSize(1_600);
  }

  /** Braces, brackets and quotes by the million: neither the stack nor the heap runs over. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "int4[] {",
        "int4[] [1:1]",
        "int4[] {1,",
        "int4[] {{1},",
        "text[] {\"",
        "text[] \\",
        "addr (",
        "addr \"",
        "addr (\"\"",
        "addr ,",
        "int4range [",
        "int4multirange {",
        "hstore \"",
        "int4multirange {[1,2),",
        "numeric 1.",
        "interval 1",
        "inet :",
        "inet ::1",
        "float8 1e",
        "timestamp 2026-01-01",
        "uuid a",
        "bool t",
        "pg_lsn 0/0"
      })
  void rejectsMillionsOfTheSame(String type, String part) {
    byte[] text =
        part.repeat(MEBIBYTE / part.length()).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    TableRow row = SampleTypes.row(SampleTypes.of(type), text);
    assertThatExceptionOfType(EtlException.class).isThrownBy(() -> row.get(0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "text[] {{a},{a}} 40",
        "int4[] {1000,1000} 12",
        "bool[] {t,t} 12",
        "text[] {\"\\\"\",\"\\\"\"} 40",
        "int4multirange {[1,2),[1,2)} 20",
        "text x 3",
        "bytea \\x00 1"
      })
  void allocatesASmallMultipleOfTheText(String type, String sample, int multiple) {
    TableRow row = SampleTypes.row(SampleTypes.of(type), grown(sample));
    row.get(0);
    long before = allocatedBytes();
    row.get(0);
    assertThat(allocatedBytes() - before).isLessThan((long) multiple * MEBIBYTE);
  }

  /** Repeats what stands between the first bracket and the last up to a mebibyte. */
  private static String grown(String sample) {
    if (!sample.startsWith("{")) {
      int tail = sample.startsWith("\\x") ? 2 : 0;
      return sample.substring(0, tail)
          + sample.substring(tail).repeat(MEBIBYTE / (sample.length() - tail));
    }
    String element = sample.substring(1, sample.length() / 2);
    return "{"
        + String.join(",", Collections.nCopies(MEBIBYTE / (element.length() + 1), element))
        + "}";
  }

  private static long allocatedBytes() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }
}

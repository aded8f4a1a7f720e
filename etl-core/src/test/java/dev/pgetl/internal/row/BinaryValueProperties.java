package dev.pgetl.internal.row;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableSchema;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A random value in binary format is the same as in text, and never more than its bytes say. */
class BinaryValueProperties {
  @RegisterExtension private static final Seed SEED = Seed.of("values");
  private static final int COUNT = RandomRuns.count("values.count", 20_000);

  @Test
  void valuesAreTheSameInBothFormats() {
    RandomValues random = new RandomValues(SEED.value());
    for (int i = 0; i < COUNT; ) {
      PgType type = random.type(3);
      TableSchema table = SampleTypes.table(type);
      if (WireRow.readsBinary(table)) {
        Object value = random.value(type);
        TableRow text = TableRow.of(table, value);
        TableRow binary = BinaryValuesTest.row(type, BinaryEncoder.encode(type, value));
        assertThat(binary.get(0)).as("value %d, a %s", i, type).isEqualTo(value);
        assertThat(binary.text(0)).as("value %d", i).isEqualTo(text.text(0));
        assertThat(binary.textBytes(0)).isEqualTo(text.textBytes(0));
        assertThat(binary).isEqualTo(text).hasSameHashCodeAs(text);
        assertThat(text).isEqualTo(binary);
        i++;
      }
    }
  }

  @Test
  void anyBeginningIsAValueOrRejected() {
    RandomValues random = new RandomValues(SEED.value());
    for (int i = 0; i < COUNT / 20; i++) {
      PgType type = random.type(2);
      if (WireRow.readsBinary(SampleTypes.table(type))) {
        byte[] whole = BinaryEncoder.encode(type, random.value(type));
        for (int length = 0; length < whole.length; length++) {
          assertReadsOrRejects(type, Arrays.copyOf(whole, length));
        }
      }
    }
  }

  @Test
  void damageIsAValueOrRejected() {
    RandomValues random = new RandomValues(SEED.value());
    Random place = new Random(SEED.value());
    for (int i = 0; i < COUNT; i++) {
      PgType type = random.type(2);
      if (WireRow.readsBinary(SampleTypes.table(type))) {
        byte[] damaged = BinaryEncoder.encode(type, random.value(type));
        for (int bit = 0; bit < 3 && damaged.length > 0; bit++) {
          damaged[place.nextInt(damaged.length)] ^= (byte) (1 << place.nextInt(8));
        }
        assertReadsOrRejects(type, damaged);
      }
    }
  }

  /** Nothing is read beyond the end: there is nothing there. */
  static void assertReadsOrRejects(PgType type, byte[] bytes) {
    TableSchema table = SampleTypes.table(type);
    TableRow row = WireRow.of(table, bytes, new int[] {WireRow.BINARY, bytes.length});
    try {
      Object value = row.get(0);
      assertThat(value).isNotNull();
      TableRow text = TableRow.of(table, value);
      assertThat(text.get(0)).isEqualTo(value);
      assertThat(row.text(0)).isEqualTo(text.text(0));
      assertThat(row).isEqualTo(text).hasSameHashCodeAs(text);
    } catch (EtlException e) {
      assertThat(e.kind()).isEqualTo(ErrorKind.SOURCE_DATA);
      TableRow again = BinaryValuesTest.row(type, bytes);
      assertThat(row).isEqualTo(again).hasSameHashCodeAs(again);
    }
  }
}

package dev.pgetl.internal.row;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import dev.pgetl.schema.PgType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A value of any type, rendered as text and read again, is the same value. */
class ValueRoundTripProperties {
  @RegisterExtension private static final Seed SEED = Seed.of("values");
  private static final int TABLES = RandomRuns.count("values.count", 20_000) / 10;

  @Test
  void valuesSurviveTheirText() {
    RandomValues random = new RandomValues(SEED.value());
    for (int i = 0; i < TABLES; i++) {
      PgType[] types = new PgType[10];
      Arrays.setAll(types, column -> random.type(3));
      @Nullable Object[] values = new @Nullable Object[10];
      Arrays.setAll(values, column -> random.valueOrNull(types[column]));
      TableRow row = TableRow.of(SampleTypes.table(types), values);
      for (int column = 0; column < types.length; column++) {
        assertThat(row.get(column)).as("row %d, a %s", i, types[column]).isEqualTo(values[column]);
      }
      assertThat(TableRow.of(row.table(), row.toMap().values().toArray())).isEqualTo(row);
    }
  }
}

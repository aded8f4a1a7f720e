package dev.pgetl.internal.row;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.internal.row.Seeds.SeededTest;
import dev.pgetl.schema.PgType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A value of any type, rendered as text and read again, is the same value. */
class ValueRoundTripProperties {
  private static final int TABLES = Integer.getInteger("pgetl.values", 20_000) / 10;

  @SeededTest
  void valuesSurviveTheirText(long seed) {
    RandomValues random = new RandomValues(seed);
    for (int i = 0; i < TABLES; i++) {
      PgType[] types = new PgType[10];
      Arrays.setAll(types, column -> random.type(3));
      @Nullable Object[] values = new @Nullable Object[10];
      Arrays.setAll(values, column -> random.valueOrNull(types[column]));
      TableRow row = TableRow.of(SampleTypes.table(types), values);
      for (int column = 0; column < types.length; column++) {
        assertThat(row.get(column))
            .as("seed %d, row %d, a %s", seed, i, types[column])
            .isEqualTo(values[column]);
      }
      assertThat(TableRow.of(row.table(), row.toMap().values().toArray())).isEqualTo(row);
    }
  }
}

package dev.pgetl.internal.row;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.value.codec.IntegerCodec;
import dev.pgetl.internal.value.codec.TextCodec;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowLayoutTest {

  @Test
  void isWorkedOutOncePerVersion() {
    TableSchema table = SampleTypes.table(SampleTypes.of("int4"));
    TableSchema equal = SampleTypes.table(SampleTypes.of("int4"));
    assertThat(RowLayout.of(table)).isSameAs(RowLayout.of(table));
    assertThat(RowLayout.of(equal)).isNotSameAs(RowLayout.of(table));
  }

  @Test
  void isRightForMoreVersionsThanAreRemembered() {
    List<TableSchema> tables = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      tables.add(SampleTypes.table(SampleTypes.of(i % 2 == 0 ? "int4" : "text")));
    }
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < tables.size(); i++) {
        assertThat(RowLayout.of(tables.get(i)).codec(0))
            .isSameAs(i % 2 == 0 ? IntegerCodec.INT4 : TextCodec.PLAIN);
      }
    }
  }

  @Test
  void knowsColumnsByName() {
    RowLayout layout =
        RowLayout.of(SampleTypes.table(SampleTypes.of("int4"), SampleTypes.of("text")));
    assertThat(layout.index("c1")).isEqualTo(1);
    assertThat(layout.index("c2")).isNull();
  }
}

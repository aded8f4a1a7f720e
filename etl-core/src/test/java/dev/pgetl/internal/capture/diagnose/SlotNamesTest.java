package dev.pgetl.internal.capture.diagnose;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlotNamesTest {
  @ParameterizedTest
  @CsvSource({
    "pgetl_apply_a, a, 0",
    "pgetl_apply_a_1, a_1, 0",
    "pgetl_sync_a_16384, a, 16384",
    "pgetl_sync_a_1_16384, a_1, 16384",
    "pgetl_sync_a_g12, a, 0",
    "pgetl_sync_a_99999999999, a, 0",
    "pgetl_sync_a, '', 0",
    "other, '', 0"
  })
  void nameThePipelineAndTheTable(String slot, String pipeline, long table) {
    assertThat(SlotNames.pipeline(slot)).isEqualTo(pipeline);
    assertThat(SlotNames.table(slot)).isEqualTo(table);
  }

  @Test
  void othersMayBeginAlike() {
    assertThat(new SlotNames("a").own("pgetl_sync_a_1")).isTrue();
    assertThat(new SlotNames("a").own("pgetl_apply_a_1")).isFalse();
  }
}

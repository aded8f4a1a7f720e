package dev.pgetl.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.capture.UnusedSource;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.store.PlainStore;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which slots are those of the pipeline {@code shop}. */
class SlotNameTest {
  private static final PipelineContext CONTEXT =
      Contexts.of(
          Contexts.config().build(),
          new PlainStore(),
          new PipelineListener() {},
          new UnusedSource(),
          Platform.jvm());

  @ParameterizedTest
  @ValueSource(strings = {"pgetl_apply_shop", "pgetl_sync_shop_16384", "pgetl_sync_shop_c123"})
  void itsOwn(String slot) {
    assertThat(CONTEXT.ownsSlot(slot)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pgetl_apply_shop_2",
        "pgetl_sync_shop_2_16384",
        "pgetl_sync_shop_eu_16384",
        "pgetl_sync_shop_",
        "other"
      })
  void thoseOfPipelinesWhoseIdsBeginAlike(String slot) {
    assertThat(CONTEXT.ownsSlot(slot)).isFalse();
  }
}

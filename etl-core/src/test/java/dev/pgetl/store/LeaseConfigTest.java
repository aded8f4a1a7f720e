package dev.pgetl.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LeaseConfigTest {
  @Test
  void hasDefaultsThatWork() {
    LeaseConfig config = LeaseConfig.builder().build();
    assertThat(config.length()).isEqualTo(Duration.ofSeconds(10));
    assertThat(config.handOverAfter()).isEmpty();
    assertThat(config.owner()).contains(Long.toString(ProcessHandle.current().pid()));
    assertThat(config.owner()).isNotEqualTo(LeaseConfig.builder().build().owner());
  }

  @Test
  void keepsWhatItIsGiven() {
    LeaseConfig.Builder builder =
        LeaseConfig.builder()
            .owner("web-1")
            .length(Duration.ofSeconds(2))
            .handOverAfter(Duration.ofMinutes(1));
    LeaseConfig config = builder.build();
    assertThat(config.owner()).isEqualTo("web-1");
    assertThat(config.length()).isEqualTo(Duration.ofSeconds(2));
    assertThat(config.handOverAfter()).contains(Duration.ofMinutes(1));
    assertThat(config).isEqualTo(builder.build()).hasSameHashCodeAs(builder.build());
    assertThat(config).isNotEqualTo(builder.owner("web-2").build());
    assertThat(config).hasToString("LeaseConfig{owner=web-1, length=PT2S, handOverAfter=PT1M}");
  }

  @Test
  void refusesWhatCannotWork() {
    LeaseConfig.Builder builder = LeaseConfig.builder();
    assertThatIllegalArgumentException().isThrownBy(() -> builder.owner(" "));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.owner("x".repeat(201)));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.length(Duration.ofMillis(999)));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.length(Duration.ofHours(2)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.handOverAfter(Duration.ofMillis(1)));
  }
}

package dev.pgetl.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BatchConfigTest {
  @Test
  void hasDefaultsThatWork() {
    assertThat(BatchConfig.builder().build())
        .isEqualTo(new BatchConfig(10_000, 8 << 20, Duration.ZERO, Duration.ofSeconds(5)))
        .isEqualTo(BatchConfig.DEFAULT);
  }

  @Test
  void keepsWhatItIsGiven() {
    assertThat(
            BatchConfig.builder()
                .maxSize(1)
                .maxBytes(2)
                .maxFill(Duration.ofSeconds(3))
                .maxAcceptedAge(Duration.ofSeconds(4))
                .build())
        .isEqualTo(new BatchConfig(1, 2, Duration.ofSeconds(3), Duration.ofSeconds(4)));
  }

  @Test
  void namesEveryMistakeAtOnce() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            BatchConfig.builder()
                    .maxSize(0)
                    .maxBytes(-1)
                    .maxFill(Duration.ofNanos(-1))
                    .maxAcceptedAge(Duration.ZERO)
                ::build)
        .withMessage(
            "BatchConfig is not valid: "
                + "batch.maxSize must be positive, is 0; "
                + "batch.maxBytes must be positive, is -1; "
                + "batch.maxFill must not be negative, is PT-0.000000001S; "
                + "batch.maxAcceptedAge must be positive, is PT0S");
  }

  @Test
  void refusesDurationsWhoseNanosecondsWouldOverflow() {
    Duration forever = Duration.ofSeconds(Long.MAX_VALUE);

    assertThatIllegalArgumentException()
        .isThrownBy(BatchConfig.builder().maxFill(forever).maxAcceptedAge(forever)::build)
        .withMessageContaining("batch.maxFill must be at most 365 days")
        .withMessageContaining("batch.maxAcceptedAge must be at most 365 days");
    assertThat(BatchConfig.builder().maxAcceptedAge(Duration.ofDays(365)).build()).isNotNull();
  }
}

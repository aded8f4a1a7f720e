package dev.pgetl.internal.runtime.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.observe.PipelineListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObserversTest {
  private final List<String> heard = new ArrayList<>();
  private final PipelineListener listener =
      new PipelineListener() {
        @Override
        public void onRetry(EtlException failure, int attempt, Duration delay) {
          heard.add(failure.kind() + " " + attempt + " " + delay.toMillis());
        }
      };

  /** The store fails as well as the destination: the line says which, and not the wrong one. */
  @Test
  void saysWhatIsTriedAgainAndBlamesNobodyElse() {
    EtlException failure =
        new EtlException(ErrorKind.STORE_UNAVAILABLE, "remembering position 0/10 failed");
    try (RecordedLog log = new RecordedLog(Observers.class)) {
      Observers.retrying(listener, failure, 2, Duration.ofMillis(20));

      assertThat(log.lines())
          .containsExactly("trying again in 20 ms (attempt 2): remembering position 0/10 failed");
    }
    assertThat(heard).containsExactly("STORE_UNAVAILABLE 2 20");
  }

  @Test
  void aListenerThatThrowsHarmsNobody() {
    Observers.tell(
        () -> {
          throw new IllegalStateException("test");
        });

    assertThat(heard).isEmpty();
  }
}

package dev.pgetl.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class SumTest {
  private final Sum sum = new Sum();

  private static Map<String, Long> count(long present) {
    return Map.of("table", present);
  }

  /** Two servers scrape one process, and the one that read first is held up. */
  @Test
  void isNotMisledByAScrapeThatIsOvertaken() throws Exception {
    Thread newer = new Thread(() -> assertThat(sum.of(() -> count(110))).isPositive());
    Supplier<Map<String, Long>> older =
        () -> {
          newer.start();
          await().until(() -> isHeldUp(newer));
          return count(100);
        };

    double read = sum.of(older);
    newer.join();

    assertThat(read).isEqualTo(100);
    assertThat(sum.of(() -> count(110))).isEqualTo(110);
  }

  private static boolean isHeldUp(Thread thread) {
    return switch (thread.getState()) {
      case BLOCKED, TERMINATED -> true;
      case NEW, RUNNABLE, WAITING, TIMED_WAITING -> false;
    };
  }
}

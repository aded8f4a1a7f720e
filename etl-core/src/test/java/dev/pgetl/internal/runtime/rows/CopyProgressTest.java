package dev.pgetl.internal.runtime.rows;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.runtime.worker.RecordedLog;
import dev.pgetl.schema.TableName;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CopyProgressTest {
  private static final TableName NAME = new TableName("public", "orders");

  private final RecordedLog log = new RecordedLog(CopyProgress.class);
  private long now = Long.MAX_VALUE - 1; // a running clock may overflow

  @AfterEach
  void stopRecording() {
    log.close();
  }

  private CopyProgress copyOf(long estimatedRows) {
    return new CopyProgress(NAME, estimatedRows, 0, () -> now);
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  @Test
  void saysNothingOfACopyThatEndsSoon() {
    CopyProgress progress = copyOf(1_000);
    for (int i = 0; i < 9; i++) {
      pass(Duration.ofSeconds(1));
      progress.written(100);
    }

    assertThat(log.lines()).isEmpty();
  }

  @Test
  void saysHowFarHowFastAndHowLong() {
    CopyProgress progress = copyOf(1_000_000);
    pass(Duration.ofSeconds(10));
    progress.written(50_000);

    assertThat(log.lines())
        .containsExactly(
            "copying table public.orders: 50000 of about 1000000 rows (5%), 5000 rows/s, about 3 min 10 s left");
  }

  @Test
  void writesOneLineInTenSecondsHoweverManyBatchesThereAre() {
    CopyProgress progress = copyOf(-1);
    for (int i = 0; i < 600; i++) {
      pass(Duration.ofMillis(100));
      progress.written(7);
    }

    assertThat(log.lines()).hasSize(6);
    assertThat(log.lines().get(5)).isEqualTo("copying table public.orders: 4200 rows, 70 rows/s");
  }

  @Test
  void theRateIsThatSinceTheLastLine() {
    CopyProgress progress = copyOf(100_000);
    pass(Duration.ofSeconds(10));
    progress.written(50_000);
    pass(Duration.ofSeconds(20));
    progress.written(2_000);

    assertThat(log.lines().get(1))
        .contains("52000 of", "(52%)", " 100 rows/s, about 8 min 0 s left");
  }

  @Test
  void givesNoTimeLeftWhereTheEstimateIsOfNoUse() {
    CopyProgress tooSmall = copyOf(10);
    CopyProgress stuck = copyOf(10);
    CopyProgress unknown = copyOf(-1);
    CopyProgress empty = copyOf(0);
    pass(Duration.ofSeconds(10));
    tooSmall.written(10);
    stuck.written(0);
    unknown.written(20);
    empty.written(30);

    assertThat(log.lines())
        .containsExactly(
            "copying table public.orders: 10 rows, 1 rows/s",
            "copying table public.orders: 0 rows, 0 rows/s",
            "copying table public.orders: 20 rows, 2 rows/s",
            "copying table public.orders: 30 rows, 3 rows/s");
  }

  @Test
  void givesTheTimeLeftAsExactlyAsItDeserves() {
    CopyProgress seconds = copyOf(1_590);
    CopyProgress hours = copyOf(1_000 + 100 * 8_100);
    pass(Duration.ofSeconds(10));
    seconds.written(1_000);
    hours.written(1_000);

    assertThat(log.lines().get(0)).endsWith("about 5 s left");
    assertThat(log.lines().get(1)).endsWith("about 2 h 15 min left");
  }
}

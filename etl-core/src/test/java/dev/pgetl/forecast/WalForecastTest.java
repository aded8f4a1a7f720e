package dev.pgetl.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class WalForecastTest {
  private static final long MB = 1 << 20;

  private final List<SlotSample> samples = new ArrayList<>();

  private void sample(long restart, long wal, OptionalLong safe) {
    Instant time = Instant.EPOCH.plusSeconds(20L * samples.size());
    samples.add(new SlotSample(time, new Lsn(restart * MB), new Lsn(wal * MB), safe));
  }

  private static OptionalLong megabytes(long number) {
    return OptionalLong.of(number * MB);
  }

  /** A minute in which a slot holds 1 MB per second more, from 100 MB on. */
  private void held(OptionalLong safe) {
    for (int i = 0; i < 4; i++) {
      long grown = 20L * i;
      OptionalLong left = safe.isEmpty() ? safe : OptionalLong.of(safe.getAsLong() - grown * MB);
      sample(100, 200 + grown, left);
    }
  }

  private WalForecast forecast() {
    return WalForecast.of("slot", samples);
  }

  @Test
  void dividesWhatIsSafeByTheGrowth() {
    held(megabytes(1000));
    assertThat(forecast().loss()).isEqualTo(new Outlook.Within(Duration.ofSeconds(940)));
    assertThat(forecast().retainedBytes()).isEqualTo(160 * MB);
    assertThat(forecast().bytesPerSecond().orElseThrow()).isEqualTo(1.0 * MB);
  }

  /** A step may still come. */
  @Test
  void needsMoreThanFortySeconds() {
    assertThat(forecast().loss()).isInstanceOf(Outlook.Unknown.class);
    sample(100, 200, megabytes(1000));
    sample(100, 220, megabytes(980));
    sample(100, 240, megabytes(960));
    assertThat(forecast().loss()).isInstanceOf(Outlook.Unknown.class);
    assertThat(forecast().bytesPerSecond()).isEqualTo(OptionalDouble.empty());
  }

  @Test
  void isUnknownWithoutALimitAndStillKnowsTheGrowth() {
    held(OptionalLong.empty());
    assertThat(forecast().loss())
        .isEqualTo(new Outlook.Unknown("max_slot_wal_keep_size sets no limit"));
    assertThat(forecast().diskFull(megabytes(200)))
        .isEqualTo(new Outlook.Within(Duration.ofSeconds(200)));
    assertThat(forecast().diskFull(megabytes(0))).isEqualTo(new Outlook.Within(Duration.ZERO));
    assertThat(forecast().diskFull(OptionalLong.empty())).isInstanceOf(Outlook.Unknown.class);
  }

  @Test
  void isNeverIfNothingGrows() {
    for (int i = 0; i < 4; i++) {
      sample(100, 200, megabytes(1000));
    }
    assertThat(forecast().loss()).isEqualTo(new Outlook.Never());
    assertThat(forecast().diskFull(megabytes(1))).isEqualTo(new Outlook.Never());
  }

  @Test
  void isNowIfTheSlotIsInDanger() {
    sample(100, 200, OptionalLong.of(0));
    assertThat(forecast().loss()).isEqualTo(new Outlook.Within(Duration.ZERO));
  }

  /** Between two steps it holds more with each sample. */
  @Test
  void aSlotThatIsReadIsNotLostBetweenItsSteps() {
    for (int i = 0; i < 30; i++) {
      sample(100 + i / 2 * 40, 200 + i * 20, megabytes(1000 - i % 2 * 20));
      assertThat(forecast().loss().timeLeft()).as("sample %s", i).isEmpty();
    }
  }

  @Test
  void forgetsAnotherHistory() {
    sample(100, 900, megabytes(1000));
    sample(100, 1200, megabytes(700));
    sample(100, 150, megabytes(1750)); // promoted
    sample(100, 170, megabytes(1730));
    sample(100, 190, megabytes(1710));
    assertThat(forecast().loss()).isInstanceOf(Outlook.Unknown.class);
    sample(100, 210, megabytes(1690));
    assertThat(forecast().loss()).isEqualTo(new Outlook.Within(Duration.ofSeconds(1690)));
  }

  @Test
  void theNearestLossCounts() {
    WalForecast far = lossIn("far", 500);
    WalForecast near = lossIn("near", 50);
    WalForecast unknown = WalForecast.unknown("unknown", 5, "why");
    WalForecast more = WalForecast.unknown("more", 6, "why");
    assertThat(WalForecast.nearest(List.of(unknown, far, near, more))).isEqualTo(near);
    assertThat(WalForecast.nearest(List.of(unknown, more))).isEqualTo(more);
    assertThat(WalForecast.nearest(List.of())).isEqualTo(WalForecast.UNKNOWN);
  }

  private static WalForecast lossIn(String slot, long seconds) {
    Outlook loss = new Outlook.Within(Duration.ofSeconds(seconds));
    return new WalForecast(slot, loss, 1, OptionalDouble.of(1), List.of());
  }

  @Test
  void refusesANegativeTime() {
    assertThatThrownBy(() -> new Outlook.Within(Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

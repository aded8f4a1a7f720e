package dev.pgetl.internal.runtime.retain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.forecast.Outlook;
import dev.pgetl.forecast.WalForecast;
import dev.pgetl.internal.capture.SlotRetention;
import dev.pgetl.internal.runtime.worker.RecordedLog;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LossForecastTest {
  private static final long MB = 1 << 20;
  private static final long LIMIT = 10_000 * MB;
  private static final String DANGER = "is lost in about";

  private final RecordedLog log = new RecordedLog(LossForecast.class);
  private long seconds;
  private long wal;
  private long restart;
  private final LossForecast forecast = new LossForecast(() -> TimeUnit.SECONDS.toNanos(seconds));

  @AfterEach
  void stopRecording() {
    log.close();
  }

  private List<String> lines(String text) {
    return log.lines().stream().filter(line -> line.contains(text)).toList();
  }

  private SlotRetention slot() {
    long safe = LIMIT - (wal - restart) * MB;
    return new SlotRetention(
        "pgetl_apply_it",
        new Lsn(restart * MB),
        new Lsn(restart * MB),
        new Lsn(wal * MB),
        safe <= 0 ? "unreserved" : "extended",
        safe <= 0 ? OptionalLong.empty() : OptionalLong.of(safe),
        OptionalLong.of(LIMIT));
  }

  /** WAL is written for a while, and the slot is looked at every 10 seconds. */
  private WalForecast write(int megabytesPerSecond, int forSeconds) {
    for (int i = 0; i < forSeconds; i += 10) {
      seconds += 10;
      wal += 10L * megabytesPerSecond;
      forecast.seen(List.of(slot()), slot -> List.of("the destination", "a standby"));
    }
    return forecast.present();
  }

  @Test
  void warnsTwiceWithWhatHoldsTheWalAndTheCommand() {
    assertThat(write(2, 60).loss().isWithin(Duration.ofHours(2))).isTrue();
    assertThat(lines(DANGER)).isEmpty();
    WalForecast near = write(2, 1800);
    assertThat(near.loss().timeLeft().orElseThrow()).isEqualTo(Duration.ofSeconds(3140));
    assertThat(near.heldBy()).containsExactly("the destination", "a standby");
    assertThat(lines(DANGER)).hasSize(1);
    assertThat(lines(DANGER).get(0))
        .contains("pgetl_apply_it", "about 60 min", "2.00 MB/s")
        .contains("It is held by the destination; a standby.")
        .contains("ALTER SYSTEM SET max_slot_wal_keep_size = '20000MB'; SELECT pg_reload_conf()");
    WalForecast unused = write(2, 3600);
    assertThat(lines(DANGER)).hasSize(2);
    assertThat(forecast.present().loss()).isEqualTo(new Outlook.Within(Duration.ZERO));
  }

  @Test
  void saysWhenItIsOver() {
    WalForecast unused = write(20, 60);
    assertThat(lines(DANGER)).hasSize(1);
    restart = wal;
    WalForecast after = write(0, 60);
    assertThat(after.loss()).isEqualTo(new Outlook.Never());
    assertThat(after.heldBy()).isEmpty();
    assertThat(lines("pgetl_apply_it is not about to be lost any more")).hasSize(1);
  }

  @Test
  void saysThatASlotIsNotNeededAnyMore() {
    WalForecast unused = write(20, 60);
    forecast.seen(List.of(), slot -> List.of());
    assertThat(lines("pgetl_apply_it is not needed any more")).hasSize(1);
    assertThat(forecast.present()).isEqualTo(WalForecast.UNKNOWN);
  }

  /** The server may be away for a moment: what was said before does not hold then. */
  @Test
  void knowsNothingOfSlotsThatCannotBeSeen() {
    WalForecast unused = write(20, 60);
    forecast.unseen();
    assertThat(forecast.present()).isEqualTo(WalForecast.UNKNOWN);
    assertThat(write(20, 10).loss().isWithin(Duration.ofMinutes(10))).isTrue();
    assertThat(lines(DANGER)).hasSize(1);
  }
}

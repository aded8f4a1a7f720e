package dev.pgetl.internal.runtime.retain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.forecast.GeneratedSlot;
import dev.pgetl.forecast.Outlook;
import dev.pgetl.forecast.SlotSample;
import dev.pgetl.forecast.WalForecast;
import dev.pgetl.internal.runtime.retain.LossAlarm.Change;
import dev.pgetl.random.RandomRuns;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class LossAlarmTest {
  private final LossAlarm alarm = new LossAlarm();

  private Change minutes(long minutes) {
    return alarm.next(new Outlook.Within(Duration.ofMinutes(minutes)));
  }

  @Test
  void warnsOnceWithinAnHourAndOnceWithinTenMinutes() {
    assertThat(minutes(61)).isEqualTo(Change.NONE);
    assertThat(minutes(60)).isEqualTo(Change.NEARER);
    assertThat(minutes(59)).isEqualTo(Change.NONE);
    assertThat(minutes(100)).isEqualTo(Change.NONE);
    assertThat(minutes(11)).isEqualTo(Change.NONE);
    assertThat(minutes(10)).isEqualTo(Change.NEARER);
    assertThat(minutes(30)).isEqualTo(Change.NONE);
    assertThat(minutes(0)).isEqualTo(Change.NONE);
  }

  @Test
  void warnsOnceOfALossThatIsNearAtOnce() {
    assertThat(minutes(3)).isEqualTo(Change.NEARER);
    assertThat(minutes(2)).isEqualTo(Change.NONE);
  }

  @Test
  void saysThatItIsOverAndWarnsAgain() {
    assertThat(alarm.next(new Outlook.Never())).isEqualTo(Change.NONE);
    assertThat(minutes(5)).isEqualTo(Change.NEARER);
    assertThat(alarm.isOn()).isTrue();
    assertThat(alarm.next(new Outlook.Unknown("not seen"))).isEqualTo(Change.NONE);
    assertThat(minutes(121)).isEqualTo(Change.OVER);
    assertThat(alarm.isOn()).isFalse();
    assertThat(minutes(40)).isEqualTo(Change.NEARER);
    assertThat(alarm.next(new Outlook.Never())).isEqualTo(Change.OVER);
  }

  /** At rates that change at any time: if the highest of them leaves more than a minute. */
  @Test
  void comesBeforeTheLoss() throws Exception {
    RandomRuns.repeat(3_000, LossAlarmTest::checkLoss);
  }

  private static void checkLoss(RandomGenerator random) {
    long limit = (64L + random.nextInt(4096)) << 24;
    GeneratedSlot slot = new GeneratedSlot(limit, 0.2, random);
    double highest = 0;
    double slowest = limit / (3600.0 * (1 + random.nextInt(3)));
    boolean lost = false;
    while (!lost) {
      double rate = slowest * Math.exp(random.nextDouble(4));
      highest = Math.max(highest, rate * 1.2);
      double read = random.nextInt(3) > 0 ? 0 : random.nextDouble();
      lost = slot.run(30 + random.nextInt(900), at -> rate, read) || slot.second() > 36_000;
    }
    boolean foreseeable = (limit + GeneratedSlot.SEGMENT) / highest > 60;
    if (foreseeable && slot.safe() <= 0) {
      assertThat(warning(slot)).as("limit %s, highest %s", limit, highest).isTrue();
    }
  }

  /** {@return whether there was a warning before the last sample, which may show the loss} */
  private static boolean warning(GeneratedSlot slot) {
    LossAlarm alarm = new LossAlarm();
    for (int i = 1; i <= slot.count(); i++) {
      List<SlotSample> seen = slot.until(i);
      boolean isLost = seen.get(seen.size() - 1).safeBytes().orElseThrow() == 0;
      if (!isLost && alarm.next(WalForecast.of("s", seen).loss()) == Change.NEARER) {
        return true;
      }
    }
    return false;
  }
}

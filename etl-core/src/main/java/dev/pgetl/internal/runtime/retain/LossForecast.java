package dev.pgetl.internal.runtime.retain;

import dev.pgetl.forecast.SlotSample;
import dev.pgetl.forecast.WalForecast;
import dev.pgetl.internal.capture.SlotRetention;
import dev.pgetl.internal.platform.Ticker;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps samples of the slots of a pipeline, and warns before one is lost. Owned by the timer's
 * thread; any thread may read the {@link #present()} forecast.
 */
public final class LossForecast {
  private static final Logger LOG = LoggerFactory.getLogger(LossForecast.class);

  /** An hour of samples, taken every 10 seconds. */
  private static final int MOST_SAMPLES = 360;

  /** How near a loss is when it is asked what holds the WAL. */
  private static final Duration NEAR = Duration.ofDays(1);

  private final Ticker ticker;
  private final Map<String, Slot> slots = new HashMap<>();
  private volatile WalForecast present = WalForecast.UNKNOWN;

  private static final class Slot {
    private final List<SlotSample> samples = new ArrayList<>();
    private final LossAlarm alarm = new LossAlarm();
  }

  /**
   * Creates the forecast of a pipeline whose slots have not been seen.
   *
   * @param ticker a clock in nanoseconds
   */
  public LossForecast(Ticker ticker) {
    this.ticker = ticker;
  }

  /** {@return the forecast for the slot that is lost first} */
  public WalForecast present() {
    return present;
  }

  /** The slots could not be seen. */
  public void unseen() {
    present = WalForecast.UNKNOWN;
  }

  /**
   * All slots of the pipeline were seen.
   *
   * @param seen the slots
   * @param heldBy what holds one of them
   */
  public void seen(Collection<SlotRetention> seen, Function<SlotRetention, List<String>> heldBy) {
    Set<String> names = seen.stream().map(SlotRetention::slotName).collect(Collectors.toSet());
    slots.forEach((name, slot) -> leave(name, slot, names));
    slots.keySet().retainAll(names);
    present = WalForecast.nearest(seen.stream().map(each -> forecast(each, heldBy)).toList());
  }

  private static void leave(String name, Slot slot, Set<String> left) {
    if (slot.alarm.isOn() && !left.contains(name)) {
      LOG.info("replication slot {} is not needed any more", name);
    }
  }

  private WalForecast forecast(SlotRetention seen, Function<SlotRetention, List<String>> heldBy) {
    Slot slot = slots.computeIfAbsent(seen.slotName(), name -> new Slot());
    slot.samples.add(sample(seen));
    if (slot.samples.size() > MOST_SAMPLES) {
      slot.samples.remove(0);
    }
    WalForecast forecast = WalForecast.of(seen.slotName(), slot.samples);
    if (forecast.loss().isWithin(NEAR)) {
      forecast = forecast.withHeldBy(heldBy.apply(seen));
    }
    log(slot.alarm.next(forecast.loss()), forecast, seen);
    return forecast;
  }

  private SlotSample sample(SlotRetention seen) {
    OptionalLong safe = seen.isInDanger() ? OptionalLong.of(0) : seen.safeBytes();
    return new SlotSample(
        Instant.EPOCH.plusNanos(ticker.nanos()), seen.restartLsn(), seen.walLsn(), safe);
  }

  private static void log(LossAlarm.Change change, WalForecast forecast, SlotRetention slot) {
    switch (change) {
      case NONE -> {}
      case OVER ->
          LOG.info("replication slot {} is not about to be lost any more", slot.slotName());
      case NEARER -> warn(forecast, slot);
    }
  }

  private static void warn(WalForecast forecast, SlotRetention slot) {
    LOG.warn(
        "replication slot {} {}: the server keeps {} MB for it, and {} MB are left of"
            + " max_slot_wal_keep_size. It is held by {}. For more time: ALTER SYSTEM SET"
            + " max_slot_wal_keep_size = '{}MB'; SELECT pg_reload_conf(). It needs space on the"
            + " disk of the server",
        slot.slotName(),
        when(forecast),
        slot.heldBytes() >> 20,
        slot.safeBytes().orElse(0) >> 20,
        String.join("; ", forecast.heldBy()),
        Math.max(1, slot.limitBytes().orElse(0) >> 19));
  }

  private static String when(WalForecast forecast) {
    Duration left = forecast.loss().timeLeft().orElse(Duration.ZERO);
    if (left.isZero()) {
      return "may be lost at the next checkpoint";
    }
    double megabytes = forecast.bytesPerSecond().orElse(0) / (1 << 20);
    return String.format(
        Locale.ROOT,
        "is lost in about %s if its WAL grows as now, %.2f MB/s",
        left.toMinutes() >= 2 ? left.toMinutes() + " min" : left.toSeconds() + " s",
        megabytes);
  }
}

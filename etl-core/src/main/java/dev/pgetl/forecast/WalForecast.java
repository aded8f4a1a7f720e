package dev.pgetl.forecast;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * When the server gives up a replication slot, if the WAL that the slot holds grows as it does now.
 * Immutable.
 *
 * <p>Once {@code safe_wal_size} has reached 0, the next checkpoint may remove WAL that the slot
 * needs; then the slot is lost, and everything that it served is copied again.
 *
 * @param slot the slot; empty if none was seen
 * @param loss when {@code safe_wal_size} reaches 0, by the faster of the growth in a short and in a
 *     long window; unknown without {@code max_slot_wal_keep_size}
 * @param retainedBytes how much WAL the server keeps for the slot
 * @param bytesPerSecond how fast that grows, not below 0; empty if it is unknown
 * @param heldBy what keeps the slot where it is, each as part of a sentence; empty while no loss
 *     within a day is expected
 */
public record WalForecast(
    String slot,
    Outlook loss,
    long retainedBytes,
    OptionalDouble bytesPerSecond,
    List<String> heldBy) {
  /** Of a pipeline whose slots have not been seen. */
  public static final WalForecast UNKNOWN = unknown("", 0, "the slots have not been seen");

  private static final Duration LONGEST = Duration.ofDays(365);

  private static final String TOO_FEW =
      "too few samples: it takes 40 seconds of a slot that is held, three advances of another one";

  public WalForecast {
    Objects.requireNonNull(slot, "slot");
    Objects.requireNonNull(loss, "loss");
    Objects.requireNonNull(bytesPerSecond, "bytesPerSecond");
    heldBy = List.copyOf(heldBy);
  }

  /**
   * {@return the forecast for one slot}
   *
   * @param slot its name
   * @param samples of the slot, the oldest first; those before the position of the WAL fell, as it
   *     does after a promotion, are not used
   */
  public static WalForecast of(String slot, List<SlotSample> samples) {
    List<SlotSample> used = ofOneHistory(samples);
    if (used.isEmpty()) {
      return unknown(slot, 0, TOO_FEW);
    }
    SlotSample last = used.get(used.size() - 1);
    Optional<Growth> growth = Growth.of(used);
    OptionalDouble rate =
        growth.isPresent()
            ? OptionalDouble.of(Math.max(0, growth.get().bytesPerSecond()))
            : OptionalDouble.empty();
    Outlook loss = loss(last, growth);
    return new WalForecast(slot, loss, last.retainedBytes(), rate, List.of());
  }

  private static Outlook loss(SlotSample last, Optional<Growth> growth) {
    if (last.safeBytes().isEmpty()) {
      return new Outlook.Unknown("max_slot_wal_keep_size sets no limit");
    } else if (last.safeBytes().getAsLong() <= 0) {
      return new Outlook.Within(Duration.ZERO);
    } else if (growth.isEmpty()) {
      return new Outlook.Unknown(TOO_FEW);
    }
    long safe = last.safeBytes().getAsLong();
    long toNextStep = Math.max(0, growth.get().peakBytes() - last.retainedBytes());
    return after(safe - toNextStep, growth.get().bytesPerSecond());
  }

  /**
   * {@return a forecast without an outlook}
   *
   * @param slot the slot; empty if none was seen
   * @param retainedBytes how much WAL it holds
   * @param reason why nothing can be said
   */
  public static WalForecast unknown(String slot, long retainedBytes, String reason) {
    return new WalForecast(
        slot, new Outlook.Unknown(reason), retainedBytes, OptionalDouble.empty(), List.of());
  }

  /**
   * {@return the forecast for the slot that is lost first; if none is, for the one that holds most}
   *
   * @param forecasts of the slots of a pipeline
   */
  public static WalForecast nearest(Collection<WalForecast> forecasts) {
    return forecasts.stream()
        .min(
            Comparator.comparing(
                    (WalForecast each) -> each.loss.timeLeft().orElse(LONGEST.plusDays(1)))
                .thenComparing(WalForecast::retainedBytes, Comparator.reverseOrder()))
        .orElse(UNKNOWN);
  }

  /**
   * {@return the forecast, with what holds the WAL}
   *
   * @param what each as part of a sentence
   */
  public WalForecast withHeldBy(List<String> what) {
    return new WalForecast(slot, loss, retainedBytes, bytesPerSecond, what);
  }

  /**
   * {@return when the volume of the server's WAL is full, if the WAL of the slot is what grows on
   * it} Postgres does not report free space: the caller does.
   *
   * @param freeBytes how much is free on the volume now; empty if that is not known
   */
  public Outlook diskFull(OptionalLong freeBytes) {
    if (freeBytes.isEmpty()) {
      return new Outlook.Unknown("the free bytes of the volume are not known");
    } else if (freeBytes.getAsLong() <= 0) {
      return new Outlook.Within(Duration.ZERO);
    } else if (bytesPerSecond.isEmpty()) {
      return new Outlook.Unknown(TOO_FEW);
    }
    return after(freeBytes.getAsLong(), bytesPerSecond.getAsDouble());
  }

  private static Outlook after(long bytes, double bytesPerSecond) {
    double seconds = Math.max(0, bytes) / bytesPerSecond;
    return bytesPerSecond > 0 && seconds <= LONGEST.toSeconds()
        ? new Outlook.Within(Duration.ofMillis((long) (seconds * 1000)))
        : new Outlook.Never();
  }

  private static List<SlotSample> ofOneHistory(List<SlotSample> samples) {
    int first = Math.max(0, samples.size() - 1);
    while (first > 0 && follows(samples.get(first - 1), samples.get(first))) {
      first--;
    }
    return samples.subList(first, samples.size());
  }

  private static boolean follows(SlotSample before, SlotSample after) {
    return after.time().isAfter(before.time())
        && !after.walLsn().isBefore(before.walLsn())
        && !after.restartLsn().isBefore(before.restartLsn());
  }
}

package dev.pgetl.it.outages;

import dev.pgetl.observe.Health.Level;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What was seen of an outage.
 *
 * @param outage which one
 * @param reported how long after its begin health was not {@code UP}; null if it always was
 * @param reasons what health said first, without times
 * @param places where the status said so first
 * @param work the longest time that a thread worked without a lap
 * @param starts how often the pipeline was started meanwhile
 * @param healed how long after its end all was as before
 */
record Finding(
    Outage outage,
    @Nullable Duration reported,
    List<String> reasons,
    Set<String> places,
    HealthLog.Work work,
    int starts,
    Duration healed) {

  static final String HEAD =
      """
      | party | fault | while | not UP after, s | health says | status | longest work | starts | as before after, s |
      |---|---|---|---|---|---|---|---|---|
      """;

  String row() {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %s | %s | %s | %d ms | %d | %s |",
        name(outage.party()),
        name(outage.fault()),
        name(outage.phase()),
        reported == null ? "always UP" : seconds(reported),
        reported == null ? Level.UP : Level.DEGRADED + ": " + String.join("; ", reasons),
        String.join(", ", places),
        work.time().toMillis(),
        starts,
        seconds(healed));
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.1f", time.toMillis() / 1000.0);
  }
}

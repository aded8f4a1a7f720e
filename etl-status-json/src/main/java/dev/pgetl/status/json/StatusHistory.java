package dev.pgetl.status.json;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.pgetl.observe.PipelineStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lag and throughput of pipelines in the last hour, as JSON. The caller takes a sample every {@link
 * #INTERVAL}; the last {@link #SAMPLES} of each pipeline are kept, in about 40 KB.
 *
 * <p>The format is described in {@code docs/status-json.md}.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 */
public final class StatusHistory {
  /** How often a sample is to be taken: 10 seconds. */
  public static final Duration INTERVAL = Duration.ofSeconds(10);

  /** How many samples are kept of each pipeline: 360, an hour. */
  public static final int SAMPLES = 360;

  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Map<String, Series> pipelines = new LinkedHashMap<>();

  /** Makes a history without samples. */
  public StatusHistory() {}

  /** The samples of one pipeline, and what the next rates are counted from. */
  private static final class Series {
    private final Deque<Sample> samples = new ArrayDeque<>();
    private Sample.@Nullable Totals last;

    void add(Instant at, PipelineStatus status) {
      samples.addLast(Sample.of(at, status, last));
      last = Sample.Totals.of(at, status);
      if (samples.size() > SAMPLES) {
        samples.removeFirst();
      }
    }
  }

  /**
   * Takes a sample. Pipelines that are not in it are forgotten.
   *
   * @param at when
   * @param statuses the status of each pipeline, by its id
   */
  public void add(Instant at, Map<String, PipelineStatus> statuses) {
    Instant time = at.truncatedTo(ChronoUnit.MILLIS);
    synchronized (lock) {
      pipelines.keySet().retainAll(statuses.keySet());
      statuses.forEach(
          (id, status) -> pipelines.computeIfAbsent(id, name -> new Series()).add(time, status));
    }
  }

  /** {@return the history as data that any JSON library writes; unmodifiable} */
  public Map<String, @Nullable Object> toMap() {
    List<Map<String, @Nullable Object>> all = new ArrayList<>();
    synchronized (lock) {
      pipelines.forEach((id, series) -> all.add(members(id, List.copyOf(series.samples))));
    }
    return new Members()
        .add("format", StatusDocument.FORMAT)
        .add("interval_seconds", INTERVAL)
        .add("pipelines", List.copyOf(all))
        .toMap();
  }

  /** {@return the JSON text, in UTF-8} */
  public byte[] toJson() {
    return JsonText.of(toMap());
  }

  private static Map<String, @Nullable Object> members(String id, List<Sample> samples) {
    return new Members()
        .add("id", id)
        .add("at", column(samples, Sample::at))
        .add("lag_bytes", column(samples, Sample::lagBytes))
        .add("delay_seconds", column(samples, Sample::delaySeconds))
        .add("events_per_second", column(samples, Sample::eventsPerSecond))
        .add("bytes_per_second", column(samples, Sample::bytesPerSecond))
        .add("rows_per_second", column(samples, Sample::rowsPerSecond))
        .toMap();
  }

  private static List<@Nullable Object> column(
      List<Sample> samples, Function<Sample, @Nullable Object> part) {
    return samples.stream().map(part).map(Members::form).toList();
  }
}

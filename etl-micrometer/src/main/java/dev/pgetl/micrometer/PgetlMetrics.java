package dev.pgetl.micrometer;

import dev.pgetl.Pipeline;
import dev.pgetl.PipelineGroup;
import dev.pgetl.PipelineRunner;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Meters of pipelines, each with the tag {@code pipeline}; {@code docs/metrics.md} lists them.
 *
 * <pre>{@code
 * PgetlMetrics.of(runner).bindTo(registry);
 * }</pre>
 *
 * <p>The meters read {@code status()}, at most once in half a second, when the registry asks for
 * them. They cost the pipeline nothing per row, event or call. To time the calls of a destination,
 * see {@link MeteredDestination}.
 *
 * <p>Gauges of a pipeline that has ended are {@code NaN}, except its state and health. Counters
 * keep their values, and grow on when a {@link PipelineRunner} starts the pipeline again. What an
 * ended pipeline has counted since it was last read is missing in them once its successor is made.
 * The registry keeps the pipelines reachable; {@link #close()} removes their meters.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 */
public final class PgetlMetrics implements MeterBinder, AutoCloseable {
  private final Map<String, Supplier<Reading>> pipelines;
  private final @Nullable LongSupplier walFreeBytes;
  private final List<Bound> bound = new CopyOnWriteArrayList<>();

  private record Bound(MeterRegistry registry, List<Meter> meters) {
    private void remove() {
      meters.forEach(registry::remove);
    }
  }

  PgetlMetrics(Map<String, Supplier<Reading>> pipelines, @Nullable LongSupplier walFreeBytes) {
    this.pipelines = pipelines;
    this.walFreeBytes = walFreeBytes;
  }

  /**
   * {@return meters of one pipeline}
   *
   * @param id its id, for the tag
   * @param pipeline the pipeline
   */
  public static PgetlMetrics of(String id, Pipeline pipeline) {
    Objects.requireNonNull(pipeline, "pipeline");
    return new PgetlMetrics(
        Map.of(Objects.requireNonNull(id, "id"), () -> Reading.of(pipeline.status())), null);
  }

  /**
   * {@return meters of all pipelines of a group}
   *
   * @param group the group
   */
  public static PgetlMetrics of(PipelineGroup group) {
    Map<String, Supplier<Reading>> all = new LinkedHashMap<>();
    group
        .status()
        .keySet()
        .forEach(
            id -> all.put(id, () -> Reading.of(Objects.requireNonNull(group.status().get(id)))));
    return new PgetlMetrics(all, null);
  }

  /**
   * {@return meters of all pipelines of a runner, which stay through restarts}
   *
   * @param runner the runner
   */
  public static PgetlMetrics of(PipelineRunner runner) {
    Map<String, Supplier<Reading>> all = new LinkedHashMap<>();
    runner.status().keySet().forEach(id -> all.put(id, () -> Reading.of(runner.status(id))));
    return new PgetlMetrics(all, null);
  }

  /**
   * {@return meters of all pipelines of a runner that is replaced at times, because a runner runs
   * once} Counters keep growing.
   *
   * @param runner the present runner; asked at each reading. All of them have the same pipelines
   */
  public static PgetlMetrics of(Supplier<PipelineRunner> runner) {
    Map<String, Supplier<Reading>> all = new LinkedHashMap<>();
    runner.get().status().keySet().forEach(id -> all.put(id, new ReplacedRunner(id, runner)));
    return new PgetlMetrics(all, null);
  }

  /**
   * {@return the same meters, and {@code pgetl.disk.full}} Postgres does not report how much is
   * free on the volume of its WAL.
   *
   * @param freeBytes how much is free now; asked at each reading of the meter, and negative if it
   *     is not known
   */
  public PgetlMetrics walFreeBytes(LongSupplier freeBytes) {
    return new PgetlMetrics(pipelines, Objects.requireNonNull(freeBytes, "freeBytes"));
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    pipelines.forEach(
        (id, pipeline) -> {
          LatestReading latest = new LatestReading(pipeline, registry.config().clock());
          bound.add(
              new Bound(registry, new PipelineMeters(id, latest).register(registry, walFreeBytes)));
        });
  }

  /** Removes the meters from all registries. */
  @Override
  public void close() {
    bound.forEach(Bound::remove);
    bound.clear();
  }
}

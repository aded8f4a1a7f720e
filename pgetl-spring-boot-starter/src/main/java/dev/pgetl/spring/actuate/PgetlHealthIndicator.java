package dev.pgetl.spring.actuate;

import dev.pgetl.RunStatus;
import dev.pgetl.observe.FailureStatus;
import dev.pgetl.observe.Health.Level;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.observe.WaitStatus;
import dev.pgetl.quarantine.QuarantineStatus;
import dev.pgetl.spring.PgetlPipelines;
import dev.pgetl.status.json.StatusDocument;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * The health of all pipelines, that of the worst one. Details: of each pipeline its state, reasons,
 * since when, how many tables are in each phase, and each table that is not {@code Ready}.
 */
final class PgetlHealthIndicator implements HealthIndicator {
  private final PgetlPipelines pipelines;
  private final Duration stallLimit;

  PgetlHealthIndicator(PgetlPipelines pipelines, Duration stallLimit) {
    this.pipelines = pipelines;
    this.stallLimit = stallLimit;
  }

  @Override
  public Health health() {
    Level worst = Level.UP;
    Map<String, Object> details = new LinkedHashMap<>();
    for (Map.Entry<String, RunStatus> entry : pipelines.runner().status().entrySet()) {
      dev.pgetl.observe.Health health = entry.getValue().health(stallLimit);
      worst = health.level().compareTo(worst) > 0 ? health.level() : worst;
      details.put(entry.getKey(), details(entry.getValue(), health));
    }
    return Health.status(worst.name()).withDetails(details).build();
  }

  private Map<String, Object> details(RunStatus run, dev.pgetl.observe.Health health) {
    PipelineStatus pipeline = run.pipeline();
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("health", health.level().name());
    details.put("state", pipeline.state().name());
    pipeline.owner().ifPresent(owner -> details.put("owner", owner));
    if (!health.reasons().isEmpty()) {
      details.put("reasons", health.reasons());
      since(run).ifPresent(since -> details.put("since", since.toString()));
    }
    Map<String, Integer> phases = new TreeMap<>();
    Map<String, Object> others = new TreeMap<>();
    for (TableStatus table : pipeline.tables().values()) {
      phases.merge(table.phase().name(), 1, Integer::sum);
      if (isOfInterest(table)) {
        others.put(table.name().toString(), StatusDocument.table(table));
      }
    }
    details.put("tables", phases);
    if (!others.isEmpty()) {
      details.put("notReady", others);
    }
    return details;
  }

  private static boolean isOfInterest(TableStatus table) {
    return !table.isReady()
        || table.failure().isPresent()
        || table.difference().isPresent()
        || table.quarantine().isPresent();
  }

  /** The earliest of what is a reason. */
  private Optional<Instant> since(RunStatus run) {
    PipelineStatus pipeline = run.pipeline();
    List<Instant> all = new ArrayList<>();
    run.failure().map(FailureStatus::since).ifPresent(all::add);
    pipeline.failure().map(FailureStatus::since).ifPresent(all::add);
    pipeline.stream().failure().map(FailureStatus::since).ifPresent(all::add);
    pipeline.pausedSince().ifPresent(all::add);
    for (WaitStatus wait : pipeline.waits()) {
      if (wait.duration().compareTo(stallLimit) > 0) {
        all.add(wait.since());
      }
    }
    for (TableStatus table : pipeline.tables().values()) {
      table.failure().map(FailureStatus::since).ifPresent(all::add);
      table.pausedSince().ifPresent(all::add);
      table.quarantine().map(QuarantineStatus::oldest).ifPresent(all::add);
    }
    return all.isEmpty() ? Optional.empty() : Optional.of(Collections.min(all));
  }
}

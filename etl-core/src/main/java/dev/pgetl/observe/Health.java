package dev.pgetl.observe;

import dev.pgetl.quarantine.QuarantineStatus;
import dev.pgetl.store.TableReplicationPhase.Errored;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * How a pipeline is, for a health check: the rule that {@link PipelineStatus#health()} follows.
 *
 * <p>{@code UP} while it streams, copies, starts or is {@code STANDBY}, which is ready in the sense
 * of a rollout. {@code DEGRADED} while something fails that the pipeline retries, while it has
 * waited for something for longer than a limit, while a thread of its own has not moved for longer,
 * and while a table has failed, differs or has events in quarantine. Restarting the process helps
 * only a thread that does not move; {@link PipelineStatus#stalledThreads} is for that. {@code DOWN}
 * if it does not work and does not start again by itself.
 *
 * @param level how it is
 * @param reasons why it is not {@code UP}; no secret, no cell value
 */
public record Health(Level level, List<String> reasons) {
  /** How long a pipeline may wait for something until that is a reason: 10 seconds. */
  public static final Duration STALL_LIMIT = Duration.ofSeconds(10);

  /** How a pipeline is. */
  public enum Level {
    /** All that it should do, it does. */
    UP,
    /** It works, but not all of it; answer a health check with success. */
    DEGRADED,
    /** It does nothing until it is started again, or its cause is fixed. */
    DOWN
  }

  public Health {
    Objects.requireNonNull(level, "level");
    reasons = List.copyOf(reasons);
  }

  /**
   * {@return the health of a pipeline that nothing starts again}
   *
   * @param status its status
   * @param stallLimit how long it may wait for something
   */
  static Health of(PipelineStatus status, Duration stallLimit) {
    return switch (status.state()) {
      case CREATED, STOPPED -> new Health(Level.DOWN, List.of(status.state().name()));
      case FAILED -> new Health(Level.DOWN, List.of(ended(status)));
      case STARTING, STANDBY, RUNNING, PAUSED, STOPPING -> ofWorking(status, stallLimit);
    };
  }

  private static String ended(PipelineStatus status) {
    return status.failure().map(Health::text).orElse("FAILED");
  }

  private static Health ofWorking(PipelineStatus status, Duration stallLimit) {
    List<String> reasons = new ArrayList<>();
    status.pausedSince().ifPresent(since -> reasons.add("paused since " + since));
    status.failure().ifPresent(failure -> reasons.add(text(failure)));
    status.stream().failure().ifPresent(failure -> reasons.add("stream " + text(failure)));
    for (WaitStatus wait : status.waits()) {
      if (wait.duration().compareTo(stallLimit) > 0) {
        reasons.add("waits since " + wait.since() + " for " + wait.what());
      }
    }
    for (ThreadStatus thread : status.stalledThreads(stallLimit)) {
      reasons.add("thread " + thread.name() + " has not moved since " + thread.since());
    }
    for (TableStatus table : status.tables().values()) {
      addTable(table, reasons);
    }
    return new Health(reasons.isEmpty() ? Level.UP : Level.DEGRADED, reasons);
  }

  private static void addTable(TableStatus table, List<String> reasons) {
    String name = "table " + table.name() + " ";
    if (table.phase() instanceof Errored errored && table.needsResync()) {
      reasons.add(name + "has failed: " + errored.reason() + ". " + errored.solution());
    } else {
      table.failure().ifPresent(failure -> reasons.add(name + text(failure)));
    }
    table.pausedSince().ifPresent(since -> reasons.add(name + "paused since " + since));
    table.difference().ifPresent(reason -> reasons.add(name + "differs: " + reason));
    table.quarantine().ifPresent(quarantine -> reasons.add(name + text(quarantine)));
  }

  private static String text(QuarantineStatus quarantine) {
    return "has events in quarantine: %d, the first committed at %s"
        .formatted(quarantine.events(), quarantine.oldest());
  }

  /**
   * {@return a failure as a reason}
   *
   * @param failure the failure
   */
  public static String text(FailureStatus failure) {
    return "fails since %s: %s: %s".formatted(failure.since(), failure.kind(), failure.message());
  }
}

package dev.pgetl.internal.sim;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.internal.runtime.order.TableOrder;
import dev.pgetl.internal.sim.time.Scheduler;
import dev.pgetl.internal.sim.time.SimProcess;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.quarantine.QuarantiningDestination;
import dev.pgetl.quarantine.ReplayResult;
import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One engine in its process. */
final class RunningEngine {
  private static final Set<PipelineStatus.State> AT_WORK =
      EnumSet.of(PipelineStatus.State.RUNNING, PipelineStatus.State.PAUSED);

  private final PipelineEngine engine;
  private final SimProcess process;
  private final @Nullable QuarantiningDestination guarded;
  private @Nullable EtlException failure;
  private boolean started;
  private boolean closed;
  private boolean quiet;

  RunningEngine(
      PipelineEngine engine, SimProcess process, @Nullable QuarantiningDestination guarded) {
    this.engine = engine;
    this.process = process;
    this.guarded = guarded;
  }

  /** Starts it on a thread of its process. */
  void start(Scheduler scheduler) {
    Thread boot = scheduler.thread(process, this::boot);
    boot.setName("start");
    boot.start();
  }

  private void boot() {
    try {
      engine.start();
    } catch (EtlException e) {
      failure = e;
    } catch (IllegalStateException ignored) {
      // it was closed before
    } finally {
      started = true;
    }
  }

  /** Closes it as an application would. */
  void close(Scheduler scheduler) {
    Thread closing =
        scheduler.thread(
            process,
            () -> {
              engine.close();
              closed = true;
            });
    closing.setName("application");
    closing.start();
  }

  PipelineEngine engine() {
    return engine;
  }

  SimProcess process() {
    return process;
  }

  boolean started() {
    return started;
  }

  /** {@return whether {@code close} has returned} */
  boolean closed() {
    return closed;
  }

  /** {@return why it could not start or has ended; null if it has not, or cleanly} */
  @Nullable EtlException failure() {
    if (failure == null && hasEnded()) {
      try {
        boolean unused = engine.awaitTermination(Duration.ofSeconds(1));
      } catch (EtlException e) {
        failure = e;
      } catch (InterruptedException e) {
        throw new AssertionError("nobody interrupts the director", e);
      }
    }
    return failure;
  }

  PipelineStatus.State state() {
    return engine.state();
  }

  boolean hasEnded() {
    PipelineStatus.State now = state();
    return started && (now == PipelineStatus.State.FAILED || now == PipelineStatus.State.STOPPED);
  }

  boolean isRunning() {
    return process.alive() && started && AT_WORK.contains(state());
  }

  /** {@return whether everything before a position is durable, as the pipeline says} */
  boolean hasApplied(Lsn position) {
    try {
      return engine.awaitApplied(position, Duration.ofMillis(500), table -> false);
    } catch (EtlException e) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts the director", e);
    }
  }

  /** {@return whether the pipeline is paused, and has said that no call is in progress} */
  boolean isQuiet() {
    return quiet;
  }

  /** {@return whether a table is paused} */
  boolean isPaused(TableId table) {
    TableStatus known = engine.status().tables().get(table);
    return known != null && known.pausedSince().isPresent();
  }

  /** Pauses the pipeline, and waits a little for calls in progress. */
  void pause() {
    try {
      engine.operated().pause();
      quiet = engine.operated().awaitPaused(Duration.ofSeconds(2));
    } catch (EtlException | IllegalStateException ignored) {
      // the pipeline has ended meanwhile
    } catch (InterruptedException e) {
      throw new AssertionError("the director is never interrupted", e);
    }
  }

  void resume() {
    try {
      quiet = false;
      engine.operated().resume();
    } catch (EtlException | IllegalStateException ignored) {
      // the pipeline has ended meanwhile
    }
  }

  /** Asks for something for a table; what cannot be asked for now is left. */
  void order(TableOrder order) {
    try {
      engine.operated().order(order);
    } catch (EtlException | IllegalStateException | IllegalArgumentException ignored) {
      // the pipeline has ended meanwhile, or does not know the table, or it has failed
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Asks for a copy of a table; what cannot be asked for now is left. */
  void resync(TableId table) {
    resync(table, null);
  }

  /** Asks for a copy of a range of a table, or of all of it if that is null. */
  void resync(TableId table, @Nullable KeyRange range) {
    order(
        range == null
            ? TableOrder.of(TableOrder.Act.RESYNC, table)
            : TableOrder.resync(table, range));
  }

  /** {@return the tables that have events in quarantine} */
  Set<TableId> quarantined() {
    Set<TableId> tables = new TreeSet<>();
    if (guarded != null) {
      guarded.status().forEach(status -> tables.add(status.table()));
    }
    return tables;
  }

  /** Replays what is in quarantine of a table; {@code false} if a copy is needed. */
  boolean replay(TableId table) {
    TableStatus known = engine.status().tables().get(table);
    if (guarded == null || known == null) {
      return true;
    }
    try {
      ReplayResult result = guarded.replay(known.name(), Duration.ofSeconds(20));
      return result.left() == 0;
    } catch (EtlException e) {
      return e.kind() != ErrorKind.DESTINATION_REJECTED;
    } catch (IllegalStateException | IllegalArgumentException ignored) {
      // the pipeline has ended meanwhile, or the table is not at work
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return true;
  }
}

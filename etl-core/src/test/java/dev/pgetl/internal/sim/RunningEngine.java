package dev.pgetl.internal.sim;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.internal.runtime.order.TableOrder;
import dev.pgetl.internal.sim.time.Scheduler;
import dev.pgetl.internal.sim.time.SimProcess;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One engine in its process. */
final class RunningEngine {
  private final PipelineEngine engine;
  private final SimProcess process;
  private @Nullable EtlException failure;
  private boolean started;
  private boolean closed;

  RunningEngine(PipelineEngine engine, SimProcess process) {
    this.engine = engine;
    this.process = process;
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
    return engine.status().state();
  }

  boolean hasEnded() {
    PipelineStatus.State now = state();
    return started && (now == PipelineStatus.State.FAILED || now == PipelineStatus.State.STOPPED);
  }

  boolean isRunning() {
    return process.alive() && started && state() == PipelineStatus.State.RUNNING;
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

  /** Asks for a copy of a table; what cannot be asked for now is left. */
  void resync(TableId table) {
    resync(table, null);
  }

  /** Asks for a copy of a range of a table, or of all of it if that is null. */
  void resync(TableId table, @Nullable KeyRange range) {
    try {
      engine
          .operated()
          .order(
              range == null
                  ? TableOrder.of(TableOrder.Act.RESYNC, table)
                  : TableOrder.resync(table, range));
    } catch (EtlException | IllegalStateException | IllegalArgumentException ignored) {
      // the pipeline has ended meanwhile, or does not know the table
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

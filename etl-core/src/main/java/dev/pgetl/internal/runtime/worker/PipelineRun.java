package dev.pgetl.internal.runtime.worker;

import dev.pgetl.internal.runtime.order.TableOrder;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** All that works for a pipeline between its start and its end. Thread-safe. */
public interface PipelineRun {
  /** Adds the state of the apply worker, and how far all copies are together. */
  PipelineStatus.Builder addTo(PipelineStatus.Builder status);

  /**
   * {@return whether every table was where the pipeline takes it, in time}
   *
   * @param ended ends the wait early
   */
  boolean awaitReady(long nanos, BooleanSupplier ended) throws InterruptedException;

  /**
   * {@return whether everything committed before a position was durable in time}
   *
   * @param wanted of which tables
   * @param ended ends the wait early
   */
  boolean awaitApplied(Lsn position, Predicate<TableId> wanted, long nanos, BooleanSupplier ended)
      throws InterruptedException;

  /**
   * Fails a wait for a position that cannot succeed any more.
   *
   * @throws dev.pgetl.error.EtlException if all has ended or is about to
   */
  void requireRunning(Lsn position);

  /** Does what is asked for one table. */
  void order(TableOrder order) throws InterruptedException;

  /** Asks everything to end; calls in progress complete. */
  void stop();

  /** {@return whether everything has ended in time} */
  boolean await(long nanos) throws InterruptedException;

  /** The destination had its time: what hangs is given up. */
  void giveUp();
}

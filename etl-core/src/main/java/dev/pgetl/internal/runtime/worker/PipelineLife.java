package dev.pgetl.internal.runtime.worker;

import dev.pgetl.internal.runtime.order.Operated;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.function.Predicate;

/** A pipeline from its start to its end, as its user sees it. Thread-safe. */
public interface PipelineLife {
  /**
   * Starts it; returns when it works or waits for its turn.
   *
   * @throws dev.pgetl.error.EtlException if it cannot run
   * @throws IllegalStateException if it was started before
   */
  void start();

  /** {@return a snapshot} */
  PipelineStatus status();

  /**
   * {@return whether every table was ready in time}
   *
   * @param limit how long to wait
   * @throws dev.pgetl.error.EtlException if the pipeline failed
   */
  boolean awaitReady(Duration limit) throws InterruptedException;

  /**
   * {@return whether everything committed before a position became durable in time}
   *
   * @param position the position
   * @param limit how long to wait
   * @param wanted of which tables
   * @throws dev.pgetl.error.EtlException if the pipeline failed
   */
  boolean awaitApplied(Lsn position, Duration limit, Predicate<TableId> wanted)
      throws InterruptedException;

  /**
   * {@return the pipeline at work}
   *
   * @throws dev.pgetl.error.EtlException if it has failed
   * @throws IllegalStateException if it does not work in this process
   */
  Operated operated();

  /** Asks it to end; returns at once. */
  void shutdown();

  /**
   * {@return whether it has ended in time}
   *
   * @param limit how long to wait
   * @throws dev.pgetl.error.EtlException why it ended, if not cleanly
   */
  boolean awaitTermination(Duration limit) throws InterruptedException;

  /** Asks and waits for the end, for a limited time; what failed is not thrown again. */
  void close();
}

package dev.pgetl;

import dev.pgetl.internal.runtime.EngineGroup;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Several pipelines that run as one: parallel streams, for a source with more changes than one of
 * its cores decodes and with cores to spare. Each pipeline has its own id, publication, store and
 * destination, and a separate server process decodes its slot.
 *
 * <p>1. No table may be in the publications of two of them. A group that begins with such a table
 * does not start; one that is added to a second publication while the group runs is ignored there,
 * with a warning, until the first pipeline has removed its state, and is then copied again.
 *
 * <p>2. Order is kept per table, and per pipeline as always. Between pipelines there is none: a
 * transaction that changed tables of two of them is two transactions, with the same commit
 * position, delivered independently of each other.
 *
 * <p>3. The keys of events, {@code (commit LSN, ordinal)}, are unique per pipeline only. A receiver
 * of several pipelines must know which one an event belongs to: give each HTTP destination its own
 * {@code source(…)}.
 *
 * <p>4. All limits ({@code maxBufferedBytes}, {@code maxTableSyncWorkers} …) are those of each
 * pipeline; together they need the sum. The same holds for slots, WAL senders and connections.
 *
 * <p>5. The failure of one ends all: as soon as it has ended, the others are shut down, whether or
 * not a caller waits.
 *
 * <p>A group runs once. A new one, of new pipelines with the same ids and stores, continues where
 * the last one ended.
 *
 * <p><b>Threads.</b> Safe for concurrent use. It has no thread of its own; those of the pipelines
 * are daemons.
 *
 * <p><b>Failures.</b> Every method throws {@link dev.pgetl.error.EtlException} if a pipeline has
 * failed, those of the others suppressed in it, and {@link IllegalStateException} if the group is
 * not in the state the call needs.
 */
public final class PipelineGroup implements AutoCloseable {
  private final EngineGroup engines;

  private PipelineGroup(EngineGroup engines) {
    this.engines = engines;
  }

  /**
   * {@return a group that has not started}
   *
   * @param pipelines none of them started; they are started and closed by the group
   * @throws IllegalArgumentException if there is none, or two have the same id, store or
   *     destination
   */
  public static PipelineGroup of(Pipeline... pipelines) {
    return of(List.of(pipelines));
  }

  /**
   * {@return a group that has not started}
   *
   * @param pipelines none of them started; they are started and closed by the group
   * @throws IllegalArgumentException if there is none, or two have the same id, store or
   *     destination
   */
  public static PipelineGroup of(List<Pipeline> pipelines) {
    Objects.requireNonNull(pipelines, "pipelines");
    return new PipelineGroup(new EngineGroup(pipelines.stream().map(Pipeline::engine).toList()));
  }

  /**
   * Starts all pipelines, one after the other. If one cannot start, or fails while others start,
   * all are closed. If {@link #shutdown()} is called meanwhile, it returns and the group ends.
   *
   * @throws dev.pgetl.error.EtlException why one cannot run; of kind {@link
   *     dev.pgetl.error.ErrorKind#CONFIGURATION} if two own the same table
   * @throws IllegalStateException if the group, or one of its pipelines, was started or ended
   *     before
   */
  public void start() {
    engines.start();
  }

  /**
   * Waits until all pipelines have ended.
   *
   * @throws dev.pgetl.error.EtlException why, if not cleanly
   * @throws InterruptedException if the waiting thread was interrupted; the group is not touched
   */
  public void awaitTermination() throws InterruptedException {
    engines.awaitTermination();
  }

  /**
   * Waits until all pipelines have ended, for a limited time.
   *
   * @param limit how long to wait
   * @return whether they have ended
   * @throws dev.pgetl.error.EtlException why, if not cleanly
   * @throws InterruptedException if the waiting thread was interrupted; the group is not touched
   */
  public boolean awaitTermination(Duration limit) throws InterruptedException {
    return engines.awaitTermination(limit);
  }

  /**
   * Waits until every table of every pipeline is {@code Ready}.
   *
   * @param limit how long to wait for all of them together
   * @return whether they are
   * @throws dev.pgetl.error.EtlException why the first pipeline that failed has, if one has
   * @throws IllegalStateException if the group was not started
   * @throws InterruptedException if the waiting thread was interrupted
   */
  public boolean awaitReady(Duration limit) throws InterruptedException {
    return engines.awaitReady(limit);
  }

  /**
   * Waits until the destinations durably hold everything committed before a position:
   * read-your-writes over all pipelines, which have to have the same source. Like {@link
   * Pipeline#awaitApplied}.
   *
   * @param position the position
   * @param limit how long to wait for all of them together
   * @return whether they do
   * @throws dev.pgetl.error.EtlException why the first pipeline that failed has, if one has
   * @throws IllegalStateException if the group was not started
   * @throws InterruptedException if the waiting thread was interrupted
   */
  public boolean awaitApplied(Lsn position, Duration limit) throws InterruptedException {
    return engines.awaitApplied(Objects.requireNonNull(position, "position"), limit);
  }

  /** {@return a snapshot of each pipeline by its id, in the order of the group; cheap} */
  public Map<String, PipelineStatus> status() {
    return engines.status();
  }

  /** Asks all pipelines to end and returns at once. */
  public void shutdown() {
    engines.shutdown();
  }

  /**
   * Asks all pipelines to end and waits for them, all at the same time: at most as long as {@link
   * Pipeline#close()} of the slowest. Does nothing the second time.
   */
  @Override
  public void close() {
    engines.close();
  }
}

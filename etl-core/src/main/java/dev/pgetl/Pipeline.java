package dev.pgetl;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.internal.runtime.order.TableOrder;
import dev.pgetl.internal.runtime.order.TableOrder.Act;
import dev.pgetl.internal.runtime.worker.NoStore;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.runtime.worker.PipelineLife;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.LeaseConfig;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.Standby;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Copies the tables of a Postgres publication to a destination and then streams every change of
 * them.
 *
 * <p>A pipeline runs once: create it, {@link #start()} it, wait for it or {@link #close()} it. A
 * new one with the same id and store continues where the last one ended. It owns its threads and
 * connections, and closes the destination; the store stays the caller's.
 *
 * <p><b>The promise.</b> For every published table that is {@code Ready}, the destination holds
 * every change up to the acknowledged position ({@link
 * dev.pgetl.observe.StreamStatus#flushedLsn()}). What it holds beyond that comes again under the
 * same key; with transforms, it holds their result. Otherwise the pipeline reports for which table
 * that is not so, why, and what to do: {@link #status()} has the phase of each table, and a failure
 * that concerns all tables ends the pipeline. For the limits, see {@code docs/reliability.md}.
 *
 * <p><b>Copies.</b> The destination truncates a table before each copy of it, the first one too: a
 * new pipeline, or one whose store is empty, empties every table that it copies. A destination may
 * keep the old rows until all new ones are there: {@link
 * dev.pgetl.destination.Destination#beginReplacement}.
 *
 * <p><b>One process.</b> At most one process acts for an id and a database, whatever store it has.
 * If the store has leases ({@link PipelineStore#leases()}), others wait for their turn: {@link
 * #start()} returns in state {@code STANDBY}, {@code awaitReady} and {@code awaitApplied} wait
 * until this process works, {@code resync} fails and names the owner, and after a loss of the lease
 * the pipeline is {@code STANDBY} again. Otherwise, or with {@link Standby#OFF}, the start fails.
 *
 * <p><b>Threads.</b> Safe for concurrent use. The pipeline's own threads are daemons: a {@code
 * main} that returns ends the JVM, so wait in {@link #awaitTermination()}.
 *
 * <p><b>Failures.</b> Every method throws {@link dev.pgetl.error.EtlException} if the pipeline has
 * failed, and {@link IllegalStateException} if it is not in the state the call needs.
 */
public final class Pipeline implements AutoCloseable {
  private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

  private final Lives lives;

  Pipeline(Lives lives) {
    this.lives = lives;
  }

  /** {@return what does it} */
  Lives lives() {
    return lives;
  }

  private PipelineLife life() {
    return lives.present();
  }

  /** {@return a pipeline that has not started, see below, without a listener} */
  public static Pipeline create(
      PipelineConfig config, PipelineStore store, Destination destination) {
    return create(config, store, destination, PipelineListener.NONE);
  }

  /**
   * {@return a pipeline that has not started, and its listener}
   *
   * @param config the settings
   * @param store what it remembers; used by this pipeline alone
   * @param destination where rows and events go
   * @param listener is notified of what it does
   * @throws IllegalArgumentException if it is to wait ({@link LeaseConfig}), and the store has no
   *     leases
   */
  public static Pipeline create(
      PipelineConfig config,
      PipelineStore store,
      Destination destination,
      PipelineListener listener) {
    return new Pipeline(Lives.of(PipelineContext.of(config, store, destination, listener), store));
  }

  /** {@return a pipeline that only copies, see below, without a listener} */
  public static Pipeline copyOnly(PipelineConfig config, Destination destination) {
    return copyOnly(config, destination, PipelineListener.NONE);
  }

  /**
   * {@return a pipeline that copies the existing rows of the published tables and then ends} It
   * streams no changes, and leaves nothing behind, however it ends: its slots are temporary, it has
   * no store, and another run begins from the start. Each table is as it was at one moment, not all
   * at the same.
   *
   * <p>It copies as other pipelines do: what {@link dev.pgetl.config.TableCopyConfig} chooses of
   * the tables that are published at the start, each truncated first. It needs what they need of
   * the source: a publication, {@code wal_level = logical}, the right to replicate, and a free slot
   * for each sync worker, which it uses for a moment when a copy begins. Give it an id that no
   * other pipeline has: it does not start if that pipeline runs, or has a slot. Differences:
   *
   * <ul>
   *   <li>A table that is copied stays {@code FinishedCopy}: its rows are durable, and {@link
   *       Destination#tableCopied} was called. Tables that are not copied are not in the status.
   *   <li>{@link #awaitReady} answers whether all tables are copied. The pipeline ends by itself;
   *       {@link #awaitTermination()} waits for that.
   *   <li>If a table could not be copied, the others are, and then the pipeline fails and names it.
   *       An interrupted copy starts over, {@link PipelineConfig#tableErrorRetryMaxAttempts()}
   *       times at most, whatever interrupted it; if source or destination stay away for that long,
   *       the pipeline fails at once. One that was asked to end before all tables were copied ends
   *       cleanly, and {@code awaitReady} answers {@code false}.
   *   <li>{@link #awaitApplied(Lsn, Duration)} and what is asked for one table throw {@link
   *       IllegalStateException}. It cannot be part of a {@link PipelineGroup}, and never waits as
   *       a standby.
   *   <li>{@link dev.pgetl.config.ReadBy#AUTO} reads by block. Settings of the stream and of
   *       publication refreshes have no effect.
   * </ul>
   */
  public static Pipeline copyOnly(
      PipelineConfig config, Destination destination, PipelineListener listener) {
    PipelineContext context = PipelineContext.of(config, new NoStore(), destination, listener);
    return new Pipeline(Lives.copying(context.copyingOnly()));
  }

  /**
   * Checks the source, becomes the only process that acts for the pipeline, creates the replication
   * slot if it is missing, and starts the workers. Returns when they run; copying continues in the
   * background. If another process runs the pipeline, and the store has leases, it returns in state
   * {@code STANDBY}. If the pipeline is closed meanwhile, it returns and no worker runs.
   *
   * @throws dev.pgetl.error.EtlException if the pipeline cannot run; the message lists every
   *     problem with its fix. If another process runs the pipeline, and this one does not wait for
   *     its turn: of kind {@code STORE_LOCKED}, or of kind {@code SLOT_IN_USE} if the other does
   *     not end within the larger of {@code walSenderTimeout} and {@code lockTimeout}, plus 5
   *     seconds
   * @throws IllegalStateException if it was started before
   */
  public void start() {
    life().start();
  }

  /**
   * Waits until the pipeline has ended.
   *
   * @throws dev.pgetl.error.EtlException why, if it did not end cleanly
   * @throws InterruptedException if the waiting thread was interrupted; the pipeline is not touched
   */
  public void awaitTermination() throws InterruptedException {
    boolean unused = life().awaitTermination(FOREVER);
  }

  /**
   * Waits until the pipeline has ended, for a limited time.
   *
   * @param limit how long to wait
   * @return whether it has ended
   * @throws dev.pgetl.error.EtlException why, if it did not end cleanly
   * @throws InterruptedException if the waiting thread was interrupted; the pipeline is not touched
   */
  public boolean awaitTermination(Duration limit) throws InterruptedException {
    return life().awaitTermination(limit);
  }

  /**
   * Waits until the stream is connected and every table is {@code Ready}: copied, caught up, owned
   * by the apply worker. In {@code STANDBY} it waits for this process's turn as well. Does not wait
   * for a table that has failed and comes back only by a resync: {@link
   * PipelineStatus#failedTables()} and the log name it.
   *
   * @param limit how long to wait
   * @return whether they are
   * @throws dev.pgetl.error.EtlException why the pipeline has failed, if it has
   * @throws IllegalStateException if it was not started
   * @throws InterruptedException if the waiting thread was interrupted
   */
  public boolean awaitReady(Duration limit) throws InterruptedException {
    return life().awaitReady(limit);
  }

  /**
   * Waits until the destination durably holds everything committed before a position, of every
   * table: read-your-writes, with the answer of {@code pg_current_wal_lsn()} taken after the
   * commit, or of {@code pg_current_wal_insert_lsn()} if that had {@code synchronous_commit = off}.
   * Does not wait for a table that has failed and comes back only by a resync: {@link
   * PipelineStatus#failedTables()} and the log name it.
   *
   * @param position the position, of the server that the pipeline reads from. A server that was
   *     promoted uses positions again: one that was taken before says nothing about the
   *     transaction, which the new server may lack
   * @param limit how long to wait
   * @return whether it does; false also if a table is still being copied, or has failed
   * @throws dev.pgetl.error.EtlException why the pipeline has failed before that, if it has
   * @throws IllegalStateException if it was not started
   * @throws InterruptedException if the waiting thread was interrupted
   */
  public boolean awaitApplied(Lsn position, Duration limit) throws InterruptedException {
    return life().awaitApplied(Objects.requireNonNull(position, "position"), limit, table -> true);
  }

  /**
   * Waits like {@link #awaitApplied(Lsn, Duration)}, for some tables only: others may be copied at
   * the time, or have failed.
   *
   * @param tables the tables; with none it waits for the stream alone, whatever tables it carries
   * @return whether the destination holds everything of them that was committed before
   * @throws dev.pgetl.error.EtlException why the pipeline has failed before that, if it has
   * @throws IllegalStateException if it was not started
   * @throws InterruptedException if the waiting thread was interrupted
   */
  public boolean awaitApplied(Lsn position, Duration limit, Set<TableId> tables)
      throws InterruptedException {
    return life()
        .awaitApplied(
            Objects.requireNonNull(position, "position"), limit, Set.copyOf(tables)::contains);
  }

  /**
   * Copies a table again, from the beginning, while the others stream. The destination truncates it
   * first, or keeps its rows readable until the new ones take their place: {@link
   * dev.pgetl.destination.Destination#beginReplacement}. A table that {@link
   * dev.pgetl.config.TableCopyConfig} leaves out is neither truncated nor copied: it continues with
   * changes made from now on. Also restores a table that is {@code Errored}, once the cause is
   * fixed. If the destination hangs in a call for the table, or the store is unavailable, the copy
   * begins afterwards.
   *
   * @param table the table
   * @throws IllegalArgumentException if the pipeline does not carry it
   * @throws dev.pgetl.error.EtlException why the pipeline has failed, if it has
   * @throws IllegalStateException if it does not run
   * @throws InterruptedException if the thread was interrupted while a copy of it was being stopped
   */
  public void resync(TableId table) throws InterruptedException {
    life().operated().order(TableOrder.of(Act.RESYNC, table));
  }

  /**
   * Copies a table again, as {@link #resync(TableId)} does.
   *
   * @param table its name at the moment: it is compared with the publication as it is now, so a
   *     table that was renamed has its new name, and another one that had the name before is not
   *     meant
   * @throws IllegalArgumentException if the pipeline has no table of this name; says what is near
   * @throws dev.pgetl.error.EtlException if the publication cannot be read, or the pipeline failed
   * @throws IllegalStateException if it does not run
   * @throws InterruptedException if the thread was interrupted while a copy of it was being stopped
   */
  public void resync(TableName table) throws InterruptedException {
    life().operated().order(TableOrder.of(Act.RESYNC, table));
  }

  /**
   * Copies one range of a table again, while other tables stream: the table leaves the apply
   * worker, the destination removes the range ({@link Destination#removeRange}), its rows come as
   * they are in the source by then, and the stream continues without a gap. The whole table is
   * copied again, as by {@link #resync(TableId)}, if the destination does not remove ranges, if the
   * apply worker does not own the table, if it is partitioned, if its key is text of another
   * collation than {@code C}, or if it is altered meanwhile. If the process dies before the table
   * has left the apply worker, the request is lost.
   *
   * @param table the table
   * @param range which rows, by the first column of the primary key
   * @throws IllegalArgumentException if the pipeline does not carry the table, or the range is not
   *     one of its key
   * @throws dev.pgetl.error.EtlException why the pipeline has failed, if it has
   * @throws IllegalStateException if it does not run
   * @throws InterruptedException if the thread was interrupted while a copy of it was being stopped
   */
  public void resync(TableId table, KeyRange range) throws InterruptedException {
    life().operated().order(TableOrder.resync(table, range));
  }

  /**
   * Copies one range of a table again, as {@link #resync(TableId, KeyRange)} does.
   *
   * @param table its name at the moment, see {@link #resync(TableName)}; fails as that does
   * @param range which rows, by the first column of the primary key
   */
  public void resync(TableName table, KeyRange range) throws InterruptedException {
    life().operated().order(TableOrder.resync(table, range));
  }

  /**
   * Retries a table that has failed now, instead of when its time comes. Does nothing if it has not
   * failed.
   *
   * @param table its name at the moment, see {@link #resync(TableName)}; fails as that does
   * @throws IllegalStateException also if the table needs a resync: changes of it were passed over
   *     since it failed
   */
  public void retry(TableName table) throws InterruptedException {
    life().operated().order(TableOrder.of(Act.RETRY, table));
  }

  /**
   * Pauses a table while the others stream: the destination gets nothing of it until {@link
   * #resume(TableName)}, in this process or a later one. A slot of its own holds what it misses, so
   * it continues without a copy. Returns at once: the pause is stored and begins when the
   * destination has what came before, and a sync worker is free. {@link #resync(TableName)} ends
   * it. {@code awaitReady} and {@code awaitApplied} do not wait for the table.
   *
   * @param table its name at the moment, see {@link #resync(TableName)}; fails as that does
   * @throws dev.pgetl.error.EtlException of kind {@code CONFIGURATION} if the store cannot keep
   *     that: {@link dev.pgetl.store.StateStore#keepsPauses}
   * @throws IllegalStateException also if the table has failed, and gets nothing anyway
   */
  public void pause(TableName table) throws InterruptedException {
    life().operated().order(TableOrder.of(Act.PAUSE, table));
  }

  /**
   * Ends the pause of a table: it gets what it has missed. It is copied again if its slot was lost
   * meanwhile, or other rows of it are published. Does nothing if it is not paused.
   *
   * @param table its name at the moment, see {@link #resync(TableName)}; fails as that does, and if
   *     the store is unavailable
   */
  public void resume(TableName table) throws InterruptedException {
    life().operated().order(TableOrder.of(Act.RESUME, table));
  }

  /**
   * Pauses the pipeline: no call of the destination begins until {@link #resume()}. Returns at
   * once; {@link #awaitPaused} waits for calls in progress. The pipeline keeps its slot, its
   * connections and its ownership: the server holds the log that is not delivered, and copies keep
   * their snapshots. {@code awaitApplied} waits. Does nothing if it is paused already.
   *
   * <p>Another process that takes over, or a restart, is not paused. {@link #close()} delivers
   * nothing then; the next start does. A stream that loses its connection after it has read changes
   * reconnects when it is resumed.
   *
   * @throws IllegalStateException if it does not run
   */
  public void pause() {
    life().operated().pause();
  }

  /**
   * Waits until the pipeline is paused and no call of the destination is in progress.
   *
   * @param limit how long to wait
   * @return whether that is so; false at once if it is not paused
   * @throws IllegalStateException if it does not run
   */
  public boolean awaitPaused(Duration limit) throws InterruptedException {
    return life().operated().awaitPaused(limit);
  }

  /**
   * Ends a pause: the destination is called again. Does nothing if the pipeline is not paused.
   *
   * @throws IllegalStateException if it does not run
   */
  public void resume() {
    life().operated().resume();
  }

  /** {@return what is wrong with source, store and destination: see {@link Doctor}} */
  public List<Finding> diagnose() {
    return lives.diagnose();
  }

  /** {@return a snapshot of what the pipeline does; cheap} */
  public PipelineStatus status() {
    return life().status();
  }

  /**
   * Asks the pipeline to end and returns at once. It finishes the calls in progress and stores its
   * position. A start that waits is ended: its thread is interrupted.
   */
  public void shutdown() {
    life().shutdown();
  }

  /**
   * Asks the pipeline to end and waits for it, at most a little more than twice {@link
   * PipelineConfig#shutdownTimeout()}. Releases the slot's connection even if the destination never
   * returns. After the end nothing of the pipeline reaches the source or the store, even if an
   * abandoned call of the destination returns later. Does nothing the second time.
   */
  @Override
  public void close() {
    life().close();
  }
}

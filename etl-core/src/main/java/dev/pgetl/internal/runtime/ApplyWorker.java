package dev.pgetl.internal.runtime;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.capture.ReplicationConnection;
import dev.pgetl.internal.capture.WalEnd;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.deliver.Backoff;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.internal.platform.Latch;
import dev.pgetl.internal.runtime.lineage.Given;
import dev.pgetl.internal.runtime.operate.ReplayDesk;
import dev.pgetl.internal.runtime.stream.ApplyProgress;
import dev.pgetl.internal.runtime.stream.HandOvers;
import dev.pgetl.internal.runtime.stream.Renewal;
import dev.pgetl.internal.runtime.stream.SlotStream;
import dev.pgetl.internal.runtime.stream.StreamDelivery;
import dev.pgetl.internal.runtime.stream.StreamMeter;
import dev.pgetl.internal.runtime.stream.StreamProgress;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.runtime.worker.TaskTimer;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.observe.SlotStatus;
import dev.pgetl.observe.StreamStatus;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The apply worker: streams the changes of every table it owns, through all reconnects. {@link
 * #run} is the reader's thread; the other methods are for any.
 */
final class ApplyWorker implements ApplyProgress {
  private static final Logger LOG = LoggerFactory.getLogger(ApplyWorker.class);
  private static final long CONFIRM_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long STABLE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final PipelineContext context;
  private final StreamResources resources;
  private final Tables tables;
  private final StreamProgress progress;
  private final HandOvers handOvers;
  private final Given given;
  private final ApplyDemand demand;
  private final Renewal renewal;
  private final TableWrites writes;
  private final ReplayDesk replays;
  private final StreamDelivery delivery;
  private final StreamMeter meter;
  private final Latch stop;
  private final Latch begun;
  private @Nullable ReplicationConnection first;
  private volatile boolean connected;
  private volatile @Nullable ApplyReader reader;
  private volatile Lsn received;

  /**
   * Starts the delivery; reading begins with {@link #run}.
   *
   * @param start from where
   * @param connection for the first stream; null if there is none yet
   * @param given to the destination before
   * @param timer stores what streams find out of tables
   */
  ApplyWorker(
      PipelineContext context,
      StreamResources resources,
      Tables tables,
      ReplicationProgress start,
      @Nullable ReplicationConnection connection,
      Given given,
      TaskTimer timer) {
    this.context = context;
    this.resources = resources;
    this.tables = tables;
    this.received = start.flushedLsn();
    this.first = connection;
    this.stop = new Latch(context.platform());
    this.begun = new Latch(context.platform());
    this.meter = new StreamMeter(context.listener(), context.platform());
    this.progress = new StreamProgress(context.store(), start, context.platform());
    this.handOvers = new HandOvers(progress, context.platform());
    this.given = given;
    this.demand = new ApplyDemand(progress);
    this.renewal = new Renewal(context.source(), progress, demand::want);
    tables.startAt(start.flushedLsn());
    this.writes = new TableWrites(tables, progress, timer, resources.backoff(), meter.storing());
    this.replays = new ReplayDesk(context, tables, resources.calls());
    this.delivery =
        new StreamDelivery(
            context,
            resources,
            "apply",
            context.destination().wholeTransactionBytes(),
            new ApplyDelivery(
                context.listener(), progress, given, meter, demand, tables, writes, replays));
    replays.begin(this, delivery::hurry);
  }

  /**
   * Streams until it is stopped.
   *
   * @throws EtlException if it cannot continue
   */
  void run() throws InterruptedException {
    try {
      int attempt = 0;
      while (!stopping()) {
        long begin = context.platform().nanos();
        Lsn before = progress.durable();
        ValueFormat format = resources.format().current();
        try {
          session(format);
          if (!stopping()) {
            LOG.info(
                "the apply worker opens its stream again, for partitions or a timeline that the server has since");
            meter.reconnected();
          }
        } catch (EtlException e) {
          if (format != resources.format().current()) {
            continueInText(e);
            continue;
          }
          boolean moved =
              progress.durable().isAfter(before)
                  || context.platform().nanos() - begin > STABLE_NANOS;
          attempt = moved ? 1 : attempt + 1;
          retryOrThrow(e, attempt);
        }
      }
    } finally {
      delivery.close();
    }
  }

  private void session(ValueFormat format) throws InterruptedException {
    try (ReplicationConnection connection = connection()) {
      SlotStream opened = open(connection, format);
      try (WalStream stream = opened.wal()) {
        LOG.info("the apply worker reads slot {} from {}", context.applySlot(), opened.from());
        meter.reading().over();
        connected = true;
        begun.open();
        stream(stream, opened.from());
      }
    }
  }

  private ReplicationConnection connection() {
    ReplicationConnection opened = first;
    first = null;
    return opened == null ? context.source().openReplication("apply") : opened;
  }

  /**
   * No table is handed over until that has succeeded: if it fails, the store may have the position
   * on a new timeline already.
   */
  private SlotStream open(ReplicationConnection connection, ValueFormat format)
      throws InterruptedException {
    handOvers.pause(); // first: what is handed over behind the furthest end is not compared
    ReplicationProgress remembered = progress.remembered();
    renewal.begun();
    given.reached(tables.furthestEnd());
    connection.expectLargeRows();
    SlotStream opened =
        SlotStream.open(context, connection, remembered, tables.seen(), given, format);
    if (!opened.position().equals(remembered)) {
      progress.follow(opened.position());
      tables.endAt(opened.currentWal());
      demand.endAt(opened.currentWal());
      meter.endAt(opened.currentWal());
      received = opened.from();
    }
    handOvers.resume();
    return opened;
  }

  /** If the server's commits wait for this stream, what it has read is confirmed without delay. */
  void checkStandby() {
    if (demand.always(context.source().isSynchronousStandby())) {
      LOG.warn(
          "each commit on the server waits until the destination has it: synchronous_standby_names"
              + " includes this stream. Name the standbys there one by one, without *");
    }
  }

  private void stream(WalStream stream, Lsn from) throws InterruptedException {
    ApplyReader session =
        new ApplyReader(context, resources, tables, stream, delivery, this, demand, meter);
    try {
      progress.attach(stream);
      reader = session;
      try {
        session.run(from);
      } finally {
        delivery.batch().dropOpenTransaction();
      }
      finish(stream);
    } finally {
      received = Lsn.max(received, session.received());
      reader = null;
      progress.detach();
    }
  }

  /** Waits for calls in progress, and reports the position to the server. */
  private void finish(WalStream stream) throws InterruptedException {
    boolean unused = delivery.drain(() -> maintained(stream));
    Failpoint.BEFORE_FINAL_STATUS.reached();
    stream.flushStatus();
    awaitConfirmed(stream);
    Failpoint.AFTER_FINAL_STATUS.reached();
  }

  private static boolean maintained(WalStream stream) {
    stream.maintain();
    return true;
  }

  /**
   * A connection closed with unread input may lose what was sent last: reads on until the server
   * has the position.
   */
  private void awaitConfirmed(WalStream stream) {
    long until = context.platform().nanos() + CONFIRM_NANOS;
    while (context.platform().nanos() - until < 0 && !confirmed()) {
      stream.poll(CONFIRM_NANOS / 50);
    }
  }

  private boolean confirmed() {
    return context
        .source()
        .slot(context.applySlot())
        .map(slot -> !slot.confirmedFlush().isBefore(progress.durable()))
        .orElse(true);
  }

  private void retryOrThrow(EtlException failure, int attempt) throws InterruptedException {
    if (stopping()) {
      LOG.debug("the apply worker failed while stopping", failure);
      return;
    }
    delivery.batch().checkDelivery(); // one that has failed made its own attempts
    Backoff delays = resources.backoff().connecting(); // the first time at once
    if (failure.retry() != RetryDirective.TIMED || !delays.allows(attempt - 1)) {
      throw failure;
    }
    Duration delay = delays.delay(attempt - 1);
    LOG.warn(
        "the apply worker failed, reconnecting in {} ms (attempt {}): {}: {}",
        delay.toMillis(),
        attempt,
        failure.kind(),
        failure.getMessage());
    LOG.debug("the apply worker failed", failure);
    meter.reading().failed(failure, attempt, delay);
    context.listener().onRetry(failure, attempt, delay);
    if (!stop.await(delay.toNanos())) {
      reconnect();
    }
  }

  /** No failure: the next session begins at once where this one is durable, in the other format. */
  private void continueInText(EtlException reason) throws InterruptedException {
    LOG.debug("the apply worker continues in text format", reason);
    if (!stopping()) {
      reconnect();
    }
  }

  private void reconnect() throws InterruptedException {
    boolean unused = delivery.drain(() -> !stopping());
    meter.reconnected();
  }

  /** Has tables made {@code Ready} whose end has been reached. */
  void settle() {
    writes.settle();
  }

  boolean stopping() {
    return stop.isOpen();
  }

  /** Asks the worker to end; it finishes the calls in progress. */
  void stop() {
    replays.end();
    stop.open();
  }

  /** The destination had its time: what hangs is given up. */
  void giveUp() {
    delivery.interrupt();
    ApplyReader hanging = reader;
    if (hanging != null) {
      hanging.cut();
    }
  }

  boolean awaitDeliveryEnd(long nanos) throws InterruptedException {
    return delivery.awaitEnd(nanos);
  }

  /** Makes the worker ask the server for its position until it has reached one that exists. */
  void want(Lsn position) {
    demand.want(position);
  }

  /** {@return whether its stream ends so that another one begins} */
  Renewal renewal() {
    return renewal;
  }

  @Override
  public boolean awaitDurable(Lsn position, long nanos) throws InterruptedException {
    return demand.await(position, nanos);
  }

  @Override
  public boolean awaitPassed(WalEnd point, long nanos) throws InterruptedException {
    point.requireTimeline(progress.timeline());
    return demand.await(point.position(), nanos) && progress.hasPassed(point);
  }

  @Override
  public boolean agree(int timeline, BooleanSupplier agreement, BooleanSupplier stopped)
      throws InterruptedException {
    return handOvers.agree(timeline, agreement, stopped);
  }

  /**
   * Fails a wait that cannot succeed any more.
   *
   * @throws EtlException if the worker has ended or is about to
   */
  void requireRunning(Lsn position) {
    if (stopping()) {
      throw new EtlException(
          ErrorKind.CONFIGURATION,
          "waiting for position " + position + " failed: the pipeline has ended");
    }
  }

  /** The worker has ended and the reason is known: ends all waits for it. */
  void ended() {
    progress.end();
    begun.open();
  }

  /** {@return whether the stream has been connected before the time was over, or the worker} */
  boolean awaitConnected(long nanos) throws InterruptedException {
    return begun.await(nanos) && connected;
  }

  /** How much log the server keeps for the slot; null if that is not known. */
  void slotSeen(@Nullable SlotStatus slot) {
    meter.slot(slot);
  }

  Lsn durable() {
    return progress.durable();
  }

  /** {@return the timeline of that position} */
  int timeline() {
    return progress.timeline();
  }

  /** {@return whether everything before a position is durable, on the position's timeline} */
  boolean hasPassed(WalEnd point) {
    return progress.hasPassed(point);
  }

  StreamStatus status() {
    ApplyReader session = reader;
    Lsn read = session == null ? received : Lsn.max(received, session.received());
    return meter.status(session != null, read, progress.durable());
  }
}

package dev.pgetl.internal.runtime;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.event.Event;
import dev.pgetl.internal.capture.ReplicationConnection;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.deliver.DeliveryListener;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.observe.PipelineStatus.StreamStatus;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The main stream: carries every table that is past its copy, through all reconnects. {@link #run}
 * is the reader's thread; the other methods are for any.
 */
final class ApplyStream implements StreamSession.Role, DeliveryListener {
  private static final Logger LOG = LoggerFactory.getLogger(ApplyStream.class);
  private static final long CONFIRM_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long STABLE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final Services services;
  private final TableFailures failures;
  private final StreamProgress progress;
  private final StreamEnd end;
  private final StreamMeter meter;
  private final CountDownLatch stop = new CountDownLatch(1);

  private volatile @Nullable WalStream wal;
  private volatile Lsn received;
  private final AtomicReference<Lsn> wanted = new AtomicReference<>(Lsn.ZERO);

  /** What somebody waits for at the moment; the server may never get there. */
  private final Collection<Lsn> awaited = new ConcurrentLinkedQueue<>();

  /** Tables the destination has refused. */
  private final Set<TableId> refused = ConcurrentHashMap.newKeySet();

  ApplyStream(
      Services services,
      Worker.Factory workers,
      TableFailures failures,
      ReplicationProgress start) {
    this.services = services;
    this.failures = failures;
    this.received = start.flushedLsn();
    this.meter = new StreamMeter(services.platform());
    this.progress =
        new StreamProgress(services.store(), start.slotName(), start.lineage(), start.flushedLsn());
    services.handOver().startAt(start.flushedLsn());
    this.end = new StreamEnd(services, workers, "apply", this);
  }

  /**
   * Streams until told to stop.
   *
   * @throws EtlException if it cannot go on
   */
  void run() throws InterruptedException {
    try {
      int attempt = 0;
      while (!stopping()) {
        long begin = services.platform().nanos();
        Lsn before = progress.durable();
        boolean binary = services.format().binary();
        try {
          session(binary);
        } catch (EtlException e) {
          if (binary && !services.format().binary()) {
            goOnInText(e);
            continue;
          }
          boolean moved =
              progress.durable().isAfter(before)
                  || services.platform().nanos() - begin > STABLE_NANOS;
          attempt = moved ? 1 : attempt + 1;
          retryOrThrow(e, attempt);
        }
      }
    } finally {
      end.close();
    }
  }

  private void session(boolean binary) throws InterruptedException {
    String slot = services.applySlot();
    Lsn from = progress.durable();
    try (ReplicationConnection session = services.source().openReplication("apply")) {
      Lineage.resume(
          slot,
          session.slot(slot),
          new ReplicationProgress(slot, progress.lineage(), from),
          session.facts());
      services.source().releaseSlot(slot);
      Failpoint.BEFORE_STREAM_OPENED.reached();
      try (WalStream stream =
          session.stream(slot, services.config().publicationName(), from, binary)) {
        stream(stream, slot, from);
      }
    }
  }

  private void stream(WalStream stream, String slot, Lsn from) throws InterruptedException {
    StreamSchemas tables =
        new StreamSchemas(services, new ApplyGate(), services.config().messagePrefixes());
    try {
      LOG.info("main stream reads slot {} from {}", slot, from);
      progress.attach(stream);
      wal = stream;
      try {
        new StreamSession(services, stream, end.batch(), tables, from, this).run();
      } finally {
        end.batch().dropOpenTransaction();
      }
      finish(stream);
    } finally {
      wal = null;
      progress.detach();
    }
  }

  /** Waits for what is under way, and tells the server how far we are. */
  private void finish(WalStream stream) throws InterruptedException {
    if (end.drain(() -> maintained(stream))) {
      Failpoint.BEFORE_FINAL_STATUS.reached();
      stream.flushStatus();
      awaitConfirmed(stream);
      Failpoint.AFTER_FINAL_STATUS.reached();
    }
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
    long until = services.platform().nanos() + CONFIRM_NANOS;
    while (services.platform().nanos() - until < 0 && !confirmed()) {
      stream.poll(CONFIRM_NANOS / 50);
    }
  }

  private boolean confirmed() {
    return services
        .source()
        .slot(services.applySlot())
        .map(slot -> !slot.confirmedFlush().isBefore(progress.durable()))
        .orElse(true);
  }

  private void retryOrThrow(EtlException failure, int attempt) throws InterruptedException {
    if (stopping()) {
      LOG.debug("main stream failed while stopping", failure);
      return;
    }
    if (failure.retry() != RetryDirective.TIMED || !services.backoff().allows(attempt)) {
      throw failure;
    }
    Duration delay = services.backoff().delay(attempt);
    LOG.warn(
        "main stream failed, reconnecting in {} ms (attempt {}): {}",
        delay.toMillis(),
        attempt,
        failure.getMessage());
    LOG.debug("main stream failed", failure);
    Observers.tell(() -> services.listener().onRetry(failure, attempt, delay));
    if (!stop.await(delay.toNanos(), TimeUnit.NANOSECONDS)) {
      reconnect();
    }
  }

  /** No failure: the next session begins at once where this one is durable, in the other format. */
  private void goOnInText(EtlException reason) throws InterruptedException {
    LOG.debug("main stream goes on in text format", reason);
    if (!stopping()) {
      reconnect();
    }
  }

  private void reconnect() throws InterruptedException {
    end.drain(() -> !stopping());
    meter.reconnected();
  }

  /** What the reader asks of the hand-over. */
  private final class ApplyGate implements StreamSchemas.Gate {
    private @Nullable StreamPause pause;

    @Override
    public void begin(Lsn commitLsn) {
      services.handOver().begin(commitLsn);
    }

    @Override
    public boolean accepts(TableId table, Lsn commitLsn) {
      try {
        pause = null;
        return services.handOver().accepts(table, commitLsn, this::keepAlive);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        stop();
        return false;
      }
    }

    private boolean keepAlive() {
      WalStream stream = wal;
      if (stream != null) {
        end.batch().offer();
        end.batch().checkDelivery();
        pauseOf(stream).maintain();
      }
      return !stopping();
    }

    private StreamPause pauseOf(WalStream stream) {
      StreamPause begun = pause;
      if (begun == null) {
        begun = new StreamPause(services, stream, ApplyStream.this::serverAt);
        pause = begun;
      }
      return begun;
    }
  }

  @Override
  public boolean stopping() {
    return stop.getCount() == 0;
  }

  @Override
  public boolean reached(Lsn position) {
    received = position;
    return false;
  }

  @Override
  public void idle(WalStream stream) {
    if (services.handOver().hasPending() || isFurtherWanted()) {
      stream.requestKeepalive();
      end.mailbox().hurry();
      settleReady();
    }
  }

  private boolean isFurtherWanted() {
    Lsn durable = progress.durable();
    return durable.isBefore(Objects.requireNonNull(wanted.get()))
        || awaited.stream().anyMatch(durable::isBefore);
  }

  @Override
  public void heldBack(boolean nowHeldBack) {
    LOG.debug(
        "main stream {}",
        nowHeldBack ? "stops reading until the destination has caught up" : "reads on");
    Observers.tell(() -> services.listener().onBackpressure(nowHeldBack));
  }

  @Override
  public void serverAt(Lsn position) {
    meter.serverAt(position);
  }

  @Override
  public void delivered(List<Event> events, long bytes, Duration took) {
    meter.delivered(events, bytes);
    Observers.tell(() -> services.listener().onEventsDelivered(events.size(), bytes, took));
  }

  @Override
  public void durable(Lsn position) {
    if (progress.advance(position)) {
      Observers.tell(() -> services.listener().onProgress(position));
      settleReady();
    }
  }

  private void settleReady() {
    services.handOver().reached(progress.durable()).forEach(this::settleReady);
  }

  private void settleReady(TableId table, Lsn from) {
    Failpoint.BEFORE_READY.reached();
    services
        .states()
        .move(table, new TableReplicationPhase.SyncDone(from), new TableReplicationPhase.Ready());
    services.handOver().ready(table, from);
    Failpoint.AFTER_READY.reached();
  }

  @Override
  public void retrying(EtlException failure, int attempt, Duration delay) {
    Observers.retrying(services.listener(), failure, attempt, delay);
  }

  @Override
  public boolean tableRefused(EtlException failure) {
    boolean leftOut = failures.refused(failure);
    if (leftOut) {
      refused.add(new TableId(failure.tableOid().orElseThrow()));
    }
    return leftOut;
  }

  @Override
  public boolean anyRefused() {
    return !refused.isEmpty();
  }

  @Override
  public boolean isRefused(TableId table) {
    return refused.contains(table);
  }

  /** The stream may carry a table again. */
  void readmit(TableId table) {
    refused.remove(table);
  }

  /** Asks the stream to end; it finishes what is under way. */
  void stop() {
    stop.countDown();
  }

  /** The destination had its time: what hangs is given up. */
  void giveUp() {
    end.interrupt();
    WalStream stream = wal;
    if (stream != null) {
      stream.close();
    }
  }

  boolean awaitDeliveryEnd(long nanos) throws InterruptedException {
    return end.awaitEnd(nanos);
  }

  /**
   * Makes the stream ask the server how far it is, until it has reached a position that is there.
   */
  void want(Lsn position) {
    wanted.accumulateAndGet(position, Lsn::max);
  }

  /** {@return whether everything committed before a position became durable in time} */
  boolean awaitDurable(Lsn position, long nanos) throws InterruptedException {
    awaited.add(position);
    try {
      return progress.await(position, nanos);
    } finally {
      awaited.remove(position); // this one; others may wait for the same
    }
  }

  /**
   * Fails a wait that nothing can end well any more.
   *
   * @throws EtlException if the stream has ended or is about to
   */
  void requireGoingOn(Lsn position) {
    if (stopping()) {
      throw new EtlException(
          ErrorKind.CONFIGURATION,
          "waiting for position " + position + " failed: the pipeline has ended");
    }
  }

  /** Nobody runs the stream any more, and why is known: whoever waits for it may go. */
  void ended() {
    progress.end();
  }

  Lsn durable() {
    return progress.durable();
  }

  StreamStatus status() {
    WalStream stream = wal;
    return meter.status(stream, received, progress.durable());
  }
}

package dev.pgetl.internal.runtime;

import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.internal.capture.ReplicationConnection;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.deliver.DeliveryListener;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream of one table's own slot, from the copy to where the main stream takes over. Owned by
 * the table's worker, but for {@link #abort}.
 */
final class CatchUp implements StreamSession.Role, DeliveryListener {
  private static final Logger LOG = LoggerFactory.getLogger(CatchUp.class);

  private final Services services;
  private final Worker.Factory workers;
  private final TableId table;
  private final String slot;
  private final BooleanSupplier stop;

  private Lsn current = Lsn.ZERO;
  private @Nullable Lsn fence;
  private @Nullable StreamProgress progress;
  private volatile @Nullable WalStream wal;
  private volatile @Nullable StreamEnd end;

  CatchUp(
      Services services, Worker.Factory workers, TableId table, String slot, BooleanSupplier stop) {
    this.services = services;
    this.workers = workers;
    this.table = table;
    this.slot = slot;
    this.stop = stop;
  }

  /**
   * Streams up to the meeting point.
   *
   * @return where it ended: everything committed before is durable; empty if it was stopped
   * @throws EtlException of kind {@code SLOT_LOST} if the copy has to be made again
   */
  Optional<Lsn> run() throws InterruptedException {
    StreamEnd newEnd = new StreamEnd(services, workers, "sync-" + table, this);
    end = newEnd;
    try {
      return stream(newEnd);
    } finally {
      newEnd.closeAndAwait();
    }
  }

  private Optional<Lsn> stream(StreamEnd newEnd) throws InterruptedException {
    boolean binary = services.format().binary();
    try {
      return session(newEnd, binary);
    } catch (EtlException e) {
      if (!binary || services.format().binary()) {
        throw e;
      }
      LOG.debug("catch-up of table {} goes on in text format", table, e);
    }
    return newEnd.drain(() -> !stopping()) ? session(newEnd, false) : Optional.empty();
  }

  private Optional<Lsn> session(StreamEnd newEnd, boolean binary) throws InterruptedException {
    try (ReplicationConnection connection = services.source().openReplication("sync_" + table)) {
      SourceFacts facts = connection.facts();
      Optional<SlotState> state = connection.slot(slot);
      StreamProgress position = progress(facts, state);
      Lsn from =
          Lineage.resume(
              slot,
              state,
              new ReplicationProgress(slot, position.lineage(), position.durable()),
              facts);
      current = facts.currentWal();
      services.source().releaseSlot(slot);
      Failpoint.BEFORE_STREAM_OPENED.reached();
      try (WalStream stream =
          connection.stream(slot, services.config().publicationName(), from, binary)) {
        return read(stream, newEnd, position, from);
      }
    }
  }

  /** {@return how far the table's stream is; remembered by the first session for the next} */
  private StreamProgress progress(SourceFacts facts, Optional<SlotState> state) {
    StreamProgress position = progress;
    if (position == null) {
      ReplicationProgress start = remembered(facts, state);
      position = new StreamProgress(services.store(), slot, start.lineage(), start.flushedLsn());
      progress = position;
    }
    return position;
  }

  private ReplicationProgress remembered(SourceFacts facts, Optional<SlotState> state) {
    return services.store().getReplicationProgress(slot).orElseGet(() -> fromSlot(facts, state));
  }

  private ReplicationProgress fromSlot(SourceFacts facts, Optional<SlotState> state) {
    Lsn confirmed = state.map(SlotState::confirmedFlush).orElse(Lsn.ZERO);
    return new ReplicationProgress(slot, Lineage.of(facts, confirmed), confirmed);
  }

  private Optional<Lsn> read(WalStream stream, StreamEnd newEnd, StreamProgress position, Lsn from)
      throws InterruptedException {
    StreamSchemas tables =
        new StreamSchemas(services, (id, commitLsn) -> id.equals(table), Set.of());
    try {
      wal = stream;
      position.attach(stream);
      StreamSession session =
          new StreamSession(services, stream, newEnd.batch(), tables, from, this);
      try {
        session.run();
      } finally {
        newEnd.batch().dropOpenTransaction();
      }
      if (stopping()) {
        return Optional.empty();
      }
      return settle(stream, newEnd) ? Optional.of(session.position()) : Optional.empty();
    } finally {
      wal = null;
      position.detach();
    }
  }

  @Override
  public boolean stopping() {
    return stop.getAsBoolean();
  }

  /**
   * Asks for the meeting point once the stream is where the server was when it began, or where the
   * main stream is, and the destination has all of it: from then on the main stream has to wait
   * only for what came meanwhile.
   */
  @Override
  public boolean reached(Lsn position) throws InterruptedException {
    if (fence == null && hasCaughtUp(position)) {
      services.states().set(table, new TableReplicationPhase.SyncWait(position));
      if (settle(Objects.requireNonNull(wal), Objects.requireNonNull(end))) {
        Lsn meeting = services.handOver().meet(table);
        fence = meeting;
        services.states().set(table, new TableReplicationPhase.Catchup(meeting));
      }
    }
    Lsn meeting = fence;
    return meeting != null && !position.isBefore(meeting);
  }

  private boolean hasCaughtUp(Lsn position) {
    return !position.isBefore(current) || position.isAfter(services.handOver().lastBegun());
  }

  /** {@return whether everything read is durable; if not, the stream was stopped} */
  private boolean settle(WalStream stream, StreamEnd destination) throws InterruptedException {
    StreamPause pause = new StreamPause(services, stream, this::serverAt);
    destination.batch().offer();
    return destination.drain(
        () -> {
          pause.maintain();
          return !stopping();
        });
  }

  @Override
  public void idle(WalStream stream) {
    stream.requestKeepalive();
  }

  @Override
  public void heldBack(boolean nowHeldBack) {
    LOG.debug(
        "catch-up of table {} {}", table, nowHeldBack ? "waits for the destination" : "reads on");
  }

  @Override
  public void serverAt(Lsn position) {
    LOG.debug("catch-up of table {} waits while the server is at {}", table, position);
  }

  @Override
  public void delivered(List<Event> events, long bytes, Duration took) {
    LOG.debug("catch-up of table {} delivered {} events", table, events.size());
  }

  @Override
  public void durable(Lsn position) {
    StreamProgress moved = progress;
    if (moved != null) {
      moved.advance(position);
    }
  }

  @Override
  public void retrying(EtlException failure, int attempt, Duration delay) {
    Observers.retrying(services.listener(), failure, attempt, delay);
  }

  @Override
  public boolean tableRefused(EtlException failure) {
    return false;
  }

  @Override
  public boolean anyRefused() {
    return false;
  }

  @Override
  public boolean isRefused(TableId other) {
    return false;
  }

  /** Ends it from another thread, without waiting for anything. */
  void abort() {
    WalStream stream = wal;
    if (stream != null) {
      stream.close();
    }
    StreamEnd hanging = end;
    if (hanging != null) {
      hanging.interrupt();
    }
  }
}

package dev.pgetl.internal.runtime;

import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.internal.capture.ReplicationSession;
import dev.pgetl.internal.capture.SlotState;
import dev.pgetl.internal.capture.SourceFacts;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.deliver.DeliveryListener;
import dev.pgetl.internal.failpoint.Failpoint;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
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
    try (ReplicationSession session = services.source().openReplication("sync_" + table)) {
      SourceFacts facts = session.facts();
      Optional<SlotState> state = session.slot(slot);
      ReplicationProgress start = remembered(facts, state);
      Lsn from = Lineage.resume(slot, state, start, facts);
      current = facts.currentWal();
      StreamProgress position = new StreamProgress(services.store(), slot, start.lineage(), from);
      progress = position;
      StreamEnd newEnd = new StreamEnd(services, workers, "sync-" + table, this);
      end = newEnd;
      try {
        services.source().releaseSlot(slot);
        return stream(session, newEnd, position, from);
      } finally {
        newEnd.closeAndAwait();
      }
    }
  }

  private ReplicationProgress remembered(SourceFacts facts, Optional<SlotState> state) {
    return services.store().getReplicationProgress(slot).orElseGet(() -> fromSlot(facts, state));
  }

  private ReplicationProgress fromSlot(SourceFacts facts, Optional<SlotState> state) {
    Lsn confirmed = state.map(SlotState::confirmedFlush).orElse(Lsn.ZERO);
    return new ReplicationProgress(slot, Lineage.of(facts, confirmed), confirmed);
  }

  private Optional<Lsn> stream(
      ReplicationSession connection, StreamEnd newEnd, StreamProgress position, Lsn from)
      throws InterruptedException {
    StreamSchemas tables =
        new StreamSchemas(
            services.store(),
            services.source().catalog(),
            (id, commitLsn) -> id.equals(table),
            Set.of());
    Failpoint.BEFORE_STREAM_OPENED.reached();
    try (WalStream stream = connection.stream(slot, services.config().publicationName(), from)) {
      wal = stream;
      position.attach(stream);
      StreamSession session =
          new StreamSession(
              services.source(),
              stream,
              newEnd.exchange(),
              tables,
              from,
              this,
              services.nanoTime());
      try {
        session.run();
      } finally {
        newEnd.exchange().dropOpenTransaction();
      }
      if (stopping()) {
        return Optional.empty();
      }
      return newEnd.drain(stream, () -> !stopping())
          ? Optional.of(session.position())
          : Optional.empty();
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
   * main stream is: from then on the main stream has to wait only for what came meanwhile.
   */
  @Override
  public boolean reached(Lsn position) {
    if (fence == null
        && (!position.isBefore(current) || position.isAfter(services.handOver().lastBegun()))) {
      services.states().set(table, new TableReplicationPhase.SyncWait(position));
      Lsn meeting = services.handOver().meet(table);
      fence = meeting;
      services.states().set(table, new TableReplicationPhase.Catchup(meeting));
    }
    Lsn meeting = fence;
    return meeting != null && !position.isBefore(meeting);
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

package dev.pgetl.internal.runtime.sync;

import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.ReplicationConnection;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.decode.StreamTables;
import dev.pgetl.internal.runtime.stream.IdleUpkeep;
import dev.pgetl.internal.runtime.stream.Lineage;
import dev.pgetl.internal.runtime.stream.SlotStream;
import dev.pgetl.internal.runtime.stream.StreamDelivery;
import dev.pgetl.internal.runtime.stream.StreamProgress;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.stream.StreamSchemas;
import dev.pgetl.internal.runtime.stream.StreamSession;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.TableEvent.CaughtUp;
import dev.pgetl.internal.runtime.table.TableEvent.FenceSet;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.Aside;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.wal.Lsn;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream of one table's own slot, from the copy to where the apply worker takes over. Owned by
 * the sync worker's thread, which reads it, except {@link #abort}.
 */
final class CatchUp implements StreamSession.Role, StreamSchemas.Owner {
  private static final Logger LOG = LoggerFactory.getLogger(CatchUp.class);

  private final PipelineContext context;
  private final StreamResources resources;
  private final Tables tables;
  private final Table table;
  private final String slot;
  private final BooleanSupplier stop;

  private Lsn current = Lsn.ZERO;
  private Lsn lastBegun = Lsn.ZERO;
  private @Nullable Lsn fence;
  private volatile @Nullable StreamProgress progress;
  private volatile @Nullable WalStream wal;
  private volatile @Nullable StreamDelivery delivery;

  CatchUp(
      PipelineContext context,
      StreamResources resources,
      Tables tables,
      Table table,
      BooleanSupplier stop) {
    this.context = context;
    this.resources = resources;
    this.tables = tables;
    this.table = table;
    this.slot = context.syncSlotPrefix() + table.id();
    this.stop = stop;
  }

  /**
   * Streams up to the meeting point.
   *
   * @return where it ended: everything committed before is durable; empty if it was stopped
   * @throws EtlException of kind {@code SLOT_LOST} if the copy has to be made again
   */
  Optional<Lsn> run() throws InterruptedException {
    CatchUpDelivery outcome = new CatchUpDelivery(Set.of(table), this::advance);
    StreamDelivery begun = new StreamDelivery(context, resources, "sync-" + table.id(), outcome);
    delivery = begun;
    try {
      return stream(begun);
    } finally {
      begun.closeAndAwait();
    }
  }

  private Optional<Lsn> stream(StreamDelivery to) throws InterruptedException {
    ValueFormat format = resources.format().current();
    try {
      return session(to, format);
    } catch (EtlException e) {
      if (format == resources.format().current()) {
        throw e;
      }
      LOG.debug("catch-up of table {} continues in text format", table.name(), e);
    }
    return to.drain(() -> !stopping()) ? session(to, ValueFormat.TEXT) : Optional.empty();
  }

  private Optional<Lsn> session(StreamDelivery to, ValueFormat format) throws InterruptedException {
    StreamProgress at = progress();
    String role = "sync_" + table.id();
    try (ReplicationConnection connection = context.source().openReplication(role)) {
      SlotStream opened =
          SlotStream.open(
              context.store(),
              context.source(),
              connection,
              at.remembered(),
              lastBegun,
              context.config().publicationName(),
              format);
      current = opened.currentWal();
      try (WalStream stream = opened.wal()) {
        return read(stream, to, at, opened.from());
      }
    }
  }

  /** {@return the stream's position; remembered by the first session for the next} */
  private StreamProgress progress() {
    StreamProgress known = progress;
    if (known != null) {
      return known;
    }
    ReplicationProgress start =
        context
            .store()
            .getReplicationProgress(slot)
            .orElseThrow(
                () ->
                    Lineage.lost(
                        "the store remembers a copy of %s but no position of slot %s"
                            .formatted(table.name(), slot)));
    progress = new StreamProgress(context.store(), start, context.platform());
    return progress;
  }

  private void advance(Lsn durable) {
    boolean unused = progress().advance(durable);
  }

  private Optional<Lsn> read(WalStream stream, StreamDelivery to, StreamProgress progress, Lsn from)
      throws InterruptedException {
    try {
      wal = stream;
      progress.attach(stream);
      StreamSession session =
          new StreamSession(
              context.source(),
              context.platform(),
              resources.format(),
              stream,
              to.batch(),
              schemas(upkeep(stream)),
              from,
              this);
      try {
        session.run();
      } finally {
        to.batch().dropOpenTransaction();
      }
      boolean settled = !stopping() && settle(stream, to);
      return settled ? Optional.of(session.position()) : Optional.empty();
    } finally {
      wal = null;
      progress.detach();
    }
  }

  private StreamSchemas schemas(IdleUpkeep upkeep) {
    return new StreamSchemas(
        context.store(),
        context.source().catalog(),
        resources.format(),
        new Aside(resources.workers(), "sync-" + table.id() + "-aside"),
        () -> maintained(upkeep),
        Set.of(),
        this);
  }

  @Override
  public void begin(Lsn commitLsn) {
    lastBegun = Lsn.max(lastBegun, commitLsn);
  }

  @Override
  public long generation(TableId id, Lsn commitLsn) {
    return id.equals(table.id()) ? table.state().generation() : StreamTables.NOT_OURS;
  }

  @Override
  public void differs(TableId id, String reason) {
    tables.differs(id, reason);
  }

  private IdleUpkeep upkeep(WalStream stream) {
    return new IdleUpkeep(context.source(), stream, this::serverAt, context.platform());
  }

  private boolean maintained(IdleUpkeep upkeep) {
    upkeep.maintain();
    return !stopping();
  }

  @Override
  public boolean stopping() {
    return stop.getAsBoolean();
  }

  /**
   * Asks for the meeting point once the stream is where the server was when it began, or where the
   * apply worker is, and the destination has all of it: from then on the apply worker has to wait
   * only for what came meanwhile.
   */
  @Override
  public boolean reached(Lsn position) throws InterruptedException {
    if (fence == null && hasCaughtUp(position)) {
      table.move(new CaughtUp(position));
      if (settle(Objects.requireNonNull(wal), Objects.requireNonNull(delivery))) {
        Lsn meeting = table.meet();
        fence = meeting;
        table.move(new FenceSet(meeting));
      }
    }
    Lsn meeting = fence;
    return meeting != null && !position.isBefore(meeting);
  }

  private boolean hasCaughtUp(Lsn position) {
    return !position.isBefore(current) || position.isAfter(tables.lastBegun());
  }

  /** {@return whether everything read is durable; if not, the stream was stopped} */
  private boolean settle(WalStream stream, StreamDelivery to) throws InterruptedException {
    IdleUpkeep upkeep = upkeep(stream);
    to.batch().offer();
    return to.drain(() -> maintained(upkeep));
  }

  @Override
  public void idle(WalStream stream) {
    stream.requestKeepalive();
  }

  @Override
  public void serverAt(Lsn position) {
    LOG.debug("catch-up of {} waits while the server is at {}", table.name(), position);
  }

  /** Ends it from another thread, without waiting for anything. */
  void abort() {
    WalStream stream = wal;
    if (stream != null) {
      stream.close();
    }
    StreamDelivery hanging = delivery;
    if (hanging != null) {
      hanging.interrupt();
    }
  }
}

package dev.pgetl.internal.runtime.sync;

import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.copy.GroupCopy;
import dev.pgetl.internal.decode.StreamTables;
import dev.pgetl.internal.runtime.stream.IdleUpkeep;
import dev.pgetl.internal.runtime.stream.StreamDelivery;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.stream.StreamSchemas;
import dev.pgetl.internal.runtime.stream.StreamSession;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.TableEvent.CaughtUp;
import dev.pgetl.internal.runtime.table.TableEvent.FenceSet;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.Aside;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream of the slot that some tables have in common, from their copy to where the apply worker
 * takes them over, all at one position. Nothing of it is stored: if it breaks, the tables are
 * copied again. Owned by the sync worker's thread, which reads it, except {@link #abort}.
 */
final class GroupCatchUp implements StreamSession.Role, StreamSchemas.Owner {
  private static final Logger LOG = LoggerFactory.getLogger(GroupCatchUp.class);

  private final PipelineContext context;
  private final StreamResources resources;
  private final Tables tables;
  private final Set<Table> members;
  private final BooleanSupplier stop;
  private final String role;

  private Lsn current = Lsn.ZERO;
  private @Nullable Lsn fence;
  private volatile @Nullable WalStream wal;
  private volatile @Nullable StreamDelivery delivery;

  GroupCatchUp(
      PipelineContext context,
      StreamResources resources,
      Tables tables,
      List<Table> members,
      BooleanSupplier stop) {
    this.context = context;
    this.resources = resources;
    this.tables = tables;
    this.stop = stop;
    this.role = "sync-" + members.get(0).id();
    this.members = new LinkedHashSet<>(members);
  }

  /**
   * Streams up to the meeting point.
   *
   * @param copy its connection becomes the stream
   * @return where it ended: everything committed before is durable; empty if it was stopped
   */
  Optional<Lsn> run(GroupCopy copy) throws InterruptedException {
    current = copy.connection().facts().currentWal();
    StreamDelivery begun =
        new StreamDelivery(context, resources, role, new CatchUpDelivery(members, this::confirm));
    delivery = begun;
    try (WalStream stream =
        copy.connection().stream(
            copy.slotName(),
            context.config().publicationName(),
            copy.consistentPoint(),
            resources.format().current())) {
      wal = stream;
      return read(stream, begun, copy.consistentPoint());
    } finally {
      wal = null;
      begun.closeAndAwait();
    }
  }

  private Optional<Lsn> read(WalStream stream, StreamDelivery to, Lsn from)
      throws InterruptedException {
    IdleUpkeep upkeep = upkeep(stream);
    StreamSchemas schemas =
        new StreamSchemas(
            context.store(),
            context.source().catalog(),
            resources.format(),
            new Aside(resources.workers(), role + "-aside"),
            () -> maintained(upkeep),
            Set.of(),
            this);
    StreamSession session =
        new StreamSession(
            context.source(),
            context.platform(),
            resources.format(),
            stream,
            to.batch(),
            schemas,
            from,
            this);
    try {
      session.run();
    } finally {
      to.batch().dropOpenTransaction();
    }
    return !stopping() && settle(stream, to) ? Optional.of(session.position()) : Optional.empty();
  }

  private IdleUpkeep upkeep(WalStream stream) {
    return new IdleUpkeep(context.source(), stream, this::serverAt, context.platform());
  }

  private boolean maintained(IdleUpkeep upkeep) {
    upkeep.maintain();
    return !stopping();
  }

  /** {@return whether everything read is durable; if not, the stream was stopped} */
  private boolean settle(WalStream stream, StreamDelivery to) throws InterruptedException {
    IdleUpkeep upkeep = upkeep(stream);
    to.batch().offer();
    return to.drain(() -> maintained(upkeep));
  }

  // ---- what the session asks ----

  @Override
  public boolean stopping() {
    return stop.getAsBoolean();
  }

  /**
   * Asks for the meeting point once the stream is where the server was when it began, or where the
   * apply worker is, and the destination has all of it.
   */
  @Override
  public boolean reached(Lsn position) throws InterruptedException {
    if (fence == null && hasCaughtUp(position)) {
      members.forEach(table -> table.move(new CaughtUp(position)));
      if (settle(Objects.requireNonNull(wal), Objects.requireNonNull(delivery))) {
        fence = meet();
      }
    }
    Lsn meeting = fence;
    return meeting != null && !position.isBefore(meeting);
  }

  private boolean hasCaughtUp(Lsn position) {
    return !position.isBefore(current) || position.isAfter(tables.lastBegun());
  }

  /** {@return the last of all fences} Where the group ends then lies behind the fence of each. */
  private Lsn meet() {
    Lsn last = Lsn.ZERO;
    for (Table table : members) {
      last = Lsn.max(last, table.meet());
    }
    for (Table table : members) {
      table.move(new FenceSet(last));
    }
    return last;
  }

  @Override
  public void idle(WalStream stream) {
    stream.requestKeepalive();
  }

  @Override
  public void serverAt(Lsn position) {
    LOG.debug("catch-up of {} tables waits while the server is at {}", members.size(), position);
  }

  // ---- what the decoder asks ----

  @Override
  public void begin(Lsn commitLsn) {
    LOG.trace("catch-up of {} tables reads the transaction at {}", members.size(), commitLsn);
  }

  @Override
  public long generation(TableId id, Lsn commitLsn) {
    Table table = tables.find(id);
    return table == null || !members.contains(table)
        ? StreamTables.NOT_OURS
        : table.state().generation();
  }

  @Override
  public void differs(TableId id, String reason) {
    tables.differs(id, reason);
  }

  @Override
  public List<TableId> tables() {
    return members.stream().map(Table::id).toList();
  }

  private void confirm(Lsn durable) {
    WalStream stream = wal;
    if (stream != null) {
      stream.confirm(durable);
    }
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

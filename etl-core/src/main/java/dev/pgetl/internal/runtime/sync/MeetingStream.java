package dev.pgetl.internal.runtime.sync;

import dev.pgetl.event.Event;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.decode.StreamTables;
import dev.pgetl.internal.deliver.Wrapped;
import dev.pgetl.internal.range.RangeDecider;
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
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what was committed since some tables were copied, up to where the apply worker takes them
 * over, all at one position. Its delivery lives through several sessions. Owned by the sync
 * worker's thread, which reads, except {@link #abort}.
 */
final class MeetingStream implements StreamSession.Role, StreamSchemas.Owner, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MeetingStream.class);

  private final PipelineContext context;
  private final StreamResources resources;
  private final Tables tables;
  private final Set<Table> members;
  private final BooleanSupplier stop;
  private final String role;
  private final StreamDelivery delivery;
  private final @Nullable RangeDecider ranges;

  private Lsn current = Lsn.ZERO;
  private Lsn lastBegun = Lsn.ZERO;
  private @Nullable Lsn fence;
  private volatile @Nullable WalStream wal;

  /**
   * Starts the delivery thread.
   *
   * @param members whose changes are delivered
   * @param durable receives positions up to which everything is durable
   * @param ranges decides about changes of one table whose ranges were copied at different
   *     positions; null if there is none
   */
  MeetingStream(
      PipelineContext context,
      StreamResources resources,
      Tables tables,
      List<Table> members,
      BooleanSupplier stop,
      Consumer<Lsn> durable,
      @Nullable RangeDecider ranges) {
    this.context = context;
    this.resources = resources;
    this.tables = tables;
    this.members = new LinkedHashSet<>(members);
    this.stop = stop;
    this.ranges = ranges;
    this.role = "sync-" + members.get(0).id();
    this.delivery =
        new StreamDelivery(
            context, resources, role, 0, new CatchUpDelivery(context.listener(), members, durable));
  }

  /**
   * Reads one session, up to the meeting point.
   *
   * @param stream whoever opened it closes it
   * @param from where it begins
   * @param serverAt where the server was when it was opened
   * @return where it ended: everything committed before is durable; empty if it was stopped
   */
  Optional<Lsn> read(WalStream stream, Lsn from, Lsn serverAt) throws InterruptedException {
    current = serverAt;
    wal = stream;
    try {
      StreamSession session =
          new StreamSession(
              context.source(),
              context.platform(),
              resources.format(),
              stream,
              delivery.batch(),
              schemas(upkeep(stream)),
              from,
              this);
      try {
        session.run();
      } finally {
        delivery.batch().dropOpenTransaction();
      }
      boolean settled = !stopping() && settle(stream);
      return settled ? Optional.of(session.position()) : Optional.empty();
    } finally {
      wal = null;
    }
  }

  private StreamSchemas schemas(IdleUpkeep upkeep) {
    return new StreamSchemas(
        context.store(),
        context.source().catalog(),
        resources.format(),
        new Aside(resources.workers(), role + "-aside"),
        () -> maintained(upkeep),
        Set.of(),
        this);
  }

  private IdleUpkeep upkeep(WalStream stream) {
    return new IdleUpkeep(context.source(), stream, this::serverAt, context.platform());
  }

  private boolean maintained(IdleUpkeep upkeep) {
    upkeep.maintain();
    return !stopping();
  }

  /** {@return whether everything read is durable; if not, the stream was stopped} */
  private boolean settle(WalStream stream) throws InterruptedException {
    IdleUpkeep upkeep = upkeep(stream);
    delivery.batch().offer();
    return delivery.drain(() -> maintained(upkeep));
  }

  /**
   * {@return whether everything read is durable, while no session reads; if not, it was stopped}
   */
  boolean drain() throws InterruptedException {
    return delivery.drain(() -> !stopping());
  }

  /** {@return up to where the history was read before: by a session, or for a range of the copy} */
  Lsn seen() {
    return ranges == null ? lastBegun : Lsn.max(lastBegun, ranges.newest());
  }

  // ---- what the session asks ----

  @Override
  public boolean stopping() {
    return stop.getAsBoolean();
  }

  /**
   * Asks for the meeting point once the stream is where the server was when it began, or where the
   * apply worker is, and the destination has all of it: from then on the apply worker has to wait
   * only for what came meanwhile. The apply worker knows nothing of ranges.
   */
  @Override
  public boolean reached(Lsn position) throws InterruptedException {
    if (fence == null && hasCaughtUp(position)) {
      members.forEach(table -> table.move(new CaughtUp(position)));
      if (settle(Objects.requireNonNull(wal))) {
        fence = meet();
      }
    }
    Lsn meeting = fence;
    return meeting != null && !position.isBefore(meeting);
  }

  private boolean hasCaughtUp(Lsn position) {
    boolean near = !position.isBefore(current) || position.isAfter(tables.lastBegun());
    return near && (ranges == null || ranges.isBehind(position));
  }

  /**
   * {@return the last of all fences} Where the stream ends then lies behind the fence of each. If
   * the apply worker has waited for one table long enough, it does not wait for the others either.
   */
  private Lsn meet() {
    Lsn last = Lsn.ZERO;
    for (Table table : members) {
      last = Lsn.max(last, table.meet(this::withdraw));
    }
    for (Table table : members) {
      table.move(new FenceSet(last));
    }
    return last;
  }

  private void withdraw() {
    members.forEach(Table::withdraw);
  }

  @Override
  public @Nullable Event admitted(Event event) {
    return ranges == null ? event : ranges.decide(event);
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
    lastBegun = Lsn.max(lastBegun, commitLsn);
  }

  @Override
  public long generation(TableId id, Lsn commitLsn) {
    Table table = tables.find(id);
    return table == null || !members.contains(table)
        ? StreamTables.NOT_OURS
        : table.state().generation();
  }

  @Override
  public Optional<String> transformed(TableSchema before, TableSchema version) {
    return Wrapped.difference(context.destination(), before, version);
  }

  @Override
  public void known(TableSchema before) {
    Table table = tables.find(before.id());
    if (table != null) {
      table.notes().known(before);
    }
  }

  @Override
  public void differs(TableId id, String reason) {
    tables.differs(id, reason);
  }

  @Override
  public List<TableId> tables() {
    return members.stream().map(Table::id).toList();
  }

  // ---- the end ----

  /** Ends the delivery after what it has, and waits for it however long the destination takes. */
  @Override
  public void close() {
    delivery.closeAndAwait();
  }

  /** Ends it from another thread, without waiting for anything. */
  void abort() {
    WalStream stream = wal;
    if (stream != null) {
      stream.close();
    }
    delivery.interrupt();
  }
}

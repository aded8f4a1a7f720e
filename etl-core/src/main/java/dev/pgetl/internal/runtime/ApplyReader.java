package dev.pgetl.internal.runtime;

import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.decode.StreamTables;
import dev.pgetl.internal.deliver.Wrapped;
import dev.pgetl.internal.runtime.stream.IdleUpkeep;
import dev.pgetl.internal.runtime.stream.StreamDelivery;
import dev.pgetl.internal.runtime.stream.StreamMeter;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.stream.StreamSchemas;
import dev.pgetl.internal.runtime.stream.StreamSession;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.Aside;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reading half of the apply worker, for one session. Owned by the reader's thread, except
 * {@link #cut} and {@link #received}.
 */
final class ApplyReader implements StreamSession.Role, StreamSchemas.Owner {
  private static final Logger LOG = LoggerFactory.getLogger(ApplyReader.class);
  private final PipelineContext context;
  private final StreamResources resources;
  private final Tables tables;
  private final WalStream stream;
  private final StreamDelivery delivery;
  private final ApplyWorker worker;
  private final ApplyDemand demand;
  private final StreamMeter meter;
  private @Nullable IdleUpkeep upkeep;
  private long asked;
  private Lsn begin = Lsn.ZERO;
  private volatile Lsn received = Lsn.ZERO;

  ApplyReader(
      PipelineContext context,
      StreamResources resources,
      Tables tables,
      WalStream stream,
      StreamDelivery delivery,
      ApplyWorker worker,
      ApplyDemand demand,
      StreamMeter meter) {
    this.context = context;
    this.resources = resources;
    this.tables = tables;
    this.stream = stream;
    this.delivery = delivery;
    this.worker = worker;
    this.demand = demand;
    this.meter = meter;
  }

  /** Reads until the worker is stopped, or wants another stream. */
  void run(Lsn from) throws InterruptedException {
    begin = from;
    StreamSchemas schemas =
        new StreamSchemas(
            context.store(),
            context.source().catalog(),
            resources.format(),
            new Aside(resources.workers(), "apply-aside"),
            this::keepAlive,
            context.config().messagePrefixes(),
            this);
    new StreamSession(
            context.source(),
            context.platform(),
            resources.format(),
            stream,
            delivery.batch(),
            schemas,
            from,
            this)
        .run();
  }

  @Override
  public void begin(Lsn commitLsn) {
    tables.begin(commitLsn);
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
  public void differs(TableId table, String reason) {
    tables.differs(table, reason);
  }

  @Override
  public List<TableId> tables() {
    return tables.all().stream().filter(Table::isApplied).map(Table::id).toList();
  }

  @Override
  public long generation(TableId table, Lsn commitLsn) {
    try {
      upkeep = null;
      return tables.generation(table, commitLsn, this::keepAlive);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      worker.stop();
      return StreamTables.NOT_OURS;
    }
  }

  /** What the reader does while it waits for a table, the store or the catalogue. */
  private boolean keepAlive() {
    delivery.batch().offer();
    delivery.batch().checkDelivery();
    IdleUpkeep begun = upkeep;
    if (begun == null) {
      begun = new IdleUpkeep(context.source(), stream, this::serverAt, context.platform());
      upkeep = begun;
    }
    begun.maintain();
    return !stopping();
  }

  /** Also inside a large transaction, where nothing is reached, the lag shall be known. */
  @Override
  public boolean stopping() {
    if (++asked % 256 == 0) {
      meter.serverAt(new Lsn(stream.walEnd()));
    }
    return worker.stopping();
  }

  @Override
  public boolean reached(Lsn position) {
    received = position;
    meter.serverAt(new Lsn(stream.walEnd()));
    if (tables.isReached(position) || demand.isRead(position)) {
      delivery.hurry(); // a stream that is never idle may bring nothing that is due by itself
    }
    return worker.renewal().endsStream(begin, position);
  }

  @Override
  public void idle(WalStream wal) {
    meter.serverAt(new Lsn(wal.walEnd()));
    if (tables.hasPending() || demand.isOpen()) {
      wal.requestKeepalive();
      delivery.hurry();
      worker.settle();
    }
  }

  @Override
  public void heldBack(boolean nowHeldBack) {
    LOG.debug(
        "the apply worker {}",
        nowHeldBack ? "stops reading until the destination has caught up" : "reads on");
    context.listener().onBackpressure(nowHeldBack);
  }

  @Override
  public void serverAt(Lsn position) {
    meter.serverAt(position);
  }

  /** {@return everything committed before it has been read} */
  Lsn received() {
    return received;
  }

  /** Cuts the connection, so that the reader ends. */
  void cut() {
    stream.close();
  }
}

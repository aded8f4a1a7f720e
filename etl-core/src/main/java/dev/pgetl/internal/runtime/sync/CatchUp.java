package dev.pgetl.internal.runtime.sync;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.ReplicationConnection;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.range.CopyRanges;
import dev.pgetl.internal.range.CopyRangesText;
import dev.pgetl.internal.range.RangeDecider;
import dev.pgetl.internal.runtime.lineage.Given;
import dev.pgetl.internal.runtime.lineage.LastKeys;
import dev.pgetl.internal.runtime.lineage.Lineage;
import dev.pgetl.internal.runtime.stream.SlotStream;
import dev.pgetl.internal.runtime.stream.StreamProgress;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream of one table's own slot, from the copy to where the apply worker takes over. Its
 * position is stored, so that a restart resumes it. Owned by the sync worker's thread, which reads
 * it, except {@link #abort}.
 */
final class CatchUp {
  private static final Logger LOG = LoggerFactory.getLogger(CatchUp.class);

  /** So much WAL takes the server longer than to prepare for large rows. */
  private static final long MUCH_WAL = 16L << 20;

  private final PipelineContext context;
  private final StreamResources resources;
  private final Tables tables;
  private final Table table;
  private final String slot;
  private final BooleanSupplier stop;

  private volatile @Nullable StreamProgress progress;
  private volatile @Nullable MeetingStream meeting;

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
    try (MeetingStream begun =
        new MeetingStream(
            context, resources, tables, List.of(table), stop, this::advance, decider())) {
      meeting = begun;
      return stream(begun);
    }
  }

  /** {@return what decides about changes, if the copy went by ranges} */
  private @Nullable RangeDecider decider() {
    Optional<String> text = context.store().getCopyRanges(table.id());
    if (text.isEmpty()) {
      return null;
    }
    CopyRanges ranges =
        CopyRangesText.read(text.get())
            .orElseThrow(() -> unknown("the store keeps its ranges in another form"));
    TableSchema version =
        context
            .store()
            .getTableSchema(table.id(), ranges.origin().version())
            .orElseThrow(() -> unknown("the version of its rows is not known"));
    return new RangeDecider(ranges, version);
  }

  private EtlException unknown(String what) {
    return Lineage.lost("the copy of table " + table.name() + " cannot be continued: " + what);
  }

  private Optional<Lsn> stream(MeetingStream to) throws InterruptedException {
    ValueFormat format = resources.format().current();
    try {
      return session(to, format);
    } catch (EtlException e) {
      if (format == resources.format().current()) {
        throw e;
      }
      LOG.debug("catch-up of table {} continues in text format", table.name(), e);
    }
    return to.drain() ? session(to, ValueFormat.TEXT) : Optional.empty();
  }

  private Optional<Lsn> session(MeetingStream to, ValueFormat format) throws InterruptedException {
    StreamProgress at = progress();
    String role = "sync_" + table.id();
    try (ReplicationConnection connection = context.source().openReplication(role)) {
      SlotStream opened = open(connection, at, to.seen(), format);
      try (WalStream stream = opened.wal()) {
        at.attach(stream);
        return to.read(stream, opened.from(), opened.currentWal());
      } finally {
        at.detach();
      }
    }
  }

  /** A table that cannot be continued on a promoted server is copied again. */
  private SlotStream open(
      ReplicationConnection connection, StreamProgress at, Lsn seen, ValueFormat format)
      throws InterruptedException {
    ReplicationProgress remembered = at.remembered();
    LastKeys key =
        LastKeys.of(context.destination(), table.id(), resources.calls().turn(() -> {}, stop));
    Given given = Given.byOthers(key, remembered.flushedLsn());
    given.reached(seen);
    if (tables.seen().bytesSince(remembered.flushedLsn()) >= MUCH_WAL) {
      connection.expectLargeRows();
    }
    try {
      SlotStream opened = SlotStream.open(context, connection, remembered, seen, given, format);
      at.follow(opened.position());
      return opened;
    } catch (EtlException e) {
      throw e.kind() == ErrorKind.DIVERGED ? Lineage.lost(e.summary()) : e;
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
                        "the store remembers a copy of table "
                            + table.name()
                            + " but no position of replication slot "
                            + slot));
    StreamProgress begun = new StreamProgress(context.store(), start, context.platform());
    progress = begun;
    return begun;
  }

  /** {@return the timeline that it has read last} */
  int timeline() {
    return progress().remembered().lineage().timeline();
  }

  private void advance(Lsn durable) {
    boolean unused = Objects.requireNonNull(progress).advance(durable);
  }

  /** Ends it from another thread, without waiting for anything. */
  void abort() {
    MeetingStream streaming = meeting;
    if (streaming != null) {
      streaming.abort();
    }
  }
}

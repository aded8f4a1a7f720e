package dev.pgetl.internal.runtime;

import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.internal.decode.StreamTables;
import dev.pgetl.internal.deliver.DeliveryListener;
import dev.pgetl.internal.runtime.lineage.Given;
import dev.pgetl.internal.runtime.operate.ReplayDesk;
import dev.pgetl.internal.runtime.stream.StreamMeter;
import dev.pgetl.internal.runtime.stream.StreamProgress;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.tally.BatchTally;
import dev.pgetl.internal.runtime.tally.TableTally;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The delivering half of the apply worker: what becomes of its batches. Owned by the delivery
 * thread.
 */
final class ApplyDelivery implements DeliveryListener {
  private final PipelineListener listener;
  private final StreamProgress progress;
  private final Given given;
  private final StreamMeter meter;
  private final ApplyDemand demand;
  private final Tables tables;
  private final TableWrites writes;
  private final BatchTally tally;
  private final ReplayDesk replays;

  ApplyDelivery(
      PipelineListener listener,
      StreamProgress progress,
      Given given,
      StreamMeter meter,
      ApplyDemand demand,
      Tables tables,
      TableWrites writes,
      ReplayDesk replays) {
    this.listener = listener;
    this.progress = progress;
    this.given = given;
    this.meter = meter;
    this.demand = demand;
    this.tables = tables;
    this.writes = writes;
    this.tally = new BatchTally(this::tally);
    this.replays = replays;
  }

  @Override
  public void delivering(List<Event> events) {
    given.delivering(events);
    meter.delivering(events);
  }

  @Override
  public void delivered(List<Event> events, long bytes, Duration took) {
    events.forEach(this::delivered);
    tally.publish();
    meter.delivered(events, bytes);
    replays.delivered();
    listener.onEventsDelivered(events.size(), bytes, took);
  }

  private void delivered(Event event) {
    if (event instanceof Event.Relation relation) {
      Table table = tables.find(relation.table().id());
      if (table != null && !table.isRefused()) {
        table.notes().announced(relation.table(), listener);
      }
    } else {
      tally.add(event);
    }
  }

  /** {@return where events of a table count; null if the destination was not given them} */
  private @Nullable TableTally tally(TableId id) {
    Table table = tables.find(id);
    return table == null || table.isRefused() ? null : table.notes().events();
  }

  /**
   * Acknowledges a position, or as much of it as the tables allow; the rest is asked for again
   * while the stream is idle.
   */
  @Override
  public void durable(Lsn position) {
    Lsn allowed = tables.acknowledgeable(position);
    if (allowed.isBefore(position)) {
      demand.want(position);
    }
    if (progress.advance(allowed)) {
      meter.progressed(allowed.equals(position));
      listener.onProgress(allowed);
      writes.settle();
    }
  }

  @Override
  public void retrying(EtlException failure, int attempt, Duration delay) {
    meter.delivering().retrying(failure, attempt, delay);
  }

  @Override
  public void recovered() {
    meter.delivering().over();
  }

  @Override
  public boolean tableRefused(EtlException failure) {
    Table table = tables.find(new TableId(failure.tableOid().orElseThrow()));
    if (table == null) {
      return false;
    }
    long generation = table.refuse(progress.durable());
    if (generation != StreamTables.NOT_OURS) {
      writes.refused(table, generation, failure);
    }
    return true;
  }

  @Override
  public boolean anyRefused() {
    return tables.anyRefused();
  }

  @Override
  public boolean isRefused(TableId id) {
    Table table = tables.find(id);
    return table != null && table.isRefused();
  }

  @Override
  public boolean isAsked() {
    return replays.isAsked();
  }

  @Override
  public void answer() {
    replays.answer();
  }
}

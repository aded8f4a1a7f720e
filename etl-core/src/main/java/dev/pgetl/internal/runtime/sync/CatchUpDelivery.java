package dev.pgetl.internal.runtime.sync;

import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.internal.deliver.DeliveryListener;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.tally.BatchTally;
import dev.pgetl.internal.runtime.tally.TableTally;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of the batches of a stream that catches up with its tables. Owned by the stream's
 * delivery thread.
 */
final class CatchUpDelivery implements DeliveryListener {
  private static final Logger LOG = LoggerFactory.getLogger(CatchUpDelivery.class);
  private final PipelineListener listener;
  private final Collection<Table> tables;
  private final Consumer<Lsn> durable;
  private final BatchTally tally;

  /**
   * Creates the listener.
   *
   * @param listener receives changes of their columns
   * @param tables whose changes the stream delivers
   * @param durable receives positions up to which everything is durable
   */
  CatchUpDelivery(PipelineListener listener, Collection<Table> tables, Consumer<Lsn> durable) {
    this.listener = listener;
    this.tables = tables;
    this.durable = durable;
    this.tally = new BatchTally(this::tally);
  }

  @Override
  public void delivered(List<Event> events, long bytes, Duration took) {
    for (Event event : events) {
      if (event instanceof Event.Relation relation) {
        TableSchema version = relation.table();
        tables.stream()
            .filter(table -> table.id().equals(version.id()))
            .forEach(table -> table.notes().announced(version, listener));
      } else {
        tally.add(event);
      }
    }
    tally.publish();
    LOG.debug("catch-up of {} tables delivered {} events", tables.size(), events.size());
  }

  private @Nullable TableTally tally(TableId id) {
    for (Table table : tables) {
      if (table.id().equals(id)) {
        return table.notes().events();
      }
    }
    return null;
  }

  @Override
  public void durable(Lsn position) {
    durable.accept(position);
  }

  @Override
  public void retrying(EtlException failure, int attempt, Duration delay) {
    tables.forEach(table -> table.trouble().retrying(failure, attempt, delay));
  }

  @Override
  public void recovered() {
    tables.forEach(table -> table.trouble().over());
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
}

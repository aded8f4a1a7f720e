package dev.pgetl.internal.runtime.table;

import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.internal.deliver.DeliveryListener;
import dev.pgetl.internal.runtime.stream.StreamProgress;
import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of the batches of a table's own stream. Owned by its delivery thread, except {@link
 * #begin}.
 */
final class CatchUpDelivery implements DeliveryListener {
  private static final Logger LOG = LoggerFactory.getLogger(CatchUpDelivery.class);
  private final Table table;
  private volatile @Nullable StreamProgress progress;

  CatchUpDelivery(Table table) {
    this.table = table;
  }

  /** The stream begins at a position; called by its reader before the first batch. */
  void begin(StreamProgress at) {
    progress = at;
  }

  /** {@return the stream's position; null before the first session} */
  @Nullable StreamProgress progress() {
    return progress;
  }

  @Override
  public void delivered(List<Event> events, long bytes, Duration took) {
    for (Event event : events) {
      if (event instanceof Event.Relation relation) {
        table.notes().answered(relation.table());
      }
    }
    LOG.debug("catch-up of table {} delivered {} events", table.name(), events.size());
  }

  @Override
  public void durable(Lsn position) {
    StreamProgress moved = progress;
    if (moved != null) {
      boolean unused = moved.advance(position);
    }
  }

  @Override
  public void retrying(EtlException failure, int attempt, Duration delay) {
    table.trouble().retrying(failure, attempt, delay);
  }

  @Override
  public void recovered() {
    table.trouble().over();
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

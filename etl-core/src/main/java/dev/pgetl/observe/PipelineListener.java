package dev.pgetl.observe;

import dev.pgetl.error.EtlException;
import dev.pgetl.schema.SchemaChange;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.Set;

/**
 * Is notified of what a pipeline does. Every method does nothing by default.
 *
 * <p><b>Threads.</b> Called from the pipeline's own threads, several at once; it should return at
 * once.
 *
 * <p><b>Failures.</b> Whatever a listener throws is logged and swallowed.
 */
public interface PipelineListener {
  /** Ignores everything. */
  PipelineListener NONE = new PipelineListener() {};

  /**
   * A table moved to another phase.
   *
   * @param id the table
   * @param name its name
   * @param phase the phase it has now
   */
  default void onTablePhase(TableId id, TableName name, TableReplicationPhase phase) {}

  /**
   * A table that is published as a whole ({@code publish_via_partition_root}) has gained or lost
   * partitions. The stream has the changes made while a partition belongs to the table. It does not
   * have the rows of a partition when it is attached, detached or dropped; if there may have been
   * any, {@link #onTableDiffers} follows.
   *
   * <p>Noticed at the start and once per {@link
   * dev.pgetl.config.PipelineConfig#publicationRefreshInterval()}.
   *
   * @param id the table
   * @param name its name
   * @param attached leaf partitions it has now and had not before, newly created ones included;
   *     unmodifiable
   * @param detached leaf partitions it has no more; unmodifiable
   */
  default void onPartitionsChanged(
      TableId id, TableName name, Set<TableName> attached, Set<TableName> detached) {}

  /**
   * The destination may differ from the source in rows of a table, and no event mends that: which
   * rows are published was changed, or rows were changed without events. The table is streamed as
   * before. {@link dev.pgetl.Pipeline#resync} makes the destination equal again; until then {@link
   * TableStatus#difference} says so, after a restart, too.
   *
   * @param id the table
   * @param name its name
   * @param reason what has happened
   */
  default void onTableDiffers(TableId id, TableName name, String reason) {}

  /**
   * The destination has another version of a table than before: other columns, another name, or
   * another replica identity. Comes after the destination has taken the {@link
   * dev.pgetl.event.Event.Relation} that announces the version, and before it is given anything
   * behind that. If a copy brings the version, it comes after the table was truncated or a
   * replacement was begun, and before the first row.
   *
   * <p>Changes of one table come in order, one at a time; called by the thread that delivers its
   * changes or copies it, never by the one that reads the stream. Postgres sends no DDL: a change
   * shows with the next row of the table. The first version of a table is no change. A change may
   * be reported again after a lost connection or a restart, several of them from the newest back to
   * the first; one may be missed if the process dies right before the call.
   *
   * @param change both versions, and what differs
   */
  default void onSchemaChanged(SchemaChange change) {}

  /**
   * The destination took rows of a copy.
   *
   * @param id the table
   * @param rows how many
   * @param bytes their bytes as Postgres sent them
   */
  default void onRowsCopied(TableId id, int rows, long bytes) {}

  /**
   * The destination took a batch of the apply worker.
   *
   * @param events how many events
   * @param bytes their bytes, the library's overhead included
   * @param took how long the call took
   */
  default void onEventsDelivered(int events, long bytes, Duration took) {}

  /**
   * Everything committed before a position is durable and remembered.
   *
   * @param flushed the position
   */
  default void onProgress(Lsn flushed) {}

  /**
   * The apply worker paused reading because the destination does not keep up, or resumed.
   *
   * @param paused whether it paused
   */
  default void onBackpressure(boolean paused) {}

  /**
   * A failure will be retried.
   *
   * @param failure what failed
   * @param attempt how many times in a row, from 1
   * @param delay the delay before the retry
   */
  default void onRetry(EtlException failure, int attempt, Duration delay) {}

  /**
   * The pipeline waits for its turn, because another process owns it; only with {@link
   * dev.pgetl.config.PipelineConfig.Builder#standby}. Comes at the start, and when the lease was
   * lost or given back.
   *
   * @param owner the name of the other process, as far as it is known
   */
  default void onStandby(String owner) {}

  /**
   * This process owns the pipeline, and begins to work; only with {@link
   * dev.pgetl.config.PipelineConfig.Builder#standby}.
   *
   * @param epoch the epoch of its lease, greater than that of all owners before
   */
  default void onOwner(long epoch) {}
}

package dev.pgetl.destination;

import dev.pgetl.data.TableRow;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventHandler;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where rows and events go. What {@link dev.pgetl.Pipeline} promises of its content holds for a
 * destination that keeps these rules.
 *
 * <p>Rules for implementers; {@code DestinationContract} of the test kit has a test of the same
 * number for each:
 *
 * <ol>
 *   <li><b>D1</b> Methods block until the work is done, and throw if it is not. A call that
 *       returned counts as done.
 *   <li><b>D2</b> {@link WriteResult#DURABLE} means that the data survives a crash. {@link
 *       WriteResult#ACCEPTED} means that {@link #flush()} will make it so.
 *   <li><b>D3</b> Delivery is at least once. After a failed call, a crash or a reconnect the same
 *       rows or events may be delivered again, possibly split into other batches. {@link
 *       Event#sequence()} is the key by which an event is recognised. A remembered key is valid
 *       until the next {@link #truncateTable(TableSchema)} of the table, or until other rows take
 *       the place of its rows (D15).
 *   <li><b>D4</b> Events of a table come in commit order and are applied in the order of the list.
 *   <li><b>D5</b> {@link #truncateTable(TableSchema)} removes all rows of the table, and the key
 *       that is remembered of it: later keys may be smaller. It is idempotent, and succeeds for a
 *       table that is not known yet. Rows that were merely accepted before it never appear after
 *       it; no flush comes before it.
 *   <li><b>D6</b> {@link #writeTableRows} is called at least once per copy, with no rows if the
 *       table is empty or its rows are not copied, so that the table can be created.
 *   <li><b>D7</b> An absent column of an update's row is left as it is.
 *   <li><b>D8</b> An empty list of events has no effect.
 *   <li><b>D9</b> Lists, rows, events and schemas are immutable and may be kept after the call.
 *   <li><b>D10</b> {@link #close()} is called once, after every other call has returned or has been
 *       abandoned.
 *   <li><b>D11</b> {@link #tablesPublished} changes no table. A destination that passes calls on to
 *       another one passes this one on, too.
 *   <li><b>D12</b> The rows of a copy may have another name and other columns than the rows before
 *       them; no event announces it. The table is found by its id, or by its name in the last
 *       version of {@link #truncateTable(TableSchema, TableSchema)}, and changed or created again.
 *   <li><b>D13</b> {@link #tableCopied} changes no row, unless it ends a replacement (D15), and may
 *       be repeated. Events follow, or a truncation or a replacement if the copy starts over.
 *   <li><b>D14</b> {@link #removeRange} answers {@code true} only when all rows of the table whose
 *       key lies in the range are gone, durably, also those that were merely accepted before, which
 *       never appear after it. Other rows stay, and so does the key that is remembered of the
 *       table. It is idempotent. Rows of the same range, of the same version, follow.
 *   <li><b>D15</b> {@link #beginReplacement} answers {@code true} only when the rows of the next
 *       version, and removals of ranges of that version, concern rows that are kept aside from then
 *       on: readers find the rows from before. {@link #tableCopied} of that version puts the new
 *       rows in the place of the old ones, at once and durably, and forgets the key that is
 *       remembered of the table, as D5 does. Everything of another version, and events, concern the
 *       rows that readers find. The next replacement or truncation of the table discards what is
 *       kept aside. Rows that were merely accepted before it never appear after it; no flush comes
 *       before it.
 *   <li><b>D16</b> {@link #lastApplied} answers the greatest key of all events of the table that
 *       {@link #writeEvents} was given since the last truncation or replacement, also of those that
 *       were merely accepted, or whose call failed and may have had an effect. A greater key is
 *       allowed, a smaller one is not. It changes nothing.
 *   <li><b>D17</b> {@link #beginEpoch} changes no row. What was merely accepted before it never
 *       appears after it: another process may have written since. A destination that passes calls
 *       on to another one passes this one on, too.
 *   <li><b>D18</b> If {@link #wholeTransactionBytes} answers more than 0, readers find all that a
 *       call of {@link #writeEvents} brings, or nothing of it. A destination that passes calls on
 *       to another one passes this one on, too.
 *   <li><b>D19</b> A call that makes several attempts, or waits before one, asks {@link
 *       Epoch#require} of the last epoch right before each: behind all I/O, all locks and all
 *       waiting. What that throws ends the call as it is, and the attempt has no effect. A
 *       destination that passes calls on to another one passes the same epoch on.
 *   <li><b>D20</b> {@link #diagnose} changes nothing, and answers in limited time. It may be called
 *       at any time before {@link #close()}: before {@link #startup()}, and while other calls are
 *       in progress. A destination that passes calls on to another one passes this one on, too.
 *   <li><b>D21</b> If {@link #refusesWholeCalls} answers {@code true}, a call of {@link
 *       #writeEvents} that fails with the kind {@code DESTINATION_REJECTED} or {@code SOURCE_DATA},
 *       a table, and a directive other than {@code TIMED}, has had no effect and never will: an
 *       event of that table is the reason, rows are as before, and so is the key that is remembered
 *       of each table. Its events may come again, in other calls and under other keys. A
 *       destination that passes calls on to another one passes this one on, too.
 * </ol>
 *
 * <p><b>Threads.</b> Several threads call at once: one per table being copied and one per stream
 * (the apply worker's, and one for each table catching up after its copy). No two calls about the
 * same table overlap, and no two {@link #writeEvents} of the same stream. {@link #flush()} may be
 * called by each of them at any time. When the pipeline is closed while a call hangs, its thread is
 * interrupted. A call begins only while this process owns the pipeline, as far as it can know; one
 * in progress may end later than that.
 *
 * <p><b>Failures.</b> An {@link dev.pgetl.error.EtlException} whose directive is {@code TIMED} is
 * retried with growing delay: the same call with the same arguments. Otherwise, or when the
 * attempts are used up, a copy puts its table into {@code Errored}, and a stream fails the
 * pipeline. If the exception names one table ({@link dev.pgetl.error.EtlException#withTable}), only
 * that table is {@code Errored} and the stream continues without it. Any other exception or error
 * counts as {@link dev.pgetl.error.ErrorKind#DESTINATION_FAILED}, which is not retried.
 */
public interface Destination extends AutoCloseable {

  /**
   * {@return a destination that gives each event to a handler, and holds no rows} For simple
   * reactions: a message, an invalidated cache, a search index that is filled elsewhere. It needs
   * {@link dev.pgetl.config.TableCopyConfig#none()}: the start fails with {@code CONFIGURATION} if
   * rows of any published table are copied.
   *
   * <p>The handler gets every event: {@link Event.Begin}, the changes, {@link Event.Relation},
   * {@link Event.Commit}. An event is done when the handler returns; its position is acknowledged
   * after that. If one fails and is retried, those before it are not given again; after a lost
   * connection, a restart or a crash they may be. {@link Epoch#require} is asked before each event.
   * The destination does not know the keys of earlier processes ({@link #lastApplied}).
   *
   * @param handler called by several threads at once, never for the same table; see there what its
   *     exceptions mean
   */
  static Destination ofEvents(EventHandler handler) {
    return new EventsDestination(handler);
  }

  /** {@return a short name for logs and status} */
  default String name() {
    return getClass().getSimpleName();
  }

  /** Prepares for work; called once, before any other method and before any worker starts. */
  default void startup() {}

  /**
   * Begins an epoch: this process owns the pipeline from now on, and all calls until the next epoch
   * belong to this one. Called after {@link #startup()} and before any other call, each time that
   * this process becomes the owner, if the pipeline waits for its turn ({@link
   * dev.pgetl.config.PipelineConfig.Builder#standby}).
   *
   * <p>A process that was paused does not know that another one has taken over. The pipeline asks
   * {@link Epoch#require} right before each call; a destination asks it before each further attempt
   * (rule D19). Still one attempt of each stream may begin after the pause. A destination that
   * keeps the greatest number with its data, and refuses calls of a smaller one, lets none of them
   * have an effect.
   *
   * @param epoch the epoch; may be kept until the next one, or until {@link #close()}
   */
  default void beginEpoch(Epoch epoch) {}

  /**
   * Receives the tables that are published at the start. Called once, after {@link #startup()} and
   * before any worker starts, and again behind each {@link #beginEpoch}; more tables may be
   * published later. A failure fails the start, before anything is changed.
   *
   * @param tables the tables, in no particular order
   */
  default void tablesPublished(List<NamedTable> tables) {}

  /**
   * Removes all rows of a table, because its copy begins. Called before the first row of every
   * copy, the first one of a new pipeline too, while the source keeps the snapshot of the copy. Not
   * called if {@link #beginReplacement} has answered {@code true}, nor for tables that {@link
   * dev.pgetl.config.TableCopyConfig} leaves out.
   *
   * @param table the last version that the destination had; if none is known, the next one
   */
  void truncateTable(TableSchema table);

  /**
   * Removes all rows of a table as {@link #truncateTable(TableSchema)} does, and says which version
   * follows. The pipeline calls this method; override it if a table must be changed, or created
   * again, when the version differs.
   *
   * @param last the version of the last rows, events, truncation or replacement that the
   *     destination has answered. After a restart, the newest that it may have received. Null if
   *     none is known
   * @param next the version of the rows that follow; may have another name and other columns
   */
  default void truncateTable(@Nullable TableSchema last, TableSchema next) {
    truncateTable(last == null ? next : last);
  }

  /**
   * Begins a copy whose rows replace those of the table: until {@link #tableCopied}, readers find
   * the rows from before. Called where {@link #truncateTable(TableSchema, TableSchema)} follows
   * otherwise: before the first row of every copy, the first one of a new pipeline and one that
   * starts over too. Not called for a range that is copied again, nor for tables that {@link
   * dev.pgetl.config.TableCopyConfig} leaves out.
   *
   * <p>Versions are compared by {@link TableSchema#snapshotLsn()}, which differs from copy to copy.
   * The answer may differ from copy to copy, too. No event of the table comes before the copy is
   * complete. If the pipeline forgets the table before, what is kept aside stays until another copy
   * of the table begins.
   *
   * @param last as for {@link #truncateTable(TableSchema, TableSchema)}. It may be a version that
   *     is kept aside: a destination that finds its tables by name remembers, with what it keeps
   *     aside, which table that replaces
   * @param next the version of the rows that follow; may have another name and other columns
   * @return whether they are kept aside; false if the destination cannot do it and has changed
   *     nothing: then the table is truncated
   */
  default boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
    return false;
  }

  /**
   * Continues a copy that was interrupted, if {@link #beginReplacement} has answered {@code true}
   * for it, maybe in another process. Called before ranges of it are removed and more of its rows
   * come.
   *
   * @param next the version of its rows
   * @return whether all rows of the version that were durable are still kept aside, or have taken
   *     the place of the old ones already; false if not: then the copy starts over
   */
  default boolean continueReplacement(TableSchema next) {
    return false;
  }

  /**
   * Takes rows of a copy.
   *
   * @param table the version of the table the rows have
   * @param rows the rows, all columns present; empty if the table is
   * @return whether they are durable already
   */
  WriteResult writeTableRows(TableSchema table, List<TableRow> rows);

  /**
   * Ends a copy: all its rows are durable. Called behind the last row of every copy, before the
   * table's first event. Repeated if it fails, also by another process; after a crash the copy may
   * start over instead. Not called for tables that {@link dev.pgetl.config.TableCopyConfig} leaves
   * out.
   *
   * @param table the version of the table the rows had
   */
  default void tableCopied(TableSchema table) {}

  /**
   * {@return up to how many bytes of events a transaction is in one call of {@link #writeEvents};
   * 0, the default, if calls may end anywhere} A destination whose readers are to find whole
   * transactions answers more than 0 and makes each call visible at once. It is asked once each
   * time that the pipeline starts, after {@link #startup()}.
   *
   * <p>Calls of the apply worker's stream then end where a transaction ends: with its {@link
   * Event.Commit}, or with a message outside of transactions. Small transactions come several
   * together, as otherwise. The following are still divided:
   *
   * <ul>
   *   <li>a transaction of more bytes, or of more than half of {@link
   *       dev.pgetl.config.PipelineConfig#maxBufferedBytes}
   *   <li>transactions of tables that catch up after their copy, each in a stream of its own
   * </ul>
   *
   * <p>The bytes are those that {@link dev.pgetl.config.BatchConfig.Builder#maxBytes} counts. A
   * transaction is in memory until its end has come, also if other streams and copies have used up
   * {@code maxBufferedBytes}: at most two of them, one in a call and one that is read.
   */
  default long wholeTransactionBytes() {
    return 0;
  }

  /**
   * Takes events of a stream. A batch may begin and end inside a transaction, see {@link
   * #wholeTransactionBytes}.
   *
   * @param events the events in order
   * @return whether they are durable already
   */
  WriteResult writeEvents(List<Event> events);

  /**
   * {@return whether a call of {@link #writeEvents} that is refused has no effect (rule D21)} Then
   * the event that is refused can be found by calls with fewer events, and kept until it is
   * replayed: {@link dev.pgetl.quarantine.QuarantiningDestination}. The answer never changes.
   */
  default boolean refusesWholeCalls() {
    return false;
  }

  /**
   * Removes the rows of a table whose key lies in a range, because the range is copied again: its
   * copy was interrupted, or {@link dev.pgetl.Pipeline#resync(dev.pgetl.schema.TableId, KeyRange)}
   * asks for it. Called before the first row of the range, while rows of other ranges stay. In the
   * second case events of the table have come before; those that follow the rows are newer.
   *
   * @param table the version of the table the rows have
   * @param range which rows
   * @return whether they are gone, durably; false if the destination cannot do it and has changed
   *     nothing: then the whole table is copied again
   */
  default boolean removeRange(TableSchema table, KeyRange range) {
    return false;
  }

  /**
   * {@return the last key of a table that the destination holds; {@link EventSequence#NONE} if it
   * has received no event of the table since the last truncation or replacement; empty if it does
   * not know} Asked after a standby of the source was promoted: it may lack transactions that an
   * earlier process has delivered. Where nothing is known, the pipeline ends as {@link
   * dev.pgetl.error.ErrorKind#DIVERGED}. Called after {@link #startup()}, also before {@link
   * #tablesPublished}.
   *
   * @param table the table, one that has been copied
   */
  default Optional<EventSequence> lastApplied(TableId table) {
    return Optional.empty();
  }

  /**
   * {@return the destination that this one passes calls on to; empty if it passes none on} The
   * pipeline looks inside for a {@link TransformingDestination} and a quarantine: it does not find
   * what a wrapper hides.
   */
  default Optional<Destination> wrapped() {
    return Optional.empty();
  }

  /**
   * {@return what is wrong with the destination, or may become so; empty if nothing is} Asked by
   * {@link dev.pgetl.Pipeline#diagnose()}, on the thread that calls it: whether it can be reached
   * and written, and what its settings lack. By default nothing is. What it throws becomes a
   * finding.
   */
  default List<Finding> diagnose() {
    return List.of();
  }

  /** Makes everything durable that was accepted before the call; returns when it is. */
  default void flush() {}

  /** Releases what the destination holds. */
  @Override
  default void close() {}
}

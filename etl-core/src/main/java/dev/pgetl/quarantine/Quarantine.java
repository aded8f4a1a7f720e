package dev.pgetl.quarantine;

import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Keeps the events of one pipeline that its destination refused, and those that followed them.
 *
 * <p>Rules for implementers; {@code QuarantineContract} of the test kit has a test of the same
 * number for each:
 *
 * <ol>
 *   <li><b>Q1</b> A write is durable when it returns, and all of it is.
 *   <li><b>Q2</b> {@link #add} leaves an event as it is that is there already, by table and
 *       sequence: the same events may be added again after a crash.
 *   <li><b>Q3</b> {@link #read} answers events of one table in the order of their sequence.
 *       Everything comes back as it was added: any characters but U+0000, any length.
 *   <li><b>Q4</b> {@link #mark} gives the events, in the order of the list, keys with rising
 *       ordinals, the first as given. {@link #unmark} takes the keys away. Events that are not
 *       there are left out.
 *   <li><b>Q5</b> The greatest key that {@link #mark} has given in a table is remembered, also when
 *       the event has lost the key or was removed: {@link #lastReplayKey}.
 *   <li><b>Q6</b> {@link #remove} and {@link #clear} are idempotent. {@link #clear} removes
 *       everything about a table, its last replay key too. Other tables stay.
 *   <li><b>Q7</b> {@link #open} answers all that is there. Once it was opened with a greater epoch,
 *       also by another process, writes under a smaller epoch fail with {@code STORE_LOCKED} and
 *       change nothing; so does opening it with a smaller one. The greatest epoch is durable.
 *   <li><b>Q8</b> A failed write changes nothing, or is found complete later.
 * </ol>
 *
 * <p><b>Secrecy.</b> The content of an event holds values of rows: keep it out of logs and
 * exception messages.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 *
 * <p><b>Failures.</b> Throw {@link dev.pgetl.error.EtlException} with a {@code STORE_…} kind. A
 * failure whose directive is {@code TIMED} is retried together with the call of the destination;
 * another one fails the pipeline.
 */
public interface Quarantine extends AutoCloseable {
  /**
   * Begins to work for a process that owns the pipeline. Called before any other method, and again
   * each time that this process becomes the owner.
   *
   * @param epoch the number of its epoch; 0 for a pipeline without epochs
   * @param sink receives every event that is there, each table's in the order of their sequence
   */
  void open(long epoch, Consumer<QuarantinedEvent> sink);

  /**
   * Adds events.
   *
   * @param events the events, of any tables, without replay keys
   */
  void add(List<QuarantinedEvent> events);

  /**
   * {@return events of a table, in the order of their sequence}
   *
   * @param table the table
   * @param after those behind this sequence; {@link EventSequence#NONE} for all
   * @param limit how many at most
   */
  List<QuarantinedEvent> read(TableId table, EventSequence after, int limit);

  /**
   * Notes that events are about to be given to the destination in a replay.
   *
   * @param table their table
   * @param events their sequences
   * @param first the key of the first; the others have the same position and the next ordinals
   */
  void mark(TableId table, List<EventSequence> events, EventSequence first);

  /**
   * Notes that the destination has not taken events that were marked.
   *
   * @param table their table
   * @param events their sequences
   */
  void unmark(TableId table, List<EventSequence> events);

  /** {@return the greatest key that was given in a table since it was cleared} */
  Optional<EventSequence> lastReplayKey(TableId table);

  /**
   * Removes events.
   *
   * @param table their table
   * @param events their sequences
   */
  void remove(TableId table, Collection<EventSequence> events);

  /**
   * Removes everything about a table.
   *
   * @param table the table
   */
  void clear(TableId table);

  /** Releases what it holds; idempotent. */
  @Override
  void close();
}

package dev.pgetl.quarantine;

import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A change of a row in quarantine. Immutable.
 *
 * @param table its table
 * @param name the table's name at the time
 * @param sequence its key in the stream; one table has no two events with the same
 * @param refused whether the destination refused it; otherwise it followed one that was
 * @param replayKey the key under which the destination was given it in a replay whose outcome is
 *     not known; null if it was not
 * @param content the event in the core's own text, without U+0000. It holds values of rows: keep it
 *     out of logs and exception messages
 */
public record QuarantinedEvent(
    TableId table,
    TableName name,
    EventSequence sequence,
    boolean refused,
    @Nullable EventSequence replayKey,
    String content) {
  public QuarantinedEvent {
    Objects.requireNonNull(table, "table");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(sequence, "sequence");
    Objects.requireNonNull(content, "content");
  }

  /**
   * {@return the same event with another key of a replay}
   *
   * @param key the key; null for none
   */
  public QuarantinedEvent replayedAs(@Nullable EventSequence key) {
    return new QuarantinedEvent(table, name, sequence, refused, key, content);
  }

  /** {@return table and sequence; no content} */
  @Override
  public String toString() {
    return "event " + sequence + " of table " + name;
  }
}

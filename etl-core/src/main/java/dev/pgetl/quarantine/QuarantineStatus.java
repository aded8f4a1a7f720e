package dev.pgetl.quarantine;

import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * What is in quarantine of one table, without any value of its rows.
 *
 * @param table the table
 * @param name its name in the last of these events
 * @param events how many events there are, refused ones and those that followed them
 * @param oldest when the first of them was committed in the source, by the clock of its server
 * @param refused the first of the events that the destination refused, by their sequence; at most
 *     {@link #MOST}
 * @param wholeTable whether every event of the table follows, because the rows of one that was
 *     refused have no key that distinguishes them
 * @param replaying whether a replay of the table is in progress
 */
public record QuarantineStatus(
    TableId table,
    TableName name,
    int events,
    Instant oldest,
    List<EventSequence> refused,
    boolean wholeTable,
    boolean replaying) {
  /** How many refused events are named. */
  public static final int MOST = 20;

  public QuarantineStatus {
    Objects.requireNonNull(table, "table");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(oldest, "oldest");
    refused = List.copyOf(refused);
  }
}

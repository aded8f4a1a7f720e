package dev.pgetl.quarantine;

import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.util.List;
import java.util.Objects;

/**
 * What is in quarantine of one table, without any value of its rows.
 *
 * @param table the table
 * @param name its name in the last of these events
 * @param events how many events there are, refused ones and those that followed them
 * @param refused the first of the events that the destination refused, by their sequence; at most
 *     {@link #MOST}
 * @param wholeTable whether every event of the table follows, because the rows of one that was
 *     refused have no key that distinguishes them
 */
public record QuarantineStatus(
    TableId table, TableName name, int events, List<EventSequence> refused, boolean wholeTable) {
  /** How many refused events are named. */
  public static final int MOST = 100;

  public QuarantineStatus {
    Objects.requireNonNull(table, "table");
    Objects.requireNonNull(name, "name");
    refused = List.copyOf(refused);
  }
}

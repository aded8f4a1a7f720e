package dev.pgetl.destination.http;

import dev.pgetl.schema.TableSchema;
import java.util.List;

/**
 * A request as {@link RequestFormat} sees it: its metadata, without the data.
 *
 * @param kind what it does
 * @param source name of the source, empty if none was given
 * @param tables the versions of tables it is about, each once: exactly one unless it carries events
 * @param itemCount how many rows or events it carries
 * @param key names its content; sent as {@code Idempotency-Key}, the same whenever the same content
 *     is sent again
 */
public record DeliveryRequest(
    Kind kind, String source, List<TableSchema> tables, int itemCount, String key) {

  /** What a request does. */
  public enum Kind {
    /** Removes all rows of a table because its copy starts. */
    TRUNCATE,
    /** Begins a copy of a table whose rows are kept aside until they replace the others. */
    REPLACE,
    /** Carries rows of a copy. */
    ROWS,
    /** Removes the rows of a range because it is copied again. */
    REMOVE,
    /** Reports that a copy is complete; its rows replace the others, if they were kept aside. */
    COPIED,
    /** Carries events. */
    EVENTS
  }

  public DeliveryRequest {
    tables = List.copyOf(tables);
  }

  /**
   * {@return the one table it is about}
   *
   * @throws IllegalStateException if it carries events
   */
  public TableSchema table() {
    if (kind == Kind.EVENTS) {
      throw new IllegalStateException("a request of events is about any number of tables");
    }
    return tables.get(0);
  }
}

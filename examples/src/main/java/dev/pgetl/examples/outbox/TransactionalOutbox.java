package dev.pgetl.examples.outbox;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * An outbox without a table: a transaction that changes rows also emits a message, with {@code
 * pg_logical_emit_message(true, 'orders', …)}. The message is in the log if and only if the
 * transaction commits, and is handed over in the order of commits. Rows are left out.
 *
 * <pre>
 * examples/run outbox.TransactionalOutbox
 * </pre>
 *
 * <p>Messages need a publication with a table in it. {@code publish = 'truncate'} keeps the server
 * from sending its rows.
 */
public final class TransactionalOutbox implements Destination {
  private final String prefix;
  private final Handler handler;

  /**
   * Creates an outbox.
   *
   * @param prefix of the messages to hand over
   * @param handler gets them
   */
  public TransactionalOutbox(String prefix, Handler handler) {
    this.prefix = prefix;
    this.handler = handler;
  }

  /** Gets the messages, one after the other. */
  @FunctionalInterface
  public interface Handler {
    /**
     * Returns when the message is safely processed. If it throws, it is retried after a delay.
     * Then, as after a crash, earlier messages may be delivered again, with the same keys.
     *
     * @param key grows from message to message
     * @param message what was written
     */
    void handle(EventSequence key, String message);
  }

  /** A pipeline receives only messages with the prefixes it asks for. */
  static PipelineConfig config(PgConnectionConfig source, String publication, String prefix) {
    return PipelineConfig.builder("outbox", publication, source)
        .messagePrefixes(Set.of(prefix))
        .tableCopy(TableCopyConfig.none())
        .tableErrorRetryDelay(Duration.ofSeconds(1)) // then 2 s, 4 s …
        .build();
  }

  @Override
  public WriteResult writeEvents(List<Event> events) {
    for (Event event : events) {
      if (event instanceof Event.Message message
          && message.transactional()
          && message.prefix().equals(prefix)) {
        handOver(message);
      }
    }
    return WriteResult.DURABLE;
  }

  private void handOver(Event.Message message) {
    try {
      handler.handle(message.sequence(), message.text());
    } catch (RuntimeException e) {
      String what = "hand over message " + message.sequence() + " of " + prefix;
      throw new EtlException(ErrorKind.DESTINATION_UNAVAILABLE, what, e); // is retried
    }
  }

  @Override
  public void truncateTable(TableSchema table) {}

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    return WriteResult.DURABLE;
  }

  public static void main(String[] arguments) throws InterruptedException {
    try (TestDatabase database = TestPostgres.shared().createDatabase()) {
      database.execute("create table orders (id int primary key, item text)");
      database.execute("create publication pub for table orders with (publish = 'truncate')");
      PipelineConfig config = config(database.connectionConfig(), "pub", "orders");
      TransactionalOutbox outbox =
          new TransactionalOutbox("orders", (key, json) -> System.out.println(key + " " + json));
      try (Pipeline pipeline = Pipeline.create(config, new MemoryStore(), outbox)) {
        pipeline.start();
        database.execute(order(1, "tea") + "commit");
        database.execute(order(2, "nothing, for it is rolled back") + "rollback");
        database.execute(order(3, "cake") + "commit");
        pipeline.awaitApplied(database.currentLsn(), Duration.ofMinutes(1));
      }
    }
  }

  private static String order(int id, String item) {
    return """
        begin;
        insert into orders values (%1$d, '%2$s');
        select pg_logical_emit_message(true, 'orders', json_build_object('ordered', %1$d, 'item', '%2$s')::text);
        """
        .formatted(id, item);
  }
}

package dev.pgetl.store.postgres;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.event.EventSequence;
import dev.pgetl.quarantine.Quarantine;
import dev.pgetl.quarantine.QuarantinedEvent;
import dev.pgetl.schema.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A quarantine in tables beside those of {@link PostgresLayer}. It holds rows as the source sent
 * them: protect the schema as you protect those.
 *
 * <p>A write is one transaction, which begins by locking the row with the greatest epoch: a process
 * of an earlier epoch changes nothing, and gets {@link dev.pgetl.error.ErrorKind#STORE_LOCKED}.
 * Without epochs it is the store that keeps a second process away. What cannot be reached or
 * written is {@link dev.pgetl.error.ErrorKind#STORE_UNAVAILABLE}; the next call connects again.
 *
 * <p>As with the layer, a write waits for no standby: one that takes over may lack the last events.
 * The tables are made and upgraded as the layer does it, and need the same privileges. What is in
 * quarantine goes with the row of the pipeline.
 *
 * <p>Thread-safe; calls wait for each other.
 */
public final class PostgresQuarantine implements Quarantine {
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(20);

  private final String pipelineId;
  private final String schema;
  private final StoreFailures failures;
  private final StoreConnector connector;
  private final Object lock = new Object();
  private @Nullable Connection connection;
  private int pipeline;
  private long epoch = -1;
  private boolean closed;

  private PostgresQuarantine(PgConnectionConfig config, String pipelineId, String schema) {
    this.pipelineId = Objects.requireNonNull(pipelineId, "pipelineId");
    this.schema = Objects.requireNonNull(schema, "schema");
    this.failures = new StoreFailures(schema, pipelineId);
    this.connector = new StoreConnector(config, pipelineId, "quarantine", failures, ANSWER_TIMEOUT);
  }

  /**
   * {@return the quarantine of a pipeline, in schema {@value PostgresLayer#DEFAULT_SCHEMA}}
   *
   * @param connection how to reach the database; it is used when the pipeline starts
   * @param pipelineId whose events it keeps
   */
  public static PostgresQuarantine of(PgConnectionConfig connection, String pipelineId) {
    return of(connection, pipelineId, PostgresLayer.DEFAULT_SCHEMA);
  }

  /**
   * {@return the quarantine of a pipeline}
   *
   * @param connection how to reach the database; it is used when the pipeline starts
   * @param pipelineId whose events it keeps
   * @param schema that of the tables, as for the layer
   */
  public static PostgresQuarantine of(
      PgConnectionConfig connection, String pipelineId, String schema) {
    return new PostgresQuarantine(connection, pipelineId, schema);
  }

  /** Something done with the tables. */
  @FunctionalInterface
  private interface Work<T> {
    T run(QuarantineTables tables) throws SQLException;
  }

  @Override
  public void open(long next, Consumer<QuarantinedEvent> sink) {
    List<QuarantinedEvent> all =
        transaction(
            "open",
            tables -> {
              tables.begin(next);
              return tables.all();
            });
    synchronized (lock) {
      epoch = next;
    }
    all.forEach(sink);
  }

  @Override
  public void add(List<QuarantinedEvent> events) {
    write("add to", tables -> tables.add(events));
  }

  @Override
  public List<QuarantinedEvent> read(TableId table, EventSequence after, int limit) {
    return transaction("read", tables -> tables.read(table, after, limit));
  }

  @Override
  public void mark(TableId table, List<EventSequence> events, EventSequence first) {
    if (!events.isEmpty()) {
      write("mark events of", tables -> tables.mark(table, events, first));
    }
  }

  @Override
  public void unmark(TableId table, List<EventSequence> events) {
    write("unmark events of", tables -> tables.unmark(table, events));
  }

  @Override
  public Optional<EventSequence> lastReplayKey(TableId table) {
    return transaction("read", tables -> tables.lastKey(table));
  }

  @Override
  public void remove(TableId table, Collection<EventSequence> events) {
    write("remove events from", tables -> tables.remove(table, new ArrayList<>(events)));
  }

  @Override
  public void clear(TableId table) {
    write("clear", tables -> tables.clear(table));
  }

  /** A change of the tables. */
  @FunctionalInterface
  private interface Change {
    void apply(QuarantineTables tables) throws SQLException;
  }

  private void write(String doing, Change change) {
    boolean unused =
        transaction(
            doing,
            tables -> {
              tables.requireEpoch(epoch);
              change.apply(tables);
              return true;
            });
  }

  private <T> T transaction(String doing, Work<T> work) {
    String what = doing + " the quarantine of pipeline " + pipelineId + " in " + connector;
    synchronized (lock) {
      boolean done = false;
      try {
        Connection current = connected(what);
        T result = work.run(new QuarantineTables(current, schema, pipeline, pipelineId));
        current.commit();
        done = true;
        return result;
      } catch (SQLException e) {
        throw failures.failure(what, e);
      } finally {
        if (!done) {
          disconnect();
        }
      }
    }
  }

  private Connection connected(String what) throws SQLException {
    if (closed) {
      throw new IllegalStateException("the quarantine of pipeline " + pipelineId + " is closed");
    }
    Connection current = connection;
    if (current == null) {
      current = connector.open(what);
      connection = current;
      new StoreMigrations(schema).apply(current, true);
      pipeline = new OwnershipClaim(current, Backend.of(current), schema, pipelineId).pipeline();
      current.setAutoCommit(false);
    }
    return current;
  }

  private void disconnect() {
    Connection current = connection;
    connection = null;
    if (current != null) {
      PostgresLayer.close(current);
    }
  }

  /** Releases the connection; idempotent. Waits for a call in progress. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      disconnect();
    }
  }
}

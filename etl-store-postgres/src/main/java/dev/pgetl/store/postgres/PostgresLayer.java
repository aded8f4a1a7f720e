package dev.pgetl.store.postgres;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.store.LeaseStore;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.memory.PersistentLayer;
import dev.pgetl.store.memory.StoreChange;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A persistent layer in tables of a Postgres database: the source or another one. Several pipelines
 * share a schema; each has its own rows.
 *
 * <pre>{@code
 * MemoryStore store = new MemoryStore(PostgresLayer.builder(connection, "orders").build());
 * }</pre>
 *
 * <p>The layer connects when it is first used, and again after its connection was lost. Its
 * connections hold an advisory lock. Pipelines use {@link #leases()}: all connections of the
 * process that has the lease hold the lock in shared mode, and a second process waits for its turn.
 *
 * <p>A pipeline that does not wait ({@link dev.pgetl.store.Standby#OFF}) has one connection, which
 * holds the lock alone: a second process gets {@link dev.pgetl.error.ErrorKind#STORE_LOCKED}, which
 * also ends a process that another one replaced while it was disconnected, in seconds.
 *
 * <p>Every statement fails on any other connection than one that holds the lock, so a pooler that
 * shares connections between clients is refused.
 *
 * <p>A write is one statement in one round trip, committed with {@code synchronous_commit = local}
 * whatever the role's settings: it is durable on the server it was sent to and waits for no
 * standby. A standby that takes over may lack the last writes. A process that is connected puts
 * them back, with a warning, when it connects again. One that starts finds the slot ahead of the
 * stored position, which is reported as {@link dev.pgetl.error.ErrorKind#SLOT_LOST}. What cannot be
 * reached or written is {@link dev.pgetl.error.ErrorKind#STORE_UNAVAILABLE}; where manual
 * intervention is required (login, privileges, missing tables) its retry is {@code MANUAL}.
 *
 * <p>The tables are made at first use, or by a person who runs {@link #ddl(String)}; the role then
 * needs {@code USAGE} on the schema and {@code SELECT, INSERT, UPDATE, DELETE} on the tables. Every
 * table carries {@link PipelineStore#TABLE_COMMENT} as its comment, by which pipelines know that it
 * is not to be replicated. All of a pipeline's state goes with {@code delete from pgetl.pipeline
 * where name = 'orders'}.
 *
 * <p>Thread-safe. Interrupts do no harm.
 */
public final class PostgresLayer implements PersistentLayer {
  /** The schema of the tables unless another one is named. */
  public static final String DEFAULT_SCHEMA = "pgetl";

  /** Gives OID, schema and name of all tables of stores in a database. */
  public static final String TABLES_QUERY =
      "select c.oid, n.nspname, c.relname from pg_catalog.pg_class c"
          + " join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
          + " where c.relkind = 'r'"
          + " and pg_catalog.obj_description(c.oid, 'pg_class') = '"
          + PipelineStore.TABLE_COMMENT
          + "'";

  private static final Logger LOG = LoggerFactory.getLogger(PostgresLayer.class);

  /** A longer name is cut by Postgres, and not found again. */
  private static final int MAX_NAME_BYTES = 63;

  private final StoreConnector connector;
  private final StoreFailures failures;
  private final String pipelineId;
  private final String schema;
  private final boolean migrate;
  private final PostgresLease lease;
  private final Object lock = new Object();
  private volatile @Nullable Session session;

  /** Behind the last connection, which may have failed before the rows were owned. */
  private @Nullable Backend backend;

  private @Nullable Ownership ownership;
  private final Acknowledged acknowledged = new Acknowledged();
  private volatile boolean closed;

  /** A connection that owns the pipeline's rows. */
  private record Session(Connection connection, StoreTables tables) {}

  /** Something done with the tables. */
  @FunctionalInterface
  private interface Work {
    void run(StoreTables tables) throws SQLException;
  }

  private PostgresLayer(Builder builder) {
    this.pipelineId = builder.pipelineId;
    this.schema = builder.schema;
    this.failures = new StoreFailures(schema, pipelineId);
    this.connector = connector(builder, "store");
    this.migrate = builder.migrate;
    this.lease =
        new PostgresLease(
            connector(builder, "lease"),
            failures,
            schema,
            pipelineId,
            migrate,
            this::releaseConnection,
            this::rehearse);
  }

  private StoreConnector connector(Builder builder, String role) {
    return new StoreConnector(
        builder.connection, pipelineId, role, failures, builder.answerTimeout);
  }

  /**
   * {@return a builder}
   *
   * @param connection how to reach the database; the role need not be the one that replicates
   * @param pipelineId whose state it is
   */
  public static Builder builder(PgConnectionConfig connection, String pipelineId) {
    return new Builder(connection, pipelineId);
  }

  /**
   * {@return the SQL that creates the tables, for an operator to run}
   *
   * @param schema the schema, created if it is missing
   */
  public static String ddl(String schema) {
    return ddl(schema, 0);
  }

  /**
   * {@return the SQL that upgrades older tables for this version of the library}
   *
   * @param schema the schema
   * @param fromVersion the version of the tables, from the error message; 0 if there are none
   * @throws IllegalArgumentException if this version of the library does not know that version
   */
  public static String ddl(String schema, int fromVersion) {
    return new StoreMigrations(schema).ddl(fromVersion);
  }

  @Override
  public void write(StoreChange change) {
    writeAll(List.of(change));
  }

  /**
   * Phases that follow each other are sent together and committed together; every other change
   * commits by itself.
   */
  @Override
  public void writeAll(List<StoreChange> changes) {
    run("write to", tables -> acknowledged.write(tables, changes));
  }

  @Override
  public void read(Consumer<StoreChange> sink) {
    releaseIfLost();
    run("read", tables -> acknowledged.read(tables, sink));
  }

  /** A pipeline that starts again reads first; its connection may have been lost meanwhile. */
  private void releaseIfLost() {
    synchronized (lock) {
      Session current = session;
      if (current != null) {
        try {
          current.tables.proveOwnership();
        } catch (SQLException e) {
          if (!StoreFailures.OTHER_BACKEND.equals(e.getSQLState())) { // the read reports that
            LOG.debug("the connection to {} was lost", connector, e);
            disconnect();
          }
        }
      }
    }
  }

  /**
   * {@return the lease of the pipeline: any number of processes may start it} Needs a connection
   * more, in the process that works and in each that waits. A role that takes over from another one
   * needs {@code pg_read_all_stats} and {@code pg_signal_backend}.
   *
   * <p>Once a lease was taken, the layer uses the state under a lease only: what an earlier start
   * still writes must not take the lock. A pipeline without leases then needs another layer.
   */
  @Override
  public Optional<LeaseStore> leases() {
    return Optional.of(lease);
  }

  /** Over a connection of its own, which owns nothing. */
  @Override
  public List<Finding> diagnose() {
    return StoreDoctor.examine(connector, schema, migrate);
  }

  /** Reads what there is, as an owner does, over a connection that owns nothing. */
  private void rehearse() {
    String what = "rehearse reading the state of pipeline " + pipelineId + " in " + connector;
    try (Connection connection = connector.open(what)) {
      Backend backend = Backend.of(connection);
      Optional<Integer> known =
          new OwnershipClaim(connection, backend, schema, pipelineId).findPipeline();
      if (known.isPresent()) {
        new StoreTables(connection, backend, schema, known.get(), failures).read(change -> {});
      }
    } catch (SQLException e) {
      throw failures.failure(what, e);
    }
  }

  @Override
  public void proveOwnership() {
    run("prove the ownership of", StoreTables::proveOwnership);
  }

  /**
   * Connects without the lock, which {@link #close} and other calls need: a source of credentials
   * may take long. So several may connect at the same time; one connection is kept.
   */
  private void run(String doing, Work work) {
    String what = doing + " the state of pipeline " + pipelineId + " in " + connector;
    boolean done = false;
    while (!done) {
      requireOpen();
      Connection fresh = session == null ? connector.open(what) : null;
      synchronized (lock) {
        done = run(what, fresh, work);
      }
    }
  }

  /** {@return whether it was run; not if the connection has been lost in the meantime} */
  private boolean run(String what, @Nullable Connection fresh, Work work) {
    boolean done = false;
    try {
      Session current = keep(fresh);
      if (current != null) {
        work.run(current.tables);
      }
      done = true;
      return current != null;
    } catch (SQLException e) {
      throw failures.failure(what, e);
    } finally {
      if (!done) {
        disconnect();
      }
    }
  }

  private @Nullable Session keep(@Nullable Connection fresh) throws SQLException {
    Session current = session;
    if (current == null && fresh != null && !closed) {
      current = open(fresh);
      session = current;
    } else if (fresh != null) {
      close(fresh);
    }
    requireOpen();
    return current;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the store of pipeline " + pipelineId + " is closed");
    }
  }

  private Session open(Connection connection) throws SQLException {
    Session opened = null;
    try {
      Backend current = Backend.of(connection);
      if (backend != null) {
        backend.end(connection);
      }
      backend = current;
      new StoreMigrations(schema).apply(connection, migrate);
      OwnershipClaim claim = new OwnershipClaim(connection, current, schema, pipelineId);
      Ownership taken = owned(claim);
      warnIfPublished(connection);
      LOG.info("state of pipeline {} is in schema {} of {}", pipelineId, schema, connector);
      StoreTables tables = new StoreTables(connection, current, schema, taken.pipeline(), failures);
      acknowledged.recall(taken.equals(ownership), connection, tables);
      ownership = taken;
      opened = new Session(connection, tables);
      return opened;
    } finally {
      if (opened == null) {
        close(connection);
      }
    }
  }

  private Ownership owned(OwnershipClaim claim) throws SQLException {
    if (lease.isUsed()) {
      return claim.join(lease.requireGranted());
    }
    return ownership == null ? claim.take() : claim.takeBack(ownership);
  }

  private void warnIfPublished(Connection connection) throws SQLException {
    Sql.each(
        connection,
        row ->
            LOG.warn(
                "publication {} contains the store's tables in schema {}: every stored position is"
                    + " streamed once and then ignored",
                row.getString(1),
                schema),
        "select pubname from pg_publication_tables where schemaname = ? and tablename = ?",
        schema,
        "slot_progress");
  }

  private void disconnect() {
    Session current = session;
    if (current != null) {
      close(current.connection);
      session = null;
    }
  }

  /** The next call connects again, if this process still owns the pipeline. */
  private void releaseConnection() {
    synchronized (lock) {
      lease.unlockUnleased(session == null ? null : session.connection);
      disconnect();
    }
  }

  static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      LOG.debug("closing a connection to the store failed", e);
    }
  }

  /**
   * Releases connection and lock; idempotent. Waits for a call in progress, but for none that asks
   * for its credentials.
   */
  @Override
  public void close() {
    lease.close();
    synchronized (lock) {
      closed = true;
      disconnect();
    }
  }

  /** Builds a {@link PostgresLayer}. Not thread-safe. */
  public static final class Builder {
    private final PgConnectionConfig connection;
    private final String pipelineId;
    private String schema = DEFAULT_SCHEMA;
    private boolean migrate = true;
    private Duration answerTimeout = Duration.ofSeconds(20);

    private Builder(PgConnectionConfig connection, String pipelineId) {
      this.connection = Objects.requireNonNull(connection, "connection");
      this.pipelineId = Objects.requireNonNull(pipelineId, "pipelineId");
      if (pipelineId.isBlank()) {
        throw new IllegalArgumentException("pipelineId is empty");
      }
    }

    /**
     * Sets the schema of the tables; default {@value #DEFAULT_SCHEMA}.
     *
     * @param value a schema's name as in the catalogue, at most 63 bytes
     * @return this builder
     */
    public Builder schema(String value) {
      int bytes = value.getBytes(StandardCharsets.UTF_8).length;
      if (value.isBlank() || bytes > MAX_NAME_BYTES) {
        throw new IllegalArgumentException("schema must have 1 to 63 bytes, has " + bytes);
      }
      schema = value;
      return this;
    }

    /**
     * Sets whether the layer creates and upgrades its tables itself; default true. Otherwise
     * missing ones are an error that names the SQL to run.
     *
     * @param value whether it may
     * @return this builder
     */
    public Builder migrate(boolean value) {
      migrate = value;
      return this;
    }

    /**
     * Sets how long the server may be silent before a call fails; default 20 seconds. Without
     * leases a start waits half as long, at most 5 seconds, for a process that uses the state.
     *
     * @param value at least 1 second
     * @return this builder
     */
    public Builder answerTimeout(Duration value) {
      if (value.compareTo(Duration.ofSeconds(1)) < 0) {
        throw new IllegalArgumentException("answerTimeout must be at least 1 second, is " + value);
      }
      answerTimeout = value;
      return this;
    }

    /** {@return the layer; it does not connect yet} */
    public PostgresLayer build() {
      return new PostgresLayer(this);
    }
  }
}

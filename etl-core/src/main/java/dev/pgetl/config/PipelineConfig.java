package dev.pgetl.config;

import dev.pgetl.store.Standby;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All settings of a pipeline; {@link Builder} says what each does. Immutable. */
public final class PipelineConfig {
  private final String id;
  private final String publicationName;
  private final PgConnectionConfig pgConnection;
  private final BatchConfig batch;
  private final long maxBufferedBytes;
  private final Duration tableErrorRetryDelay;
  private final int tableErrorRetryMaxAttempts;
  private final int maxTableSyncWorkers;
  private final int maxTablesPerSyncWorker;
  private final int maxCopyConnectionsPerTable;
  private final TableCopyConfig tableCopy;
  private final InvalidatedSlotBehavior invalidatedSlotBehavior;
  private final FailoverSlots failoverSlots;
  private final boolean acceptUnknownDivergence;
  private final Duration publicationRefreshInterval;
  private final Set<String> messagePrefixes;
  private final boolean binary;
  private final Duration shutdownTimeout;
  private final Standby standby;

  private PipelineConfig(Builder from) {
    id = from.id;
    publicationName = from.publicationName;
    pgConnection = from.pgConnection;
    batch = from.batch;
    maxBufferedBytes = from.maxBufferedBytes;
    tableErrorRetryDelay = from.tableErrorRetryDelay;
    tableErrorRetryMaxAttempts = from.tableErrorRetryMaxAttempts;
    maxTableSyncWorkers = from.maxTableSyncWorkers;
    maxTablesPerSyncWorker = from.maxTablesPerSyncWorker;
    maxCopyConnectionsPerTable = from.maxCopyConnectionsPerTable;
    tableCopy = from.tableCopy;
    invalidatedSlotBehavior = from.invalidatedSlotBehavior;
    failoverSlots = from.failoverSlots;
    acceptUnknownDivergence = from.acceptUnknownDivergence;
    publicationRefreshInterval = from.publicationRefreshInterval;
    messagePrefixes = from.messagePrefixes;
    binary = from.binary;
    shutdownTimeout = from.shutdownTimeout;
    standby = from.standby;
  }

  /**
   * {@return a builder}
   *
   * @param id names the pipeline, part of its slots' names and of its threads: 1 to 40 lower-case
   *     letters, digits and underscores
   * @param publicationName the publication to replicate, as in the catalogue
   * @param pgConnection how to reach the server
   */
  public static Builder builder(
      String id, String publicationName, PgConnectionConfig pgConnection) {
    return new Builder(id, publicationName, pgConnection);
  }

  /** {@return the name of the pipeline} */
  public String id() {
    return id;
  }

  /** {@return the publication to replicate} */
  public String publicationName() {
    return publicationName;
  }

  /** {@return how to reach the server} */
  public PgConnectionConfig pgConnection() {
    return pgConnection;
  }

  /** {@return how calls of the destination are made up} */
  public BatchConfig batch() {
    return batch;
  }

  /** {@return the most bytes of rows and events held at a time} */
  public long maxBufferedBytes() {
    return maxBufferedBytes;
  }

  /** {@return the wait before the first retry} */
  public Duration tableErrorRetryDelay() {
    return tableErrorRetryDelay;
  }

  /** {@return how many retries are made in a row} */
  public int tableErrorRetryMaxAttempts() {
    return tableErrorRetryMaxAttempts;
  }

  /** {@return how many sync workers copy tables at a time} */
  public int maxTableSyncWorkers() {
    return maxTableSyncWorkers;
  }

  /** {@return how many small tables one sync worker copies together} */
  public int maxTablesPerSyncWorker() {
    return maxTablesPerSyncWorker;
  }

  /** {@return how many connections copy one table} */
  public int maxCopyConnectionsPerTable() {
    return maxCopyConnectionsPerTable;
  }

  /** {@return which tables have their existing rows copied} */
  public TableCopyConfig tableCopy() {
    return tableCopy;
  }

  /** {@return what to do when changes are gone from the stream} */
  public InvalidatedSlotBehavior invalidatedSlotBehavior() {
    return invalidatedSlotBehavior;
  }

  /** {@return whether slots are failover slots} */
  public FailoverSlots failoverSlots() {
    return failoverSlots;
  }

  /** {@return whether a promoted server is read although it may lack what was delivered} */
  public boolean acceptsUnknownDivergence() {
    return acceptUnknownDivergence;
  }

  /** {@return how often the publication is read again; zero for only at start} */
  public Duration publicationRefreshInterval() {
    return publicationRefreshInterval;
  }

  /** {@return the prefixes of the logical messages to deliver; unmodifiable} */
  public Set<String> messagePrefixes() {
    return messagePrefixes;
  }

  /** {@return whether values are requested in binary format} */
  public boolean binary() {
    return binary;
  }

  /** {@return how long a shutdown waits for the destination} */
  public Duration shutdownTimeout() {
    return shutdownTimeout;
  }

  /** {@return what it does while another process owns it} */
  public Standby standby() {
    return standby;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PipelineConfig that
        && PipelineSettings.of(this).equals(PipelineSettings.of(that));
  }

  @Override
  public int hashCode() {
    return PipelineSettings.of(this).hashCode();
  }

  @Override
  public String toString() {
    return "PipelineConfig" + PipelineSettings.of(this);
  }

  /** Builds a {@link PipelineConfig}. Not thread-safe. */
  public static final class Builder {
    private final String id;
    private final String publicationName;
    private final PgConnectionConfig pgConnection;
    private BatchConfig batch = BatchConfig.DEFAULT;
    private long maxBufferedBytes = PipelineSettings.defaultBudget();
    private Duration tableErrorRetryDelay = Duration.ofSeconds(10);
    private int tableErrorRetryMaxAttempts = 5;
    private int maxTableSyncWorkers = 4;
    private int maxTablesPerSyncWorker = 64;
    private int maxCopyConnectionsPerTable = 2;
    private TableCopyConfig tableCopy = TableCopyConfig.all();
    private InvalidatedSlotBehavior invalidatedSlotBehavior = InvalidatedSlotBehavior.ERROR;
    private FailoverSlots failoverSlots = FailoverSlots.AUTO;
    private boolean acceptUnknownDivergence;
    private Duration publicationRefreshInterval = Duration.ofSeconds(30);
    private Set<String> messagePrefixes = Set.of();
    private boolean binary;
    private Duration shutdownTimeout = Duration.ofSeconds(5);
    private Standby standby = Standby.AUTO;

    private Builder(String id, String publicationName, PgConnectionConfig pgConnection) {
      this.id = Objects.requireNonNull(id, "id");
      this.publicationName = Objects.requireNonNull(publicationName, "publicationName");
      this.pgConnection = Objects.requireNonNull(pgConnection, "pgConnection");
    }

    /**
     * Sets how calls of the destination are made up; default {@link BatchConfig#DEFAULT}.
     *
     * @param value the limits of a batch
     * @return this builder
     */
    public Builder batch(BatchConfig value) {
      batch = Objects.requireNonNull(value, "batch");
      return this;
    }

    /**
     * Sets the most bytes of rows and events held; default a quarter of the heap, at most 256 MiB.
     *
     * @param value positive
     * @return this builder
     */
    public Builder maxBufferedBytes(long value) {
      maxBufferedBytes = value;
      return this;
    }

    /**
     * Sets the wait before the first retry; default 10 seconds. It doubles with each further one,
     * up to 32 times as long, with jitter. Source and store are retried sooner, for as long.
     *
     * @param value positive, at most 365 days
     * @return this builder
     */
    public Builder tableErrorRetryDelay(Duration value) {
      tableErrorRetryDelay = Objects.requireNonNull(value, "tableErrorRetryDelay");
      return this;
    }

    /**
     * Sets how many retries are made in a row before manual intervention is required; default 5.
     * {@linkplain dev.pgetl.error.ErrorKind#isTemporary() Temporary} failures of tables do not
     * count.
     *
     * @param value not negative
     * @return this builder
     */
    public Builder tableErrorRetryMaxAttempts(int value) {
      tableErrorRetryMaxAttempts = value;
      return this;
    }

    /**
     * Sets how many sync workers copy tables; default 4. Each needs a slot and a WAL sender.
     *
     * @param value positive
     * @return this builder
     */
    public Builder maxTableSyncWorkers(int value) {
      maxTableSyncWorkers = value;
      return this;
    }

    /**
     * Sets how many small tables (1 MiB) one worker copies together; default 64.
     *
     * @param value positive; 1 gives each table a worker
     * @return this builder
     */
    public Builder maxTablesPerSyncWorker(int value) {
      maxTablesPerSyncWorker = value;
      return this;
    }

    /**
     * Sets how many connections copy one table in parallel; default 2.
     *
     * @param value positive
     * @return this builder
     */
    public Builder maxCopyConnectionsPerTable(int value) {
      maxCopyConnectionsPerTable = value;
      return this;
    }

    /**
     * Sets which tables have their existing rows copied; default all.
     *
     * @param value which tables
     * @return this builder
     */
    public Builder tableCopy(TableCopyConfig value) {
      tableCopy = Objects.requireNonNull(value, "tableCopy");
      return this;
    }

    /**
     * Sets what to do when changes are gone; default {@link InvalidatedSlotBehavior#ERROR}.
     *
     * @param value what to do
     * @return this builder
     */
    public Builder invalidatedSlotBehavior(InvalidatedSlotBehavior value) {
      invalidatedSlotBehavior = Objects.requireNonNull(value, "invalidatedSlotBehavior");
      return this;
    }

    /**
     * Sets whether slots are failover slots; default {@link FailoverSlots#AUTO}.
     *
     * @param value whether they are
     * @return this builder
     */
    public Builder failoverSlots(FailoverSlots value) {
      failoverSlots = Objects.requireNonNull(value, "failoverSlots");
      return this;
    }

    /**
     * Sets whether to continue with a promoted server if it is unknown whether it has all that was
     * delivered; default false: the pipeline ends as {@link dev.pgetl.error.ErrorKind#DIVERGED}. If
     * true, what it lacks stays in the destination, unnoticed. A new process does not know unless
     * the destination answers {@link dev.pgetl.destination.Destination#lastApplied}.
     *
     * @param value true to continue, with a warning
     * @return this builder
     */
    public Builder acceptUnknownDivergence(boolean value) {
      acceptUnknownDivergence = value;
      return this;
    }

    /**
     * Sets how often publication and types of columns are read again; default 30 seconds.
     *
     * @param value zero for only at start; at most 365 days
     * @return this builder
     */
    public Builder publicationRefreshInterval(Duration value) {
      publicationRefreshInterval = Objects.requireNonNull(value, "publicationRefreshInterval");
      return this;
    }

    /**
     * Sets which logical messages ({@code pg_logical_emit_message}) are events; default none.
     *
     * @param value the prefixes of those messages
     * @return this builder
     */
    public Builder messagePrefixes(Set<String> value) {
      messagePrefixes = Set.copyOf(value);
      return this;
    }

    /**
     * Sets whether Postgres is asked for values in its binary format; default false. Values and
     * texts of rows are the same. It pays where a destination reads {@code bytea}, timestamps or
     * floating point numbers as Java values. Tables with types that are not read so use text.
     *
     * @param value true for binary
     * @return this builder
     */
    public Builder binary(boolean value) {
      binary = value;
      return this;
    }

    /**
     * Sets how long a shutdown waits for calls of the destination; default 5 seconds.
     *
     * @param value positive, at most 365 days
     * @return this builder
     */
    public Builder shutdownTimeout(Duration value) {
      shutdownTimeout = Objects.requireNonNull(value, "shutdownTimeout");
      return this;
    }

    /**
     * Sets what the pipeline does while another process owns it; default {@link Standby#AUTO}: it
     * waits as {@code STANDBY}, and takes over, if the store has leases, and fails otherwise.
     *
     * @param value {@code AUTO}, {@code OFF}, or how it waits: a {@link
     *     dev.pgetl.store.LeaseConfig}
     * @return this builder
     */
    public Builder standby(Standby value) {
      standby = Objects.requireNonNull(value, "standby");
      return this;
    }

    /**
     * {@return the configuration}
     *
     * @throws IllegalArgumentException naming everything that is wrong
     */
    public PipelineConfig build() {
      return PipelineSettings.checked(new PipelineConfig(this));
    }
  }
}

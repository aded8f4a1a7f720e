package dev.pgetl.config;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * All settings of a pipeline. Immutable; made by {@link #builder}.
 *
 * @param id names the pipeline: part of its slots' names and of its threads; lower-case letters,
 *     digits and underscores, at most 40
 * @param publicationName the publication to replicate, as in the catalogue
 * @param pgConnection how to reach the server
 * @param batch how calls of the destination are made up
 * @param maxBufferedBytes most bytes of rows and events the pipeline holds at a time, all tables
 *     and streams together
 * @param tableErrorRetryDelay wait before the first retry; doubled with each further one, at most
 *     32 times as long, with jitter
 * @param tableErrorRetryMaxAttempts retries in a row before manual intervention is required
 * @param maxTableSyncWorkers tables copied at a time; each needs a slot and a WAL sender besides
 *     the apply worker's
 * @param maxCopyConnectionsPerTable connections that copy one table in parallel
 * @param tableCopy which tables have their existing rows copied
 * @param invalidatedSlotBehavior what to do when changes are gone from the stream
 * @param publicationRefreshInterval how often the publication is read again to find tables that
 *     were added or removed; zero for only at start
 * @param messagePrefixes prefixes of logical messages ({@code pg_logical_emit_message}) to deliver
 *     as events
 * @param binary whether values are asked for in binary format, see {@link Builder#binary}
 * @param shutdownTimeout how long a shutdown waits for the destination before it gives the calls in
 *     flight up
 */
public record PipelineConfig(
    String id,
    String publicationName,
    PgConnectionConfig pgConnection,
    BatchConfig batch,
    long maxBufferedBytes,
    Duration tableErrorRetryDelay,
    int tableErrorRetryMaxAttempts,
    int maxTableSyncWorkers,
    int maxCopyConnectionsPerTable,
    TableCopyConfig tableCopy,
    InvalidatedSlotBehavior invalidatedSlotBehavior,
    Duration publicationRefreshInterval,
    Set<String> messagePrefixes,
    boolean binary,
    Duration shutdownTimeout) {

  private static final Pattern ID = Pattern.compile("[a-z0-9_]{1,40}");

  /**
   * Checks all settings together.
   *
   * @param id names the pipeline: part of its slots' names and of its threads; lower-case letters,
   *     digits and underscores, at most 40
   * @param publicationName the publication to replicate, as in the catalogue
   * @param pgConnection how to reach the server
   * @param batch how calls of the destination are made up
   * @param maxBufferedBytes most bytes of rows and events the pipeline holds at a time, all tables
   *     and streams together
   * @param tableErrorRetryDelay wait before the first retry; doubled with each further one, at most
   *     32 times as long, with jitter
   * @param tableErrorRetryMaxAttempts retries in a row before manual intervention is required
   * @param maxTableSyncWorkers tables copied at a time; each needs a slot and a WAL sender besides
   *     the apply worker's
   * @param maxCopyConnectionsPerTable connections that copy one table in parallel
   * @param tableCopy which tables have their existing rows copied
   * @param invalidatedSlotBehavior what to do when changes are gone from the stream
   * @param publicationRefreshInterval how often the publication is read again to find tables that
   *     were added or removed; zero for only at start
   * @param messagePrefixes prefixes of logical messages to deliver as events
   * @param binary whether values are asked for in binary format, see {@link Builder#binary}
   * @param shutdownTimeout how long a shutdown waits for the destination before it gives the calls
   *     in flight up
   */
  public PipelineConfig {
    Objects.requireNonNull(pgConnection, "pgConnection");
    Objects.requireNonNull(batch, "batch");
    Objects.requireNonNull(tableCopy, "tableCopy");
    Objects.requireNonNull(invalidatedSlotBehavior, "invalidatedSlotBehavior");
    messagePrefixes = Set.copyOf(messagePrefixes);
    Problems problems = new Problems();
    problems.require(
        ID.matcher(id).matches(),
        "id must be 1 to 40 lower-case letters, digits and underscores, is \"" + id + "\"");
    problems.require(
        !publicationName.isEmpty() && publicationName.length() < 64,
        "publicationName must have 1 to 63 characters");
    problems.requirePositive("maxBufferedBytes", maxBufferedBytes);
    problems.requirePositive("tableErrorRetryDelay", tableErrorRetryDelay);
    problems.require(
        tableErrorRetryMaxAttempts >= 0,
        "tableErrorRetryMaxAttempts must not be negative, is " + tableErrorRetryMaxAttempts);
    problems.requirePositive("maxTableSyncWorkers", maxTableSyncWorkers);
    problems.requirePositive("maxCopyConnectionsPerTable", maxCopyConnectionsPerTable);
    problems.requireNotNegative("publicationRefreshInterval", publicationRefreshInterval);
    problems.requirePositive("shutdownTimeout", shutdownTimeout);
    problems.throwIfAny("PipelineConfig");
  }

  /**
   * {@return a builder}
   *
   * @param id names the pipeline: lower-case letters, digits and underscores, at most 40
   * @param publicationName the publication to replicate
   * @param pgConnection how to reach the server
   */
  public static Builder builder(
      String id, String publicationName, PgConnectionConfig pgConnection) {
    return new Builder(id, publicationName, pgConnection);
  }

  private static long defaultBudget() {
    return Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 4);
  }

  /** Builds a {@link PipelineConfig}. Not thread-safe. */
  public static final class Builder {
    private final String id;
    private final String publicationName;
    private final PgConnectionConfig pgConnection;
    private BatchConfig batch = BatchConfig.DEFAULT;
    private long maxBufferedBytes = defaultBudget();
    private Duration tableErrorRetryDelay = Duration.ofSeconds(10);
    private int tableErrorRetryMaxAttempts = 5;
    private int maxTableSyncWorkers = 4;
    private int maxCopyConnectionsPerTable = 2;
    private TableCopyConfig tableCopy = TableCopyConfig.all();
    private InvalidatedSlotBehavior invalidatedSlotBehavior = InvalidatedSlotBehavior.ERROR;
    private Duration publicationRefreshInterval = Duration.ofSeconds(30);
    private Set<String> messagePrefixes = Set.of();
    private boolean binary;
    private Duration shutdownTimeout = Duration.ofSeconds(5);

    private Builder(String id, String publicationName, PgConnectionConfig pgConnection) {
      this.id = Objects.requireNonNull(id, "id");
      this.publicationName = Objects.requireNonNull(publicationName, "publicationName");
      this.pgConnection = Objects.requireNonNull(pgConnection, "pgConnection");
    }

    /**
     * Sets batch: how calls of the destination are made up; default {@link BatchConfig#DEFAULT}.
     *
     * @param value the setting
     * @return this builder
     */
    public Builder batch(BatchConfig value) {
      batch = value;
      return this;
    }

    /**
     * Sets maxBufferedBytes: most bytes of rows and events the pipeline holds at a time, all tables
     * and streams together; default a quarter of the JVM's maximum heap, at most 256 MiB.
     *
     * @param value the setting
     * @return this builder
     */
    public Builder maxBufferedBytes(long value) {
      maxBufferedBytes = value;
      return this;
    }

    /**
     * Sets tableErrorRetryDelay: wait before the first retry; doubled with each further one, at
     * most 32 times as long, with jitter; default 10 seconds.
     *
     * @param value the setting
     * @return this builder
     */
    public Builder tableErrorRetryDelay(Duration value) {
      tableErrorRetryDelay = value;
      return this;
    }

    /**
     * Sets tableErrorRetryMaxAttempts: retries in a row before manual intervention is required;
     * default 5.
     *
     * @param value the setting
     * @return this builder
     */
    public Builder tableErrorRetryMaxAttempts(int value) {
      tableErrorRetryMaxAttempts = value;
      return this;
    }

    /**
     * Sets maxTableSyncWorkers: tables copied at a time; each needs a slot and a WAL sender besides
     * the apply worker's; default 4.
     *
     * @param value the setting
     * @return this builder
     */
    public Builder maxTableSyncWorkers(int value) {
      maxTableSyncWorkers = value;
      return this;
    }

    /**
     * Sets maxCopyConnectionsPerTable: connections that copy one table in parallel; default 2.
     *
     * @param value the setting
     * @return this builder
     */
    public Builder maxCopyConnectionsPerTable(int value) {
      maxCopyConnectionsPerTable = value;
      return this;
    }

    /**
     * Sets tableCopy: which tables have their existing rows copied; default all.
     *
     * @param value the setting
     * @return this builder
     */
    public Builder tableCopy(TableCopyConfig value) {
      tableCopy = value;
      return this;
    }

    /**
     * Sets invalidatedSlotBehavior: what to do when changes are gone from the stream; default to
     * fail.
     *
     * @param value the setting
     * @return this builder
     */
    public Builder invalidatedSlotBehavior(InvalidatedSlotBehavior value) {
      invalidatedSlotBehavior = value;
      return this;
    }

    /**
     * Sets publicationRefreshInterval: how often the publication is read again to find tables that
     * were added or removed; zero for only at start; default 30 seconds.
     *
     * @param value the setting
     * @return this builder
     */
    public Builder publicationRefreshInterval(Duration value) {
      publicationRefreshInterval = value;
      return this;
    }

    /**
     * Sets messagePrefixes: prefixes of logical messages ({@code pg_logical_emit_message}) to
     * deliver as events; default none.
     *
     * @param value the setting
     * @return this builder
     */
    public Builder messagePrefixes(Set<String> value) {
      messagePrefixes = value;
      return this;
    }

    /**
     * Sets binary: whether Postgres is asked for values in its binary format instead of text, in
     * copies and in streams, as {@code CREATE SUBSCRIPTION … WITH (binary = true)} does; default
     * false. A destination sees no difference: values and texts of rows are the same.
     *
     * <p>It pays where a destination reads Java values, above all {@code bytea}, timestamps, {@code
     * uuid} and floating point numbers. A destination that writes text is better served by text,
     * which the server then produces.
     *
     * <p>Where a type is not read in binary format, text is used all the same: for the copy of a
     * table with such a column; and in the streams, which have one format for all tables, from the
     * first change of such a table on until the pipeline ends. The log names the column.
     *
     * @param value the setting
     * @return this builder
     */
    public Builder binary(boolean value) {
      binary = value;
      return this;
    }

    /**
     * Sets shutdownTimeout: how long a shutdown waits for the destination before it gives the calls
     * in flight up; default 5 seconds.
     *
     * @param value the setting
     * @return this builder
     */
    public Builder shutdownTimeout(Duration value) {
      shutdownTimeout = value;
      return this;
    }

    /**
     * {@return the configuration}
     *
     * @throws IllegalArgumentException naming everything that is wrong
     */
    public PipelineConfig build() {
      return new PipelineConfig(
          id,
          publicationName,
          pgConnection,
          batch,
          maxBufferedBytes,
          tableErrorRetryDelay,
          tableErrorRetryMaxAttempts,
          maxTableSyncWorkers,
          maxCopyConnectionsPerTable,
          tableCopy,
          invalidatedSlotBehavior,
          publicationRefreshInterval,
          messagePrefixes,
          binary,
          shutdownTimeout);
    }
  }
}

package dev.pgetl.destination.postgres;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.destination.postgres.verify.VerifiableTables;
import dev.pgetl.schema.TableName;
import dev.pgetl.verify.VerifiableDestination;
import java.time.Duration;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** Builds a {@link PostgresDestination}. Not thread-safe. */
public final class PostgresDestinationBuilder {
  private static final Duration CALL_TIMEOUT = Duration.ofMinutes(10);

  final PgConnectionConfig connection;
  final String pipelineId;
  String schema = PostgresDestination.DEFAULT_SCHEMA;
  UnaryOperator<TableName> tableNames = UnaryOperator.identity();
  SchemaChanges schemaChanges = SchemaChanges.ADD_ONLY;
  UserTypes userTypes = UserTypes.IF_PRESENT;
  boolean createTables = true;
  boolean replaceExistingRows;
  long maxTransactionBytes = 64L << 20;
  Duration callTimeout = CALL_TIMEOUT;

  PostgresDestinationBuilder(PgConnectionConfig connection, String pipelineId) {
    this.connection = Objects.requireNonNull(connection, "connection");
    this.pipelineId = Objects.requireNonNull(pipelineId, "pipelineId");
  }

  /**
   * Sets the schema of the state; default {@link PostgresDestination#DEFAULT_SCHEMA}. Several
   * pipelines may share it.
   *
   * @param value its name, not quoted
   * @return this builder
   */
  public PostgresDestinationBuilder schema(String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException("schema: empty");
    }
    schema = value;
    return this;
  }

  /**
   * Sets the rule by which tables are named; default: as in the source. The table of the
   * destination keeps its name when the rule changes, unless schema changes are applied.
   *
   * @param value maps a name of the source to one of the destination; the same for the same name
   * @return this builder
   */
  public PostgresDestinationBuilder tableNames(UnaryOperator<TableName> value) {
    tableNames = Objects.requireNonNull(value, "tableNames");
    return this;
  }

  /**
   * Sets what happens when a table of the source has changed; default {@link
   * SchemaChanges#ADD_ONLY}.
   *
   * @param value what is allowed
   * @return this builder
   */
  public PostgresDestinationBuilder schemaChanges(SchemaChanges value) {
    schemaChanges = Objects.requireNonNull(value, "schemaChanges");
    return this;
  }

  /**
   * Sets how columns of enums, domains, composites and extensions are created; default {@link
   * UserTypes#IF_PRESENT}.
   *
   * @param value how
   * @return this builder
   */
  public PostgresDestinationBuilder userTypes(UserTypes value) {
    userTypes = Objects.requireNonNull(value, "userTypes");
    return this;
  }

  /**
   * Sets whether missing tables and schemas are created; default true. Otherwise the failure names
   * the statement.
   *
   * @param value whether
   * @return this builder
   */
  public PostgresDestinationBuilder createTables(boolean value) {
    createTables = value;
    return this;
  }

  /**
   * Sets whether the first copy may empty a table that has rows already; default false: such a
   * table stops, because it may be one of a wrong database.
   *
   * @param value whether
   * @return this builder
   */
  public PostgresDestinationBuilder replaceExistingRows(boolean value) {
    replaceExistingRows = value;
    return this;
  }

  /**
   * Sets up to how many bytes a transaction of the source is one of the destination, too, so that
   * readers never find a part of it; default 64 MiB. A larger one is committed in parts. Small ones
   * are committed several together.
   *
   * <p>The bytes are those that {@link dev.pgetl.config.BatchConfig.Builder#maxBytes} counts. A
   * transaction is in memory before it is applied, so half of {@link
   * dev.pgetl.config.PipelineConfig#maxBufferedBytes} is a limit, too: raise both if no transaction
   * may be committed in parts.
   *
   * @param value not negative; 0 to commit as calls come, which may be inside any transaction
   * @return this builder
   */
  public PostgresDestinationBuilder maxTransactionBytes(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("maxTransactionBytes: not negative, not " + value);
    }
    maxTransactionBytes = value;
    return this;
  }

  /**
   * Sets how long the server may take for one statement; default 10 minutes. Then the connection
   * counts as lost and the call is retried. The time to wait for a lock is {@link
   * PgConnectionConfig#lockTimeout()}.
   *
   * @param value at least one second
   * @return this builder
   */
  public PostgresDestinationBuilder callTimeout(Duration value) {
    if (value.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("callTimeout: at least one second, not " + value);
    }
    callTimeout = value;
    return this;
  }

  /**
   * {@return the tables of the destination, for a {@link dev.pgetl.Verification}} It reads the
   * state and the tables, and takes over nothing; the pipeline may run elsewhere. Of the options
   * only {@link #schema} and {@link #callTimeout} count.
   */
  public VerifiableDestination buildVerifiable() {
    return new VerifiableTables(connection, pipelineId, schema, callTimeout);
  }

  /** {@return the destination} */
  public PostgresDestination build() {
    return new PostgresDestination(this);
  }
}

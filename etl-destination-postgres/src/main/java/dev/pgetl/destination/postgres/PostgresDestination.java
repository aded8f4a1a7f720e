package dev.pgetl.destination.postgres;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.Epoch;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.NamedTable;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.destination.postgres.apply.EventWriter;
import dev.pgetl.destination.postgres.apply.Tables;
import dev.pgetl.destination.postgres.copy.CopyWriter;
import dev.pgetl.destination.postgres.sql.DestinationDoctor;
import dev.pgetl.destination.postgres.sql.Sessions;
import dev.pgetl.destination.postgres.state.StateTables;
import dev.pgetl.destination.postgres.state.Takeover;
import dev.pgetl.destination.postgres.table.TargetTables;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the tables of a source equal in another Postgres database.
 *
 * <pre>{@code
 * Destination copy = PostgresDestination.builder(connection, "orders").build();
 * }</pre>
 *
 * <p>The key of a table's last event is stored in the transaction that writes the rows. Events that
 * come again are dropped, so each has its effect once, whichever process or server fails, also on a
 * table without a key. A process that another one has replaced can change nothing more.
 *
 * <p>Once all of its tables are {@code Ready}, a transaction of the source is one here, unless it
 * is larger than {@link PostgresDestinationBuilder#maxTransactionBytes}.
 *
 * <p>New rows go by {@code COPY}. Updates and deletes are folded per key and column, and applied as
 * sets; where the folded order violates a constraint, they are applied again one by one in the
 * order of the events. Missing tables are created; later versions of a table are followed as {@link
 * SchemaChanges} says.
 *
 * <p>The state is in tables of a schema of its own, see {@link #ddl}. For privileges, types and
 * limits, see {@code docs/postgres-destination.md}.
 *
 * <p><b>Threads.</b> As {@link Destination} says; each call that runs has a connection.
 *
 * <p><b>Failures.</b> What may pass, as a lost connection or a lock that is held, is {@link
 * dev.pgetl.error.ErrorKind#DESTINATION_UNAVAILABLE}. A row that the server refuses because of its
 * values is {@link dev.pgetl.error.ErrorKind#DESTINATION_REJECTED}. Other refusals, and tables that
 * another process owns, are {@link dev.pgetl.error.ErrorKind#DESTINATION_FAILED}. They name a table
 * where it is one. No message quotes a value.
 */
public final class PostgresDestination implements Destination {
  /** The schema of the state unless another one is named. */
  public static final String DEFAULT_SCHEMA = "pgetl_destination";

  private final String name;
  private final long maxTransactionBytes;
  private final Sessions sessions;
  private final StateTables memory;
  private final Takeover takeover;
  private final Tables tables;
  private final EventWriter events;
  private final CopyWriter copies;
  private final DestinationDoctor doctor;

  PostgresDestination(PostgresDestinationBuilder options) {
    name = "postgres:" + options.connection.name();
    maxTransactionBytes = options.maxTransactionBytes;
    sessions = new Sessions(options.connection, options.pipelineId, options.callTimeout);
    doctor =
        new DestinationDoctor(
            options.connection, options.pipelineId, options.callTimeout, options.schema);
    memory = new StateTables(options.schema, options.pipelineId);
    takeover = new Takeover(sessions, memory);
    tables =
        new Tables(
            memory,
            new TargetTables(options.schemaChanges, options.userTypes, options.createTables),
            options.tableNames);
    events = new EventWriter(sessions, tables);
    copies = new CopyWriter(sessions, tables, options.replaceExistingRows);
  }

  /**
   * {@return a builder}
   *
   * @param connection how to reach the database
   * @param pipelineId the pipeline whose tables they are; one of that name writes to the database
   */
  public static PostgresDestinationBuilder builder(
      PgConnectionConfig connection, String pipelineId) {
    return new PostgresDestinationBuilder(connection, pipelineId);
  }

  /**
   * {@return the SQL that creates the tables of the state, for an operator to run}
   *
   * @param schema the schema, created if it is missing
   */
  public static String ddl(String schema) {
    return StateTables.ddl(Objects.requireNonNull(schema, "schema"));
  }

  @Override
  public String name() {
    return name;
  }

  /**
   * Connects, and creates the tables of the state if they are missing. The tables are taken over by
   * {@link #beginEpoch}, or, if the pipeline does not wait for its turn, by {@link
   * #tablesPublished}.
   */
  @Override
  public void startup() {
    takeover.prepare();
  }

  /**
   * Takes the tables over from the owners before. The epoch is kept in the database.
   *
   * @throws dev.pgetl.error.EtlException of kind {@code DESTINATION_FAILED} if there has been an
   *     owner of a greater epoch
   */
  @Override
  public void beginEpoch(Epoch epoch) {
    takeover.begin(epoch.number());
  }

  /** As {@link PostgresDestinationBuilder#maxTransactionBytes} says: a call is one transaction. */
  @Override
  public long wholeTransactionBytes() {
    return maxTransactionBytes;
  }

  /** A call is one transaction, which is rolled back. */
  @Override
  public boolean refusesWholeCalls() {
    return true;
  }

  @Override
  public void tablesPublished(List<NamedTable> published) {
    takeover.ensure();
    tables.published(published.stream().map(NamedTable::id).toList());
  }

  private CopyWriter copies() {
    takeover.ensure();
    return copies;
  }

  @Override
  public void truncateTable(TableSchema table) {
    copies().truncate(table, table);
  }

  /**
   * Empties the table and makes it fit the next version.
   *
   * @throws dev.pgetl.error.EtlException of kind {@code CONFIGURATION} if the table has rows that
   *     the pipeline has not written, unless {@link PostgresDestinationBuilder#replaceExistingRows}
   *     allows it
   */
  @Override
  public void truncateTable(@Nullable TableSchema last, TableSchema next) {
    copies().truncate(last, next);
  }

  /**
   * Keeps the rows in a table of their own if one of the same definition can take the place of the
   * table. It cannot if views, foreign keys, triggers, policies or a publication depend on it.
   */
  @Override
  public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
    return copies().beginReplacement(last, next);
  }

  @Override
  public boolean continueReplacement(TableSchema next) {
    return copies().continueReplacement(next);
  }

  @Override
  public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
    copies().write(table, rows);
    return WriteResult.DURABLE;
  }

  @Override
  public void tableCopied(TableSchema table) {
    copies().complete(table);
  }

  @Override
  public WriteResult writeEvents(List<Event> list) {
    takeover.ensure();
    events.write(list);
    return WriteResult.DURABLE;
  }

  @Override
  public boolean removeRange(TableSchema table, KeyRange range) {
    return copies().removeRange(table, range);
  }

  @Override
  public Optional<EventSequence> lastApplied(TableId table) {
    takeover.ensure();
    return sessions.inTransaction(
        "read the last key of table " + table, session -> memory.last(session, table));
  }

  /** Over a connection of its own. */
  @Override
  public List<Finding> diagnose() {
    return doctor.examine();
  }

  /** Closes the connections, also those of calls that hang. */
  @Override
  public void close() {
    sessions.close();
  }
}

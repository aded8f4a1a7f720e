package dev.pgetl.internal.capture;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.SessionSettings.Purpose;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.postgresql.copy.CopyDual;

/**
 * The source database: opens connections on demand, all with the same pinned session settings.
 *
 * <p>Thread-safe. Every method fails with an {@link EtlException} only, within the time limits of
 * the configuration.
 */
public final class SourceDatabase implements AutoCloseable {
  /**
   * Without a slot for the stream and one for a table's copy, a new pipeline does not get anywhere.
   */
  private static final int SLOTS_OF_A_FIRST_START = 2;

  private final PgConnectionConfig config;
  private final LongSupplier ticker;
  private final Connector connector;
  private final ControlSession control;
  private final Blockers blockers;
  private final SlotCatalog slots;
  private final TableCatalog catalog;

  /**
   * Creates the source; connects to nothing yet.
   *
   * @param config how to reach the server
   * @param pipelineId the pipeline, part of the application name of every connection
   * @param ticker a clock in nanoseconds that only goes forward
   */
  public SourceDatabase(PgConnectionConfig config, String pipelineId, LongSupplier ticker) {
    this.config = config;
    this.ticker = ticker;
    SessionSettings settings = new SessionSettings(config, pipelineId);
    connector = new Connector(config, settings, ticker);
    control = new ControlSession(connector);
    blockers = new Blockers(control);
    slots = new SlotCatalog(control, blockers, settings.applicationPrefix(), ticker);
    catalog = new TableCatalog(control);
  }

  /**
   * Checks everything a pipeline needs of the source. What may go wrong later is logged as a
   * warning.
   *
   * @param publicationName the publication
   * @param applySlotName the slot of the main stream
   * @param slotsNeeded how many slots and WAL senders the pipeline will use besides those it holds
   * @return what server it is
   * @throws EtlException one, naming everything that is wrong and the SQL that mends it
   */
  public SourceFacts check(String publicationName, String applySlotName, int slotsNeeded) {
    DriverVersion.present().check();
    String doing = "check the source";
    boolean first = slot(applySlotName).isEmpty();
    int required = Math.min(slotsNeeded, first ? SLOTS_OF_A_FIRST_START : 0);
    control.call(
        doing,
        c -> {
          SourceCheck.run(c, publicationName, slotsNeeded, required);
          return true;
        });
    return facts();
  }

  /** {@return what server this is; asked anew each time} */
  public SourceFacts facts() {
    try (Session session = openReplication("facts")) {
      return SourceFacts.of(session);
    } catch (SQLException e) {
      throw SqlErrors.failure("identify the server", e);
    }
  }

  /**
   * {@return the tables of a publication}
   *
   * @param publicationName the publication
   * @throws EtlException of kind {@link ErrorKind#PUBLICATION_MISSING} if there is none
   */
  public List<PublishedTable> publishedTables(String publicationName) {
    return control.call(
        "read publication \"" + publicationName + "\"",
        c -> {
          if (PublicationCatalog.publication(c, publicationName).isEmpty()) {
            throw PublicationCatalog.missing(publicationName);
          }
          return PublicationCatalog.tables(c, publicationName);
        });
  }

  /**
   * {@return a table as its publication publishes it now}
   *
   * @param connection where to ask, for example under a snapshot
   * @param table the table as it was published before
   * @throws EtlException if it is not published any more
   * @throws SQLException if the query fails
   */
  public PublishedTable publishedTable(Connection connection, PublishedTable table)
      throws SQLException {
    return PublicationCatalog.table(connection, table.publicationName(), table.id())
        .orElseThrow(
            () ->
                new EtlException(
                        ErrorKind.SOURCE_CONFIGURATION,
                        "table "
                            + table.name()
                            + " is not in publication \""
                            + table.publicationName()
                            + "\" any more")
                    .withTable(table.id().oid()));
  }

  /**
   * {@return who holds or wants a table for itself, as part of a sentence}
   *
   * @param table the table
   */
  public String lockHolders(TableId table) {
    return blockers.lockHolders(table.oid());
  }

  /** {@return the logical slots of this database} */
  public List<SlotState> slots() {
    return slots.all();
  }

  /**
   * {@return a slot, if there is one of that name}
   *
   * @param name the slot
   */
  public Optional<SlotState> slot(String name) {
    return slots.find(name);
  }

  /**
   * Drops a slot, after ending a stream of this source that may still hold it. Does nothing if
   * there is none.
   *
   * @param name the slot
   */
  public void dropSlot(String name) {
    slots.drop(name);
  }

  /**
   * Ends the server process that still holds a slot for a stream of this source: one that was cut
   * off. Does nothing if the slot is free or held by anybody else.
   *
   * @param name the slot
   */
  public void releaseSlot(String name) {
    slots.release(name);
  }

  /**
   * Creates a slot without a snapshot.
   *
   * @param name the slot
   * @return its first position
   */
  public Lsn createSlot(String name) {
    try (Session session = openReplication("create_slot")) {
      return slots.create(session, name, false, config.lockTimeout()).consistentPoint();
    }
  }

  /**
   * Creates a slot and exports the snapshot that belongs to its first position.
   *
   * @param session a replication session; the snapshot can be imported until its next command or
   *     its end
   * @param name the slot
   * @return the slot and the snapshot
   */
  public CreatedSlot createSlotWithSnapshot(Session session, String name) {
    return slots.create(session, name, true, config.lockTimeout());
  }

  /**
   * Opens a stream.
   *
   * @param slotName the slot
   * @param publicationName the publication
   * @param from where to begin; the server begins at the slot's confirmed position if that is later
   * @param role what the stream is for, part of its application name
   * @param binary whether to ask for values in binary format; those of types without one come as
   *     text all the same
   * @return the stream
   */
  public WalStream openStream(
      String slotName, String publicationName, Lsn from, String role, boolean binary) {
    String doing = "start to read from slot " + slotName + " at " + from;
    Session session = openReplication(role);
    boolean started = false;
    try {
      session.waitForEver();
      String command = startCommand(slotName, publicationName, from, binary);
      CopyDual copy = start(session, slotName, command);
      Feedback feedback = new Feedback(session, config, from, ticker.getAsLong());
      WalStream stream =
          new CopyDualStream(
              session, copy, slots, slotName, publicationName, binary, feedback, ticker);
      started = true;
      return stream;
    } catch (SQLException e) {
      throw notStarted(doing, slotName, e);
    } catch (IOException e) {
      throw new EtlException(ErrorKind.SOURCE_UNAVAILABLE, doing + " failed", e);
    } finally {
      if (!started) {
        session.abort();
      }
    }
  }

  /**
   * The slot may still be held by a stream of ours that broke, or of a process that was killed a
   * moment ago.
   */
  private CopyDual start(Session session, String slotName, String command) throws SQLException {
    try {
      return session.copy().copyDual(command);
    } catch (SQLException e) {
      if (!SqlErrors.stateOf(e).equals(SqlErrors.OBJECT_IN_USE)) {
        throw e;
      }
      slots.release(slotName);
      if (!slots.awaitFree(slotName)) {
        throw e;
      }
      return session.copy().copyDual(command);
    }
  }

  private static String startCommand(
      String slotName, String publicationName, Lsn from, boolean binary) {
    return "START_REPLICATION SLOT "
        + SlotCatalog.checked(slotName)
        + " LOGICAL "
        + from
        + " (\"proto_version\" '1', \"publication_names\" "
        + Sql.literal(TableName.quote(publicationName))
        + ", \"messages\" 'true'"
        + (binary ? ", \"binary\" 'true')" : ")");
  }

  private EtlException notStarted(String doing, String slotName, SQLException e) {
    if (SqlErrors.stateOf(e).equals(SqlErrors.UNDEFINED_OBJECT)) {
      return new EtlException(ErrorKind.SLOT_LOST, doing + " failed: the slot does not exist", e);
    }
    return slots.ifLost(SqlErrors.failure(doing, e), slotName);
  }

  /**
   * {@return how far the server's WAL is on disk; {@link Lsn#ZERO} if it cannot be asked now}
   *
   * @throws EtlException of kind {@link ErrorKind#SOURCE_UNAVAILABLE} if the server is being shut
   *     down: it waits for its senders, and they for us
   */
  public Lsn probe() {
    try (Session session = connector.open(Purpose.CONTROL, "probe")) {
      return Lsn.parse(
          Sql.first(session.jdbc(), "SELECT pg_current_wal_flush_lsn()", row -> row.getString(1))
              .orElse("0/0"));
    } catch (SQLException e) {
      return Lsn.ZERO;
    } catch (EtlException e) {
      SQLException refused = SqlErrors.causeOf(e, SQLException.class);
      if (refused != null && SqlErrors.stateOf(refused).equals(SqlErrors.CANNOT_CONNECT_NOW)) {
        throw new EtlException(
            ErrorKind.SOURCE_UNAVAILABLE,
            "reading the stream ended: the server is shutting down",
            e);
      }
      return Lsn.ZERO;
    }
  }

  /** {@return types, and what the catalogue knows about tables} */
  public TableCatalog catalog() {
    return catalog;
  }

  /**
   * Opens a connection for replication commands.
   *
   * @param role what it is for, part of its application name
   * @return the connection
   */
  public Session openReplication(String role) {
    Session session = connector.open(Purpose.REPLICATION, role);
    slots.opened(session.backendPid());
    return session;
  }

  /**
   * Opens a connection that reads rows.
   *
   * @param role what it is for, part of its application name
   * @return the connection
   */
  public Session openCopy(String role) {
    return connector.open(Purpose.COPY, role);
  }

  /**
   * Cuts every connection that is still open, those of streams and copies too, and opens no more.
   * What runs on them fails. Idempotent.
   */
  @Override
  public void close() {
    control.close();
    connector.close();
  }
}

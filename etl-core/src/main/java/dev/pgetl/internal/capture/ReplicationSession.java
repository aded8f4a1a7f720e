package dev.pgetl.internal.capture;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.CreatedSlot;
import dev.pgetl.internal.capture.catalog.SlotCatalog;
import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.capture.session.Session;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.capture.session.SqlErrors;
import dev.pgetl.internal.platform.Ticker;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.TableName;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Optional;
import org.postgresql.copy.CopyDual;

/**
 * A connection for replication commands. What it reports about server and slots is true of the very
 * server it streams from, even if the address leads to another one later. Owned by one thread.
 */
public final class ReplicationSession implements ReplicationConnection {
  /**
   * Makes and frees one large value. The allocator of glibc gives freed memory back to the kernel
   * above a threshold, which grows with the largest block that was freed, up to 32 MiB. The rows of
   * a function are not folded into a constant, which would be a second copy.
   */
  private static final String KEEP_MEMORY =
      "SELECT octet_length(repeat(repeat('x', 8192), n)) FROM generate_series(3875, 3875) AS n"
          + " /* from here on the WAL sender keeps memory that it frees */";

  private final Session session;
  private final SlotCatalog slots;
  private final PgConnectionConfig config;
  private final Ticker ticker;

  ReplicationSession(Session session, SlotCatalog slots, PgConnectionConfig config, Ticker ticker) {
    this.session = session;
    this.slots = slots;
    this.config = config;
    this.ticker = ticker;
  }

  /** {@return the connection itself, for questions} */
  public Session session() {
    return session;
  }

  @Override
  public SourceFacts facts() {
    try {
      session.expectAnswersWithin(config.walSenderTimeout());
      return SourceFacts.of(session);
    } catch (SQLException e) {
      throw failure("identify the server", e);
    }
  }

  @Override
  public Optional<SlotState> slot(String name) {
    try {
      session.expectAnswersWithin(config.walSenderTimeout());
      return SlotCatalog.find(session.jdbc(), name);
    } catch (SQLException e) {
      throw failure("look for slot " + name, e);
    }
  }

  /** Where one connection leads nowhere, another one that was open may do so, too. */
  private EtlException failure(String doing, SQLException e) {
    if (SqlErrors.isConnectionLost(e)) {
      slots.suspectConnection();
    }
    return SqlErrors.failure(doing, e);
  }

  /**
   * Creates a slot without a snapshot.
   *
   * @param name the slot
   * @return its first position
   */
  public Lsn createSlot(String name) {
    return create(name, SlotCatalog.Snapshot.NONE).consistentPoint();
  }

  /**
   * Creates a slot and exports the snapshot that belongs to its first position. It can be imported
   * until the next command on this connection, or its end.
   *
   * @param name the slot
   * @return the slot and the snapshot
   */
  public CreatedSlot createSlotWithSnapshot(String name) {
    return create(name, SlotCatalog.Snapshot.EXPORTED);
  }

  /**
   * Creates a slot that ends with this connection, and exports its snapshot as {@link
   * #createSlotWithSnapshot} does.
   *
   * @param name the slot
   * @return the slot and the snapshot
   */
  public CreatedSlot createTemporarySlot(String name) {
    return create(name, SlotCatalog.Snapshot.EXPORTED_TEMPORARY);
  }

  private CreatedSlot create(String name, SlotCatalog.Snapshot snapshot) {
    try {
      session.expectAnswers();
    } catch (SQLException e) {
      throw failure("create slot " + name, e);
    }
    return slots.create(session, name, snapshot, config.lockTimeout());
  }

  @Override
  public void expectLargeRows() {
    try {
      session.expectAnswersWithin(config.walSenderTimeout());
      Sql.run(session.jdbc(), KEEP_MEMORY);
    } catch (SQLException e) {
      // a server that has no memory for it sends large rows slowly; a broken connection is noticed
      // next
    }
  }

  @Override
  public WalStream stream(String slotName, String publicationName, Lsn from, ValueFormat format) {
    String doing = "start to read from slot " + slotName + " at " + from;
    boolean started = false;
    try {
      session.expectAnswersWithin(config.walSenderTimeout());
      session.expectBulk();
      CopyDual copy = start(slotName, startCommand(slotName, publicationName, from, format));
      session.waitForEver();
      Feedback feedback = new Feedback(session, config, from, ticker.nanos());
      WalStream stream =
          new CopyDualStream(
              session, copy, slots, slotName, publicationName, format, feedback, ticker);
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
  private CopyDual start(String slotName, String command) throws SQLException {
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
      String slotName, String publicationName, Lsn from, ValueFormat format) {
    return "START_REPLICATION SLOT "
        + SlotCatalog.checked(slotName)
        + " LOGICAL "
        + from
        + " (\"proto_version\" '1', \"publication_names\" "
        + Sql.literal(TableName.quote(publicationName))
        + ", \"messages\" 'true'"
        + (format == ValueFormat.BINARY ? ", \"binary\" 'true')" : ")");
  }

  private EtlException notStarted(String doing, String slotName, SQLException e) {
    if (SqlErrors.stateOf(e).equals(SqlErrors.UNDEFINED_OBJECT)) {
      return new EtlException(ErrorKind.SLOT_LOST, doing + " failed: the slot does not exist", e);
    }
    EtlException failure = failure(doing, e);
    return SqlErrors.isConnectionLost(e) ? failure : slots.ifLost(failure, slotName);
  }

  @Override
  public void close() {
    session.close();
  }
}

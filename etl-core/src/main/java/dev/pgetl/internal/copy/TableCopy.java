package dev.pgetl.internal.copy;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.PublishedTable;
import dev.pgetl.internal.capture.Session;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.SourceFacts;
import dev.pgetl.internal.capture.SqlErrors;
import dev.pgetl.internal.row.TextOnlyColumns;
import dev.pgetl.internal.row.WireRow;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The copy of one table under the snapshot of its own slot.
 *
 * <p>Not thread-safe; its workers run on threads of the caller, and {@link #abort} may be called
 * from any.
 */
public final class TableCopy implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TableCopy.class);

  private final SlotSnapshot snapshot;
  private final TableSchema schema;
  private final long estimatedRows;
  private final List<CopyWorker> workers;

  private TableCopy(
      SlotSnapshot snapshot, TableSchema schema, long estimatedRows, List<CopyWorker> workers) {
    this.snapshot = snapshot;
    this.schema = schema;
    this.estimatedRows = estimatedRows;
    this.workers = List.copyOf(workers);
  }

  /**
   * Creates the slot of a table and prepares to read the rows the table has at the slot's first
   * position. Leaves nothing behind if that fails.
   *
   * <p>Waits for the table's lock and for older transactions of the whole server, each at most the
   * configured time; ends at once when its connections are aborted.
   *
   * @param connections where it opens its own
   * @param table the table; what is published of it is read again under the snapshot
   * @param slotName a slot that does not exist
   * @param maxConnections how many connections may read rows
   * @param copyRows false for slot and shape only
   * @param binary whether to read rows in binary format, if that can be done for all columns
   * @return the copy; wants to be closed
   * @throws EtlException of kind {@link ErrorKind#SOURCE_BUSY} if the time was not enough
   */
  public static TableCopy begin(
      CopyConnections connections,
      PublishedTable table,
      String slotName,
      int maxConnections,
      boolean copyRows,
      boolean binary) {
    SourceDatabase source = connections.source();
    List<Session> sessions = new ArrayList<>();
    boolean begun = false;
    try {
      openLocked(connections, table, copyRows ? maxConnections : 1, sessions);
      SlotSnapshot snapshot = SlotSnapshot.take(connections, table, slotName, sessions);
      TableCopy copy = prepare(source, table, snapshot, copyRows, binary);
      begun = true;
      return copy;
    } catch (SQLException e) {
      throw notBegun(source, table, e);
    } finally {
      if (!begun) {
        sessions.forEach(Session::abort);
      }
      if (!begun && connections.isAborted()) {
        connections.endOnServer();
      }
    }
  }

  /**
   * Opens as many connections as the table's size is worth, or the server has left, and locks the
   * table on each.
   */
  private static void openLocked(
      CopyConnections connections, PublishedTable table, int maxConnections, List<Session> sessions)
      throws SQLException {
    Session first = connections.openCopy(SlotSnapshot.role(table));
    sessions.add(first);
    int wanted = CopyPlan.connections(TableLeaf.of(first.jdbc(), table.id()), maxConnections);
    while (sessions.size() < wanted) {
      try {
        sessions.add(connections.openCopy(SlotSnapshot.role(table)));
      } catch (EtlException e) {
        if (e.kind() != ErrorKind.SOURCE_BUSY) {
          throw e;
        }
        LOG.warn(
            "table {} is copied over {} connections: {}",
            table.name(),
            sessions.size(),
            e.getMessage());
        break;
      }
    }
    for (Session session : sessions) {
      SlotSnapshot.lock(table, session);
    }
  }

  private static EtlException notBegun(
      SourceDatabase source, PublishedTable table, SQLException e) {
    String doing = "begin the copy of table " + table.name();
    EtlException failure =
        SqlErrors.stateOf(e).equals(SqlErrors.LOCK_NOT_AVAILABLE)
            ? new EtlException(
                ErrorKind.SOURCE_BUSY,
                doing
                    + " failed: the table was not free in time; in the way: "
                    + source.lockHolders(table.id()),
                e)
            : SqlErrors.failure(doing, e);
    return failure.withTable(table.id().oid());
  }

  private static TableCopy prepare(
      SourceDatabase source,
      PublishedTable table,
      SlotSnapshot snapshot,
      boolean copyRows,
      boolean binary)
      throws SQLException {
    boolean prepared = false;
    try {
      Connection connection = snapshot.leader().jdbc();
      PublishedTable published = source.publishedTable(connection, table);
      List<TableLeaf> leaves = TableLeaf.of(connection, table.id());
      requireUnchanged(table, published, leaves);
      TableSchema schema =
          source.catalog().schema(connection, published, snapshot.consistentPoint());
      List<CopyWorker> workers =
          copyRows
              ? workers(
                  snapshot.sessions(),
                  published,
                  schema,
                  source.rowFilter(connection, published),
                  leaves,
                  binary && readsBinary(schema))
              : List.of();
      prepared = true;
      return new TableCopy(snapshot, schema, estimate(leaves), workers);
    } finally {
      if (!prepared) {
        snapshot.discard();
      }
    }
  }

  /** What was locked must be what is read. */
  private static void requireUnchanged(
      PublishedTable before, PublishedTable now, List<TableLeaf> leaves) {
    boolean same = before.name().equals(now.name()) && before.relkind() == now.relkind();
    if (!same || !leaves.stream().allMatch(TableLeaf::locked)) {
      throw new EtlException(
              ErrorKind.SOURCE_BUSY,
              "begin the copy of table "
                  + before.name()
                  + " failed: meanwhile the table was renamed, or a partition attached")
          .withTable(before.id().oid());
    }
  }

  private static boolean readsBinary(TableSchema schema) {
    boolean reads = WireRow.readsBinary(schema);
    if (!reads) {
      LOG.info(
          "table {} is copied in text format: not read in binary format are {}",
          schema.name(),
          TextOnlyColumns.of(schema));
    }
    return reads;
  }

  private static List<CopyWorker> workers(
      List<Session> sessions,
      PublishedTable table,
      TableSchema schema,
      String rowFilter,
      List<TableLeaf> leaves,
      boolean binary) {
    Queue<CopyRange> ranges =
        new ConcurrentLinkedQueue<>(CopyPlan.ranges(table.name(), leaves, sessions.size()));
    List<CopyWorker> workers = new ArrayList<>();
    for (Session session : sessions) {
      workers.add(new CopyWorker(session, schema, rowFilter, ranges, binary));
    }
    return workers;
  }

  private static long estimate(List<TableLeaf> leaves) {
    boolean known = leaves.stream().allMatch(leaf -> leaf.estimatedRows() >= 0);
    return known ? leaves.stream().mapToLong(TableLeaf::estimatedRows).sum() : -1;
  }

  /** {@return the server the slot belongs to} */
  public SourceFacts facts() {
    return snapshot.facts();
  }

  /**
   * {@return the slot's first position: what is committed from here on is in its stream, all else
   * in the rows}
   */
  public Lsn consistentPoint() {
    return snapshot.consistentPoint();
  }

  /** {@return the table's published shape at the consistent point} */
  public TableSchema schema() {
    return schema;
  }

  /**
   * {@return about how many rows the table has, those included that the publication filters out; -1
   * if not known}
   */
  public long estimatedRows() {
    return estimatedRows;
  }

  /** {@return one worker per connection; none if no rows are copied} */
  public List<CopyWorker> workers() {
    return workers;
  }

  /** Ends the transactions. The slot stays. To be called when no worker runs; idempotent. */
  @Override
  public void close() {
    snapshot.close();
  }

  /**
   * Cuts all connections at once, so that workers that run fail. The slot stays. Idempotent; for
   * any thread.
   */
  public void abort() {
    snapshot.abort();
  }
}

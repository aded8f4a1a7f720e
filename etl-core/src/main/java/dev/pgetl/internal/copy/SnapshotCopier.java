package dev.pgetl.internal.copy;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.UnsentTable;
import dev.pgetl.internal.capture.session.LockTable;
import dev.pgetl.internal.capture.session.Session;
import dev.pgetl.internal.capture.session.SqlErrors;
import dev.pgetl.internal.row.TextOnlyColumns;
import dev.pgetl.internal.row.WireRow;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.TableSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies a table under the snapshot that its slot exports. */
public final class SnapshotCopier implements TableCopier {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotCopier.class);

  private final SourceDatabase source;
  private final CopyConnections connections;

  /**
   * Creates a copier that has opened no connection yet.
   *
   * @param source where the table is
   */
  public SnapshotCopier(SourceDatabase source) {
    this.source = source;
    this.connections = new CopyConnections(source);
  }

  @Override
  public TableCopy begin(
      PublishedTable table, String slotName, int maxConnections, ValueFormat format) {
    List<Session> sessions = new ArrayList<>();
    boolean begun = false;
    try {
      openLocked(table, Math.max(1, maxConnections), sessions);
      SlotSnapshot snapshot = SlotSnapshot.take(connections, table, slotName, sessions);
      TableCopy copy = prepare(table, snapshot, maxConnections > 0, format);
      begun = true;
      return copy;
    } catch (SQLException e) {
      throw notBegun(table, e);
    } finally {
      if (!begun) {
        sessions.forEach(Session::abort);
      }
      if (!begun && connections.isAborted()) {
        connections.endOnServer();
      }
    }
  }

  @Override
  public GroupCopy copySmall(
      List<PublishedTable> tables, String slotName, ValueFormat format, long mostBytes) {
    boolean done = false;
    try {
      GroupCopy copy =
          new SmallTables(source, connections, format).read(tables, slotName, mostBytes);
      done = true;
      return copy;
    } finally {
      if (!done && connections.isAborted()) {
        connections.endOnServer();
      }
    }
  }

  @Override
  public void abort() {
    connections.abort();
  }

  /**
   * Opens as many connections as the table's size is worth, or the server has left, also for their
   * locks, and locks the table on each.
   */
  private void openLocked(PublishedTable table, int maxConnections, List<Session> sessions)
      throws SQLException {
    Session first = connections.openCopy(SlotSnapshot.role(table));
    sessions.add(first);
    List<TableLeaf> leaves = TableLeaf.of(first.jdbc(), table.id());
    requireSent(table, leaves);
    int wanted = lockable(table, first, leaves, CopyPlan.connections(leaves, maxConnections));
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

  /** {@return how many connections can lock a table} */
  private static int lockable(
      PublishedTable table, Session session, List<TableLeaf> leaves, int wanted)
      throws SQLException {
    if (!table.partitioned()) {
      return wanted;
    }
    LockTable locks =
        LockTable.of(session.jdbc(), leaves.stream().map(leaf -> leaf.id().oid()).toList());
    locks.require(table.name().toString());
    int lockable = locks.connections(wanted);
    if (lockable < wanted) {
      LOG.warn(
          "table {} is copied over {} connections, not {}: each locks its {} partitions, and"
              + " max_locks_per_transaction is {}",
          table.name(),
          lockable,
          wanted,
          leaves.size(),
          locks.perProcess());
    }
    return lockable;
  }

  /** A publication may name single partitions whose changes the server does not send. */
  private static void requireSent(PublishedTable table, List<TableLeaf> leaves) {
    for (TableLeaf leaf : leaves) {
      if (leaf.id().equals(table.id()) && !leaf.sent()) {
        UnsentTable unsent = new UnsentTable(table.name(), leaf.kind() == TableLeaf.Kind.FOREIGN);
        throw new EtlException(
                ErrorKind.SOURCE_CONFIGURATION,
                "begin the copy of table " + table.name() + " failed: " + unsent.problem())
            .withFix(unsent.fix())
            .withTable(table.id().oid());
      }
    }
  }

  private EtlException notBegun(PublishedTable table, SQLException e) {
    String doing = "begin the copy of table " + table.name();
    EtlException failure =
        SqlErrors.stateOf(e).equals(SqlErrors.LOCK_NOT_AVAILABLE)
            ? new EtlException(
                ErrorKind.SOURCE_BUSY,
                doing
                    + " failed: the table was not free in time; blocked by: "
                    + source.lockHolders(table.id()),
                e)
            : SqlErrors.failure(doing, e);
    return failure.withTable(table.id().oid());
  }

  private TableCopy prepare(
      PublishedTable table, SlotSnapshot snapshot, boolean copyRows, ValueFormat format)
      throws SQLException {
    boolean prepared = false;
    try {
      Connection connection = snapshot.leader().jdbc();
      PublishedTable published = source.publishedTable(connection, table);
      List<TableLeaf> leaves = TableLeaf.of(connection, table.id());
      requireUnchanged(table, published, leaves);
      TableSchema schema =
          source.catalog().schema(connection, published, snapshot.consistentPoint());
      List<TableCopy.Worker> workers =
          copyRows
              ? workers(
                  snapshot.sessions(),
                  published,
                  schema,
                  source.rowFilter(connection, published),
                  leaves,
                  formatOf(schema, format))
              : List.of();
      prepared = true;
      return new SnapshotCopy(snapshot, schema, estimate(leaves), workers);
    } finally {
      if (!prepared) {
        snapshot.discard();
      }
    }
  }

  /** What was locked must be what is read. */
  private static void requireUnchanged(
      PublishedTable before, PublishedTable now, List<TableLeaf> leaves) {
    boolean same = before.name().equals(now.name()) && before.partitioned() == now.partitioned();
    if (!same || !leaves.stream().filter(TableLeaf::sent).allMatch(TableLeaf::locked)) {
      throw new EtlException(
              ErrorKind.SOURCE_BUSY,
              "begin the copy of table "
                  + before.name()
                  + " failed: meanwhile the table was renamed, or a partition attached")
          .withTable(before.id().oid());
    }
  }

  static ValueFormat formatOf(TableSchema schema, ValueFormat wanted) {
    if (wanted == ValueFormat.TEXT || WireRow.readsBinary(schema)) {
      return wanted;
    }
    LOG.info(
        "table {} is copied in text format: not read in binary format are {}",
        schema.name(),
        TextOnlyColumns.of(schema));
    return ValueFormat.TEXT;
  }

  private static List<TableCopy.Worker> workers(
      List<Session> sessions,
      PublishedTable table,
      TableSchema schema,
      String rowFilter,
      List<TableLeaf> leaves,
      ValueFormat format) {
    Queue<CopyRange> ranges =
        new ConcurrentLinkedQueue<>(
            CopyPlan.ranges(table.id(), table.name(), leaves, sessions.size()));
    List<TableCopy.Worker> workers = new ArrayList<>();
    for (Session session : sessions) {
      workers.add(new RangeWorker(session, schema, rowFilter, ranges, format));
    }
    return workers;
  }

  private static long estimate(List<TableLeaf> leaves) {
    List<Long> rows =
        leaves.stream().filter(TableLeaf::sent).map(TableLeaf::estimatedRows).toList();
    boolean known = rows.stream().allMatch(count -> count >= 0);
    return known ? rows.stream().mapToLong(Long::longValue).sum() : -1;
  }
}

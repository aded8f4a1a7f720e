package dev.pgetl.internal.copy;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.ReplicationSession;
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
import dev.pgetl.wal.Lsn;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
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
  public TableCopy begin(Request request) {
    List<Session> sessions = new ArrayList<>();
    boolean begun = false;
    try {
      openLocked(request.table(), Math.max(1, request.maxConnections()), sessions);
      SlotSnapshot snapshot = SlotSnapshot.take(connections, request, sessions);
      TableCopy copy = prepare(request, snapshot);
      begun = true;
      return copy;
    } catch (SQLException e) {
      throw notBegun(request.table(), e);
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
  public Lsn createSlot(String slotName) {
    boolean done = false;
    try (ReplicationSession session = connections.openReplication("create_slot")) {
      Lsn created = session.createSlot(slotName);
      done = true;
      return created;
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

  private TableCopy prepare(Request request, SlotSnapshot snapshot) throws SQLException {
    boolean prepared = false;
    try {
      TableCopy copy = SnapshotCopy.of(source, request, snapshot);
      prepared = true;
      return copy;
    } finally {
      if (!prepared) {
        snapshot.discard();
      }
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
}

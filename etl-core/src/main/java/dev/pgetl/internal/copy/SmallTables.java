package dev.pgetl.internal.copy;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.ReplicationSession;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.catalog.CreatedSlot;
import dev.pgetl.internal.capture.catalog.NameCheck;
import dev.pgetl.internal.capture.catalog.PublicationCatalog;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.TableCatalog;
import dev.pgetl.internal.capture.condition.RowChoice;
import dev.pgetl.internal.capture.session.Session;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.capture.session.SqlErrors;
import dev.pgetl.internal.row.RowMemory;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.postgresql.copy.CopyOut;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads small tables together: one slot, one snapshot and one connection for all of them. Takes the
 * plain cases only, and leaves out tables that are locked, large, or altered meanwhile.
 *
 * <p>The slot is made first, because that may have to wait for others' transactions; nothing is
 * locked then. So a table may be altered between the snapshot and its lock: one whose shape is not
 * the same in the snapshot and behind the lock is left out. The locks last only until the rows are
 * here. Runs once; owned by one thread.
 */
final class SmallTables {
  private static final Logger LOG = LoggerFactory.getLogger(SmallTables.class);

  /** What a small table has at most as it is sent: values may be compressed on disk. */
  private static final long SMALL_ROWS_BYTES = 4 << 20;

  /** DDL waits for the locks; the last table may take as long again. */
  private static final Duration LOCKED = Duration.ofSeconds(2);

  private static final String BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

  private static final String LOCKS = "SELECT current_setting('max_locks_per_transaction')::int";

  private static final String LIMIT = "SET LOCAL statement_timeout = " + LOCKED.toMillis();

  /** Opens the tables, if they are locked: a name may have led elsewhere for a moment. */
  private static final String SMALL =
      """
      WITH held AS MATERIALIZED (SELECT c.oid FROM pg_class c
        WHERE c.oid = ANY (?::oid[]) AND c.relkind = 'r' AND c.relpersistence = 'p' AND c.oid IN (
          SELECT k.relation FROM pg_locks k WHERE k.pid = pg_backend_pid() AND k.locktype = 'relation'))
      SELECT oid FROM held WHERE pg_table_size(oid) <= ?""";

  private final SourceDatabase source;
  private final CopyConnections connections;
  private final ValueFormat format;
  private final Map<TableId, GroupCopy.Rows> read = new LinkedHashMap<>();
  private final Set<TableId> alone = new LinkedHashSet<>();

  /** If something fails, one of these tables is to blame. */
  private Set<TableId> suspects = Set.of();

  SmallTables(SourceDatabase source, CopyConnections connections, ValueFormat format) {
    this.source = source;
    this.connections = connections;
    this.format = format;
  }

  /** Reads as {@link TableCopier#copySmall} says. */
  GroupCopy read(List<PublishedTable> tables, String slotName, long mostBytes) {
    ReplicationSession slot = connections.openReplication("copies");
    boolean done = false;
    try {
      String server = SlotSnapshot.server(slot.session());
      CreatedSlot created = slot.createTemporarySlot(slotName);
      try (Session session = connections.openCopy("copies")) {
        if (server.equals(SlotSnapshot.server(session))) {
          read(session, created, tables, mostBytes);
        } else {
          alone.addAll(ids(tables));
        }
      }
      done = true;
      return new GroupCopy(slot, slotName, created.consistentPoint(), read.values(), alone);
    } catch (SQLException e) {
      throw SqlErrors.failure("copy small tables", e);
    } finally {
      if (!done) {
        slot.close();
      }
    }
  }

  /** What fails is left to the copy of a single table, which reports it. */
  private void read(Session session, CreatedSlot slot, List<PublishedTable> tables, long mostBytes)
      throws SQLException {
    suspects = Set.copyOf(ids(tables));
    try {
      Sql.run(session.jdbc(), BEGIN);
      Sql.run(session.jdbc(), "SET TRANSACTION SNAPSHOT " + Sql.literal(slot.snapshotName()));
      Sql.run(session.jdbc(), LIMIT);
      List<PublishedTable> some = some(session.jdbc(), tables);
      List<PublishedTable> members = unchanged(session.jdbc(), locked(session.jdbc(), some));
      some.stream().filter(table -> !members.contains(table)).forEach(t -> alone.add(t.id()));
      session.expectBulk();
      Lsn at = slot.consistentPoint();
      read(session, source.catalog().schemas(session.jdbc(), members, at), mostBytes);
      suspects = Set.copyOf(ids(tables));
      if (!read.isEmpty()) {
        TableSchema any = read.values().iterator().next().schema();
        new NameCheck(session, any.id(), any.name()).requireNoneBut(suspects);
      }
      Sql.run(session.jdbc(), "COMMIT");
    } catch (SQLException e) {
      if (SqlErrors.isConnectionLost(e)) {
        throw e;
      }
      discard(SqlErrors.failure("copy small tables", e));
    } catch (EtlException e) {
      session.abort(); // maybe in the middle of a COPY
      if (e.kind() == ErrorKind.SOURCE_UNAVAILABLE) {
        throw e;
      }
      discard(e);
    }
  }

  private void read(Session session, List<TableSchema> schemas, long mostBytes)
      throws SQLException {
    long until = source.nanos() + LOCKED.toNanos();
    long left = mostBytes;
    for (int i = 0; i < schemas.size(); i++) {
      TableSchema schema = schemas.get(i);
      suspects = Set.of(schema.id());
      NameCheck name = new NameCheck(session, schema.id(), schema.name());
      if (i == 0) {
        name.require(schema.id(), schema.name());
      }
      left -= read(session, schema, Math.min(SMALL_ROWS_BYTES, mostBytes));
      if (i == schemas.size() - 1 || left <= 0 || source.nanos() - until > 0) {
        name.require(schema.id(), schema.name());
        return;
      }
      TableSchema next = schemas.get(i + 1);
      suspects = Set.of(schema.id(), next.id());
      name.requireThisAnd(next.id(), next.name());
    }
  }

  /** The lock table is everybody's: a group takes the place of one transaction. */
  private static List<PublishedTable> some(Connection connection, List<PublishedTable> tables)
      throws SQLException {
    int most = Sql.first(connection, LOCKS, row -> row.getInt(1)).orElse(1);
    return tables.subList(0, Math.min(most, tables.size()));
  }

  private void discard(EtlException why) {
    LOG.info("tables {} are copied alone: {}", suspects, why.summary());
    read.clear();
    alone.addAll(suspects);
  }

  private static List<TableId> ids(Collection<PublishedTable> tables) {
    return tables.stream().map(PublishedTable::id).toList();
  }

  /** {@return the tables that were free, and are locked now} */
  private static List<PublishedTable> locked(Connection connection, List<PublishedTable> tables)
      throws SQLException {
    Sql.run(connection, "SAVEPOINT locks");
    if (lock(connection, tables)) {
      return tables;
    }
    List<PublishedTable> locked = new ArrayList<>();
    for (PublishedTable table : tables) {
      if (lock(connection, List.of(table))) {
        locked.add(table);
        Sql.run(connection, "SAVEPOINT locks");
      }
    }
    return locked;
  }

  /** {@return whether all tables were free and are locked now; if not, none is} */
  private static boolean lock(Connection connection, List<PublishedTable> tables)
      throws SQLException {
    String names =
        tables.stream()
            .map(table -> "ONLY " + table.name().quoted())
            .collect(Collectors.joining(", "));
    try {
      Sql.run(connection, "LOCK TABLE " + names + " IN ACCESS SHARE MODE NOWAIT");
      return true;
    } catch (SQLException e) {
      if (SqlErrors.isConnectionLost(e)) {
        throw e;
      }
      LOG.debug("tables {} are not free", names, e);
      Sql.run(connection, "ROLLBACK TO SAVEPOINT locks");
      return false;
    }
  }

  /** {@return the tables that are small, and the same in the snapshot as they are now} */
  private List<PublishedTable> unchanged(Connection connection, List<PublishedTable> tables)
      throws SQLException {
    if (tables.isEmpty()) {
      return List.of();
    }
    List<TableId> ids = ids(tables);
    Map<TableId, String> before = TableCatalog.shapes(connection, ids);
    Map<TableId, String> now = source.catalog().shapes(ids);
    Set<TableId> small =
        Set.copyOf(
            Sql.list(
                connection,
                SMALL,
                row -> new TableId(row.getLong(1)),
                connection.createArrayOf("int8", ids.stream().map(TableId::oid).toArray()),
                TableCopier.SMALL_BYTES));
    return PublicationCatalog.tables(connection, tables.get(0).publicationName(), ids).stream()
        .filter(tables::contains)
        .filter(table -> small.contains(table.id()))
        .filter(table -> Objects.equals(before.get(table.id()), now.get(table.id())))
        .toList();
  }

  /** {@return how many bytes the rows took} They are left out if they are more than expected. */
  private long read(Session session, TableSchema schema, long most) throws SQLException {
    ValueFormat own = SnapshotCopier.formatOf(schema, format);
    GroupCopy.Rows rows = rows(session, schema, own, most);
    if (rows.bytes() > most) {
      alone.add(schema.id());
    } else {
      read.put(schema.id(), rows);
    }
    return rows.bytes();
  }

  private static GroupCopy.Rows rows(
      Session session, TableSchema schema, ValueFormat format, long mostBytes) throws SQLException {
    RowReader reader =
        format == ValueFormat.BINARY ? new BinaryRowReader(schema) : new CopyRowReader(schema);
    List<String> columns = schema.columns().stream().map(ColumnSchema::name).toList();
    CopyRange all = CopyRange.whole(schema.id(), schema.name());
    CopyOut out =
        session.copy().copyOut(all.copyCommand(columns, RowChoice.all(schema.name()), format));
    List<TableRow> rows = new ArrayList<>();
    long wireBytes = 0;
    long bytes = 0;
    for (byte[] message = out.readFromCopy(); message != null; message = out.readFromCopy()) {
      TableRow row = reader.read(message);
      wireBytes += message.length;
      bytes += RowMemory.of(message.length, columns.size());
      if (row != null && bytes <= mostBytes) {
        rows.add(row);
      }
    }
    reader.end();
    return new GroupCopy.Rows(schema, rows, wireBytes, bytes);
  }
}

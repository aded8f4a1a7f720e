package dev.pgetl.internal.copy;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.capture.catalog.TableCatalog;
import dev.pgetl.internal.capture.condition.ConditionCheck;
import dev.pgetl.internal.capture.condition.RowChoice;
import dev.pgetl.internal.capture.session.Session;
import dev.pgetl.internal.capture.session.Sql;
import dev.pgetl.internal.copy.key.CopyShape;
import dev.pgetl.internal.copy.key.KeyPlan;
import dev.pgetl.internal.copy.sample.RowSample;
import dev.pgetl.internal.estimate.RowSpread;
import dev.pgetl.internal.range.CopyRanges;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A copy whose connections all see the snapshot of one slot. */
final class SnapshotCopy implements TableCopy {
  /**
   * A range of the key is read over its index, however large a part of the table it is; and in the
   * order of blocks, which costs a little less, and much less if they are not in memory.
   */
  private static final String BY_INDEX =
      "SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off";

  private final SlotSnapshot snapshot;
  private final TableSchema schema;
  private final long estimatedRows;
  private final @Nullable RowSpread spread;
  private final String shape;
  private final List<KeyRange> ranges;
  private final List<TableCopy.Worker> workers;

  private SnapshotCopy(
      SlotSnapshot snapshot,
      TableSchema schema,
      long estimatedRows,
      @Nullable RowSpread spread,
      String shape,
      List<KeyRange> ranges,
      List<TableCopy.Worker> workers) {
    this.snapshot = snapshot;
    this.schema = schema;
    this.estimatedRows = spread == null ? estimatedRows : Math.round(spread.rows());
    this.spread = spread;
    this.shape = shape;
    this.ranges = List.copyOf(ranges);
    this.workers = List.copyOf(workers);
  }

  /** {@return the copy of what a snapshot shows} */
  static SnapshotCopy of(SourceDatabase source, TableCopier.Request request, SlotSnapshot snapshot)
      throws SQLException {
    Connection connection = snapshot.leader().jdbc();
    PublishedTable published = source.publishedTable(connection, request.table());
    List<TableLeaf> leaves = TableLeaf.of(connection, published.id());
    requireUnchanged(request.table(), published, leaves);
    Lsn version = request.version(snapshot.consistentPoint());
    TableSchema schema = source.catalog().schema(connection, published, version);
    RowChoice rows = rows(source, request, connection, published);
    List<KeyRange> keys = keys(request, snapshot, schema, leaves);
    RowSpread spread = spread(connection, request, leaves, rows);
    List<TableCopy.Worker> workers =
        request.maxConnections() == 0
            ? List.of()
            : workers(snapshot, request, schema, rows, ranges(snapshot, request, keys, leaves));
    String catalogue = TableCatalog.shapes(connection, Set.of(published.id())).toString();
    String shape = CopyShape.of(catalogue, schema, rows.rowFilter(), rows.condition());
    return new SnapshotCopy(snapshot, schema, estimate(leaves), spread, shape, keys, workers);
  }

  /**
   * {@return which rows are copied} A condition that is refused must not cost the rows there are.
   */
  private static RowChoice rows(
      SourceDatabase source,
      TableCopier.Request request,
      Connection connection,
      PublishedTable published)
      throws SQLException {
    ConditionCheck.run(connection, published, request.condition());
    return new RowChoice(
        published.name(), source.rowFilter(connection, published), request.condition());
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

  /**
   * {@return the ranges of the key; none for a table that is not read by its key, or whose ranges
   * cannot be continued because its key is another one}
   */
  private static List<KeyRange> keys(
      TableCopier.Request request,
      SlotSnapshot snapshot,
      TableSchema schema,
      List<TableLeaf> leaves)
      throws SQLException {
    CopyRanges left = request.left();
    boolean plain =
        leaves.size() == 1
            && leaves.get(0).id().equals(schema.id())
            && leaves.get(0).splittable()
            && leaves.get(0).readable();
    if (left != null) {
      boolean same = plain && KeyPlan.isKey(snapshot.leader().jdbc(), schema, left.column());
      return same ? left.keys() : List.of();
    }
    return plain && request.maxConnections() > 0
        ? KeyPlan.ranges(
            snapshot.leader().jdbc(),
            schema,
            leaves.get(0).blocks(),
            request.readBy(),
            snapshot.sessions().size())
        : List.of();
  }

  private static List<CopyRange> ranges(
      SlotSnapshot snapshot,
      TableCopier.Request request,
      List<KeyRange> keys,
      List<TableLeaf> leaves) {
    if (keys.isEmpty()) {
      PublishedTable table = request.table();
      return CopyPlan.ranges(table.id(), table.name(), leaves, snapshot.sessions().size());
    }
    CopyRanges left = request.left();
    List<CopyRange> ranges = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      if (left == null || !left.ranges().get(i).isFinished()) {
        ranges.add(CopyRange.ofKey(leaves.get(0), keys.get(i), i));
      }
    }
    return ranges;
  }

  private static List<TableCopy.Worker> workers(
      SlotSnapshot snapshot,
      TableCopier.Request request,
      TableSchema schema,
      RowChoice rows,
      List<CopyRange> ranges)
      throws SQLException {
    ValueFormat format = SnapshotCopier.formatOf(schema, request.format());
    Queue<CopyRange> waiting = new ConcurrentLinkedQueue<>(ranges);
    boolean byKey = ranges.stream().anyMatch(range -> range.number() != CopyRange.BY_BLOCK);
    List<TableCopy.Worker> workers = new ArrayList<>();
    for (Session session : snapshot.sessions()) {
      if (byKey) {
        Sql.run(session.jdbc(), BY_INDEX);
      }
      workers.add(new RangeWorker(session, schema, rows, waiting, format));
    }
    return workers;
  }

  /** {@return how rows lie; null if no rows are copied, or not all of them can be sampled} */
  private static @Nullable RowSpread spread(
      Connection connection, TableCopier.Request request, List<TableLeaf> leaves, RowChoice rows)
      throws SQLException {
    boolean all =
        leaves.stream().allMatch(leaf -> leaf.sent() && leaf.splittable() && leaf.readable());
    if (!all || request.maxConnections() == 0) {
      return null;
    }
    long blocks = leaves.stream().mapToLong(TableLeaf::blocks).sum();
    return new RowSample(rows, request.table().partitioned(), blocks).spread(connection);
  }

  private static long estimate(List<TableLeaf> leaves) {
    List<Long> rows =
        leaves.stream().filter(TableLeaf::sent).map(TableLeaf::estimatedRows).toList();
    boolean known = rows.stream().allMatch(count -> count >= 0);
    return known ? rows.stream().mapToLong(Long::longValue).sum() : -1;
  }

  @Override
  public SourceFacts facts() {
    return snapshot.facts();
  }

  @Override
  public Lsn consistentPoint() {
    return snapshot.consistentPoint();
  }

  @Override
  public TableSchema schema() {
    return schema;
  }

  @Override
  public long estimatedRows() {
    return estimatedRows;
  }

  @Override
  public @Nullable RowSpread spread() {
    return spread;
  }

  @Override
  public String shape() {
    return shape;
  }

  @Override
  public List<KeyRange> ranges() {
    return ranges;
  }

  @Override
  public List<TableCopy.Worker> workers() {
    return workers;
  }

  @Override
  public void close() {
    snapshot.close();
  }

  @Override
  public void abort() {
    snapshot.abort();
  }
}

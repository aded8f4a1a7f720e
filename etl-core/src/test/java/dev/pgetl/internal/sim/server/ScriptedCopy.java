package dev.pgetl.internal.sim.server;

import dev.pgetl.config.ReadBy;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.copy.CopyLines;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.copy.TableCopy;
import dev.pgetl.internal.copy.key.CopyShape;
import dev.pgetl.internal.estimate.RowSpread;
import dev.pgetl.internal.range.CopyRanges;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Rows of one table as they were when a slot was made, by key for three tables in four. */
final class ScriptedCopy implements TableCopy {
  private static final int BY_BLOCK = -1;

  /**
   * Lines that one connection reads without a break.
   *
   * @param number the range they are of
   */
  private record Share(int number, List<byte[]> lines) {}

  private final Cluster cluster;
  private final Link connection;
  private final TableCopier.Request request;
  private final Table table;
  private final Lsn consistentPoint;
  private final SourceFacts facts;
  private final TableSchema schema;
  private final boolean shuffled;
  private final List<KeyRange> ranges;
  private final Queue<Share> shares = new ArrayDeque<>();
  private final List<TableCopy.Worker> workers = new ArrayList<>();

  /**
   * Begins a copy while the snapshot of its slot is what is committed.
   *
   * @param connection sees the snapshot, and is cut at the end
   * @param ends where ranges begin; null for the history's choice
   */
  ScriptedCopy(
      Cluster cluster,
      Link connection,
      TableCopier.Request request,
      PublishedTable published,
      Slot slot,
      @Nullable List<Integer> ends) {
    this.cluster = cluster;
    this.connection = connection;
    this.request = request;
    this.consistentPoint = new Lsn(slot.confirmed());
    this.facts = cluster.facts();
    cluster.sends(slot.confirmed());
    this.table = cluster.disk().table(published.id().oid()).copy();
    this.schema = schema(table, published, request.version(consistentPoint));
    this.shuffled = ends == null && cluster.random().nextBoolean();
    this.ranges = plan(ends);
  }

  private static TableSchema schema(Table table, PublishedTable published, Lsn version) {
    return table.shape().schema(version).toBuilder().scope(published.scope()).build();
  }

  /** {@return the shape of a table as it is now} */
  static String shape(Table table, PublishedTable published) {
    return CopyShape.of(table.catalogue(), schema(table, published, Lsn.ZERO), "", "");
  }

  private List<KeyRange> plan(@Nullable List<Integer> ends) {
    CopyRanges left = request.left();
    if (left != null) {
      return left.keys();
    }
    if (ends != null) {
      return RangePlan.between(table, ends);
    }
    boolean byKey = request.readBy() != ReadBy.BLOCK && cluster.random().nextInt(4) > 0;
    return byKey && request.maxConnections() > 0
        ? RangePlan.of(table, cluster.random())
        : List.of();
  }

  /**
   * Divides the rows among connections.
   *
   * @param longestBreakNanos how long the server may take before it sends the next part
   */
  void divide(long longestBreakNanos) {
    int connections = request.maxConnections();
    if (ranges.isEmpty()) {
      divideByBlock(connections);
    } else {
      divideByKey();
    }
    for (int i = 0; i < connections; i++) {
      workers.add(sink -> read(sink, longestBreakNanos));
    }
  }

  private void divideByBlock(int connections) {
    List<byte[]> lines = table.rows().values().stream().map(this::line).toList();
    for (int i = 0; i < connections; i++) {
      List<byte[]> share = new ArrayList<>();
      for (int line = i; line < lines.size(); line += connections) {
        share.add(lines.get(line));
      }
      shares.add(new Share(BY_BLOCK, share));
    }
  }

  private void divideByKey() {
    CopyRanges left = request.left();
    Random order = new Random(cluster.random().nextLong());
    List<Share> parts = new ArrayList<>();
    for (int i = 0; i < ranges.size(); i++) {
      if (left == null || !left.ranges().get(i).isFinished()) {
        List<byte[]> lines = new ArrayList<>(lines(ranges.get(i)));
        if (shuffled && order.nextBoolean()) {
          Collections.shuffle(lines, order);
        }
        parts.add(new Share(i, lines));
      }
    }
    if (shuffled) {
      Collections.shuffle(parts, order);
    }
    shares.addAll(parts);
  }

  private List<byte[]> lines(KeyRange range) {
    return table.rows().values().stream()
        .filter(row -> RangePlan.contains(range, row.key()))
        .map(this::line)
        .toList();
  }

  private byte[] line(Row row) {
    return CopyLines.line(table.shape().cells(row));
  }

  private void read(TableCopy.Sink sink, long longestBreakNanos) throws InterruptedException {
    String doing = "copy table " + schema.name();
    connection.travel(doing);
    if (request.continues()) {
      cluster.encounters().copyContinues(table.shape().id());
    }
    for (Share share = shares.poll(); share != null; share = shares.poll()) {
      read(share, sink, longestBreakNanos);
    }
    connection.require(doing);
  }

  private void read(Share share, TableCopy.Sink sink, long longestBreakNanos)
      throws InterruptedException {
    String doing = "copy table " + schema.name();
    takeABreak(1, longestBreakNanos);
    if (share.number() != BY_BLOCK) {
      sink.begin(share.number());
    }
    for (byte[] line : share.lines()) {
      if (cluster.random().nextInt(8) == 0) {
        connection.travel(doing);
      }
      takeABreak(6, longestBreakNanos);
      sink.accept(CopyLines.read(schema, line.clone()), line.length);
    }
    if (share.number() != BY_BLOCK) {
      connection.require(doing);
      sink.end();
    }
  }

  private void takeABreak(int oneIn, long longestNanos) {
    if (longestNanos > 0 && cluster.random().nextInt(oneIn) == 0) {
      cluster.scheduler().pause(cluster.random().nextLong(longestNanos));
    }
  }

  @Override
  public SourceFacts facts() {
    return facts;
  }

  @Override
  public Lsn consistentPoint() {
    return consistentPoint;
  }

  @Override
  public TableSchema schema() {
    return schema;
  }

  @Override
  public long estimatedRows() {
    return -1;
  }

  @Override
  public @Nullable RowSpread spread() {
    return null;
  }

  @Override
  public String shape() {
    return CopyShape.of(table.catalogue(), schema, "", "");
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
    connection.cut();
  }

  @Override
  public void abort() {
    connection.cut();
  }
}

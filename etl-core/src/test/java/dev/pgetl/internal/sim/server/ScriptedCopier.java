package dev.pgetl.internal.sim.server;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.copy.CopyLines;
import dev.pgetl.internal.copy.GroupCopy;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.copy.TableCopy;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Copies tables of a scripted cluster under the snapshot of the slot it makes. */
public final class ScriptedCopier implements TableCopier {
  private final ScriptedSource source;
  private final boolean allSmall;
  private final Cluster cluster;
  private @Nullable Link link;
  private @Nullable ScriptedConnection small;
  private boolean aborted;

  public ScriptedCopier(ScriptedSource source) {
    this(source, false);
  }

  /**
   * Creates a copier.
   *
   * @param allSmall whether all tables can be copied together; otherwise three in four
   */
  public ScriptedCopier(ScriptedSource source, boolean allSmall) {
    this.source = source;
    this.allSmall = allSmall;
    this.cluster = source.cluster();
  }

  @Override
  public TableCopy begin(Request request) {
    PublishedTable table = request.table();
    String slotName = request.slotName();
    String doing = "begin the copy of table " + table.name();
    long oid = table.id().oid();
    Link opened = source.open(doing, () -> cluster.unlock(oid));
    link = opened;
    boolean begun = false;
    boolean made = false;
    try {
      requireNotAborted(opened, doing);
      cluster.lock(oid);
      Slot slot =
          SlotMaker.create(cluster, opened, slotName, source.config().lockTimeout().toNanos());
      made = true;
      Copy copy = new Copy(source.publishedNow(table.publicationName(), table.id()), slot, opened);
      requireUnchanged(table);
      opened.travel(doing);
      copy.split(request.maxConnections());
      begun = true;
      return copy;
    } finally {
      if (!begun) {
        opened.cut();
        if (made) {
          discard(slotName);
        }
      }
    }
  }

  /** Which tables are small is the history's choice. */
  @Override
  public GroupCopy copySmall(
      List<PublishedTable> tables, String slotName, ValueFormat format, long mostBytes) {
    ScriptedConnection opened = new ScriptedConnection(source);
    small = opened;
    boolean done = false;
    try {
      if (aborted) {
        opened.close();
      }
      Lsn start = new Lsn(opened.createTemporarySlot(slotName).confirmed());
      cluster.sends(start.value());
      List<GroupCopy.Rows> rows = new ArrayList<>();
      List<TableId> alone = new ArrayList<>();
      for (PublishedTable table : tables) {
        if ((!allSmall && cluster.random().nextInt(4) == 0) || !isThere(table)) {
          alone.add(table.id());
        } else {
          rows.add(rows(table, start));
        }
      }
      opened.travel("copy small tables");
      done = true;
      return new GroupCopy(opened, slotName, start, rows, alone);
    } finally {
      if (!done) {
        opened.close();
      }
    }
  }

  private boolean isThere(PublishedTable before) {
    Table table = cluster.disk().tables.get(before.id().oid());
    return table != null && table.shape().tableName().equals(before.name());
  }

  private GroupCopy.Rows rows(PublishedTable published, Lsn start) {
    Table table = cluster.disk().table(published.id().oid());
    TableSchema schema = table.shape().schema(start).toBuilder().scope(published.scope()).build();
    List<TableRow> rows =
        table.rows().values().stream()
            .map(row -> CopyLines.read(schema, CopyLines.line(table.shape().cells(row))))
            .toList();
    return new GroupCopy.Rows(schema, rows, rows.size(), rows.size());
  }

  private void requireUnchanged(PublishedTable before) {
    Table table = cluster.disk().tables.get(before.id().oid());
    if (table == null || !table.shape().tableName().equals(before.name())) {
      throw new EtlException(ErrorKind.SOURCE_BUSY, "meanwhile the table was renamed")
          .withTable(before.id().oid());
    }
  }

  private void requireNotAborted(Link opened, String doing) {
    if (aborted) {
      opened.cut();
    }
    opened.require(doing);
  }

  private void discard(String slotName) {
    try {
      source.dropSlot(slotName);
    } catch (EtlException ignored) {
      // the caller tries again
    }
  }

  @Override
  public void abort() {
    aborted = true;
    Link opened = link;
    if (opened != null) {
      opened.cut();
    }
    ScriptedConnection together = small;
    if (together != null) {
      together.close();
    }
  }

  /** Rows as they were when the slot was made. */
  private final class Copy implements TableCopy {
    private final Link connection;
    private final Lsn consistentPoint;
    private final SourceFacts facts;
    private final TableSchema schema;
    private final List<byte[]> lines = new ArrayList<>();
    private final List<TableCopy.Worker> workers = new ArrayList<>();

    private Copy(PublishedTable published, Slot slot, Link connection) {
      this.connection = connection;
      this.consistentPoint = new Lsn(slot.confirmed());
      this.facts = cluster.facts();
      cluster.sends(slot.confirmed());
      Table table = cluster.disk().table(published.id().oid());
      this.schema =
          table.shape().schema(consistentPoint).toBuilder().scope(published.scope()).build();
      table.rows().values().forEach(row -> lines.add(CopyLines.line(table.shape().cells(row))));
    }

    private void split(int connections) {
      for (int i = 0; i < connections; i++) {
        List<byte[]> share = new ArrayList<>();
        for (int line = i; line < lines.size(); line += connections) {
          share.add(lines.get(line));
        }
        workers.add(sink -> read(share, sink));
      }
    }

    private void read(List<byte[]> share, TableCopy.Sink sink) throws InterruptedException {
      String doing = "copy table " + schema.name();
      connection.travel(doing);
      for (byte[] line : share) {
        if (cluster.random().nextInt(8) == 0) {
          connection.travel(doing);
        }
        sink.accept(CopyLines.read(schema, line.clone()), line.length);
      }
      connection.require(doing);
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
    public String shape() {
      return "";
    }

    @Override
    public List<KeyRange> ranges() {
      return List.of();
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
}

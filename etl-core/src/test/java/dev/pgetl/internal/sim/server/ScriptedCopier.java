package dev.pgetl.internal.sim.server;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.PublishedTable;
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
  private final long longestBreakNanos;
  private final @Nullable List<Integer> ends;
  private final Cluster cluster;
  private @Nullable Link link;
  private @Nullable ScriptedConnection exporting;
  private boolean aborted;

  public ScriptedCopier(ScriptedSource source) {
    this(source, false, 0);
  }

  /**
   * Creates a copier.
   *
   * @param allSmall whether all tables can be copied together; otherwise three in four
   * @param longestBreakNanos how long the server may take before it sends the next part of a table
   */
  public ScriptedCopier(ScriptedSource source, boolean allSmall, long longestBreakNanos) {
    this(source, allSmall, longestBreakNanos, null);
  }

  private ScriptedCopier(
      ScriptedSource source,
      boolean allSmall,
      long longestBreakNanos,
      @Nullable List<Integer> ends) {
    this.source = source;
    this.ends = ends;
    this.allSmall = allSmall;
    this.longestBreakNanos = longestBreakNanos;
    this.cluster = source.cluster();
  }

  /**
   * {@return a copier that reads every table by key, one range after the other}
   *
   * @param ends the keys with which ranges begin, but for the first
   */
  public static ScriptedCopier byKey(ScriptedSource source, List<Integer> ends) {
    return new ScriptedCopier(source, false, 0, ends);
  }

  @Override
  public TableCopy begin(Request request) {
    PublishedTable table = request.table();
    String doing = "begin the copy of table " + table.name();
    long oid = table.id().oid();
    Link opened = source.open(doing, () -> cluster.unlock(oid));
    link = opened;
    boolean begun = false;
    try {
      requireNotAborted(opened, doing);
      cluster.lock(oid);
      ScriptedCopy copy =
          request.temporary() ? beginAgain(request, opened) : beginFirst(request, opened);
      begun = true;
      return copy;
    } finally {
      if (!begun) {
        opened.cut();
      }
    }
  }

  /** The slot of the copy stays when it has failed to begin only if it cannot be dropped. */
  private ScriptedCopy beginFirst(Request request, Link opened) {
    long limit = source.config().lockTimeout().toNanos();
    Slot slot = SlotMaker.create(cluster, opened, request.slotName(), limit);
    boolean begun = false;
    try {
      ScriptedCopy copy = see(request, opened, slot);
      begun = true;
      return copy;
    } finally {
      if (!begun) {
        opened.cut();
        discard(request.slotName());
      }
    }
  }

  /** The snapshot is what the copy continues with; its slot ends with its own connection. */
  private ScriptedCopy beginAgain(Request request, Link opened) {
    ScriptedConnection exporter = new ScriptedConnection(source);
    exporting = exporter;
    try {
      if (aborted) {
        exporter.close();
      }
      return see(request, opened, exporter.createTemporarySlot(request.slotName()));
    } finally {
      exporter.close();
    }
  }

  private ScriptedCopy see(Request request, Link opened, Slot slot) {
    PublishedTable table = request.table();
    PublishedTable now = source.publishedNow(table.publicationName(), table.id());
    ScriptedCopy copy = new ScriptedCopy(cluster, opened, request, now, slot, ends);
    requireUnchanged(table);
    opened.travel("begin the copy of table " + table.name());
    copy.divide(longestBreakNanos);
    return copy;
  }

  /** Which tables are small is the history's choice. */
  @Override
  public GroupCopy copySmall(
      List<PublishedTable> tables, String slotName, ValueFormat format, long mostBytes) {
    ScriptedConnection opened = new ScriptedConnection(source);
    exporting = opened;
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
    return source.isPublished(before.publicationName(), before.id())
        && source.publishedNow(before.publicationName(), before.id()).equals(before);
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
  public Lsn createSlot(String slotName) {
    String doing = "create slot " + slotName;
    Link opened = source.open(doing, () -> {});
    link = opened;
    try {
      requireNotAborted(opened, doing);
      long limit = source.config().lockTimeout().toNanos();
      Lsn start = new Lsn(SlotMaker.create(cluster, opened, slotName, limit).confirmed());
      opened.travel(doing);
      return start;
    } finally {
      opened.cut();
    }
  }

  @Override
  public void abort() {
    aborted = true;
    Link opened = link;
    if (opened != null) {
      opened.cut();
    }
    ScriptedConnection together = exporting;
    if (together != null) {
      together.close();
    }
  }
}

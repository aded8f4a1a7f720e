package dev.pgetl.internal.runtime.sync;

import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.copy.GroupCopy;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.deliver.Attempts;
import dev.pgetl.internal.runtime.rows.AnswerTimes;
import dev.pgetl.internal.runtime.rows.GroupTransfer;
import dev.pgetl.internal.runtime.stream.ApplyProgress;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.TableEvent.CopyFinished;
import dev.pgetl.internal.runtime.table.TableEvent.HandedOver;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a sync worker does for many small tables: takes them together from {@code Init} to {@code
 * SyncDone}, with one slot, one snapshot, one stream and one meeting point; in a pipeline that only
 * copies, to {@code FinishedCopy}.
 *
 * <p>It takes the plain cases only, and leaves the others to {@link TableSync}. Nothing of it can
 * be resumed: a table that does not get to {@code SyncDone} stays in {@code DataSync}, and is
 * copied again, which costs little. Runs once; {@link #stop}, {@link #giveUp} and {@link
 * #isStopped} are for any thread.
 */
final class GroupSync implements Sync {
  private static final Logger LOG = LoggerFactory.getLogger(GroupSync.class);

  /** Rows of a group at most; several groups work at the same time. */
  private static final long MOST_BYTES = 8 << 20;

  private final PipelineContext context;
  private final StreamResources resources;
  private final Tables tables;
  private final ApplyProgress apply;
  private final List<Table> members;
  private final Consumer<Table> released;
  private final Set<Table> left = new HashSet<>();
  private final Set<Table> gone = new HashSet<>();
  private final TableCopier copier;
  private final GroupTransfer rows;
  private volatile boolean stopped;
  private volatile @Nullable MeetingStream meeting;
  private volatile @Nullable WalStream wal;

  GroupSync(
      PipelineContext context,
      StreamResources resources,
      Tables tables,
      List<Table> members,
      ApplyProgress apply,
      AnswerTimes times,
      Consumer<Table> released) {
    this.context = context;
    this.resources = resources;
    this.tables = tables;
    this.members = List.copyOf(members);
    this.apply = apply;
    this.released = released;
    this.copier = context.copiers().copier();
    this.rows =
        new GroupTransfer(
            context, resources, tables, members, context.source()::requireOwned, times, released);
  }

  /** A table is not part of the group after all; called before it runs. */
  void leave(Table table) {
    left.add(table);
  }

  private List<Table> present() {
    return members.stream().filter(table -> !left.contains(table)).toList();
  }

  /** {@return whether the table is released, or will be, without the others} */
  boolean isGone(Table table) {
    return gone.contains(table) || rows.isBehind(table);
  }

  /** {@return why a table of the group failed, once it has run; null if it did not} */
  @Nullable EtlException failure(Table table) {
    return rows.failure(table);
  }

  @Override
  public void run() throws InterruptedException {
    List<Table> present = present();
    List<PublishedTable> plain = new PlainTables(context, apply, this::isStopped).of(present);
    Set<TableId> stay = plain.stream().map(PublishedTable::id).collect(Collectors.toSet());
    present.stream().filter(table -> !stay.contains(table.id())).forEach(this::releaseAlone);
    if (plain.isEmpty() || stopped) {
      return;
    }
    PipelineConfig config = context.config();
    String slot = context.temporarySlot("g");
    try (GroupCopy copy =
        copier.copySmall(plain, slot, ValueFormat.of(config.binary()), mostBytes())) {
      present.stream()
          .filter(table -> !gone.contains(table) && copy.alone().contains(table.id()))
          .forEach(this::releaseAlone);
      if (copy.size() > 0) {
        copyAndCatchUp(copy);
      }
    }
  }

  private void copyAndCatchUp(GroupCopy copy) throws InterruptedException {
    if (context.copyOnly()) {
      copy.close(); // the rows are here, and no stream follows
    }
    List<Table> copied = rows.run(copy);
    if (stopped || copied.isEmpty()) {
      return;
    }
    if (context.copyOnly()) {
      tables.move(copied, new CopyFinished());
    } else {
      catchUp(copy, copied);
    }
  }

  /** What is copied alone need not wait for the others. */
  private void releaseAlone(Table table) {
    if (!stopped) {
      table.notes().copyAlone();
      gone.add(table);
      released.accept(table);
    }
  }

  private long mostBytes() {
    return Math.max(1, Math.min(MOST_BYTES, context.config().maxBufferedBytes() / 8));
  }

  // ---- the stream ----

  private void catchUp(GroupCopy copy, List<Table> copied) throws InterruptedException {
    SourceFacts server = copy.connection().facts();
    try {
      Optional<Lsn> reached = stream(copy, copied, server.currentWal());
      if (reached.isPresent()) {
        handOver(copied, reached.get(), server.timeline());
      }
    } finally {
      copied.forEach(Table::withdraw);
    }
  }

  /** {@return where the stream ended, see {@link MeetingStream#read}} */
  private Optional<Lsn> stream(GroupCopy copy, List<Table> copied, Lsn serverAt)
      throws InterruptedException {
    try (MeetingStream begun =
        new MeetingStream(
            context, resources, tables, copied, this::isStopped, this::confirm, null)) {
      meeting = begun;
      try (WalStream stream =
          copy.connection().stream(
              copy.slotName(),
              context.config().publicationName(),
              copy.consistentPoint(),
              resources.format().current())) {
        wal = stream;
        return begun.read(stream, copy.consistentPoint(), serverAt);
      }
    }
  }

  /** The slot ends with its connection, so the server alone needs the position. */
  private void confirm(Lsn durable) {
    WalStream stream = wal;
    if (stream != null) {
      stream.confirm(durable);
    }
  }

  /**
   * Where the apply worker did not wait, the table's own worker has to. All agree at once, or none.
   */
  private void handOver(List<Table> copied, Lsn end, int timeline) throws InterruptedException {
    List<Table> agreed = new ArrayList<>();
    List<Table> late = new ArrayList<>();
    boolean any =
        apply.agree(
            timeline,
            () -> {
              copied.forEach(table -> (table.agree(end) ? agreed : late).add(table));
              return !agreed.isEmpty();
            },
            this::isStopped);
    late.forEach(table -> table.notes().copyAlone());
    if (any) {
      new Attempts(resources.backoff().unlimited(), rows.between(agreed.get(0)))
          .run(() -> tables.move(agreed, new HandedOver(end)));
    }
  }

  // ---- the end ----

  @Override
  public boolean retriesCalls() {
    return false;
  }

  @Override
  public void abandon(Table table) {
    LOG.debug("table {} leaves its group", table.name());
  }

  @Override
  public void stop() {
    stopped = true;
    rows.stop();
    copier.abort();
    members.forEach(Table::withdraw);
  }

  @Override
  public void giveUp() {
    rows.giveUp();
    MeetingStream streaming = meeting;
    if (streaming != null) {
      streaming.abort();
    }
  }

  @Override
  public boolean isStopped() {
    return stopped;
  }
}

package dev.pgetl.internal.runtime.sync;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.copy.GroupCopy;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.deliver.Attempts;
import dev.pgetl.internal.deliver.ByteBudget;
import dev.pgetl.internal.runtime.stream.ApplyProgress;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.TableEvent.CopyStarted;
import dev.pgetl.internal.runtime.table.TableEvent.HandedOver;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a sync worker does for many small tables: takes them together from {@code Init} to {@code
 * SyncDone}, with one slot, one snapshot, one stream and one meeting point.
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

  private static final int SLOT_NAMES = 1_000_000_000;

  private final PipelineContext context;
  private final StreamResources resources;
  private final Tables tables;
  private final ApplyProgress apply;
  private final Map<Table, CopyDelivery> members = new LinkedHashMap<>();
  private final Set<Table> left = new HashSet<>();
  private final Map<Table, EtlException> failures = new HashMap<>();
  private final TableCopier copier;
  private volatile boolean stopped;
  private volatile @Nullable MeetingStream meeting;
  private volatile @Nullable WalStream wal;

  GroupSync(
      PipelineContext context,
      StreamResources resources,
      Tables tables,
      List<Table> members,
      ApplyProgress apply) {
    this.context = context;
    this.resources = resources;
    this.tables = tables;
    this.apply = apply;
    this.copier = context.copiers().copier();
    members.forEach(this::join);
  }

  private void join(Table table) {
    members.put(
        table,
        new CopyDelivery(
            context.destination(),
            table.trouble(),
            resources.backoff(),
            context.source()::requireOwned,
            context.platform()));
  }

  private Table table(TableId id) {
    return Objects.requireNonNull(tables.find(id), "a table that is in the group");
  }

  private CopyDelivery delivery(Table table) {
    return Objects.requireNonNull(members.get(table), "a table that is in the group");
  }

  /** A table is not part of the group after all; called before it runs. */
  void leave(Table table) {
    left.add(table);
  }

  private List<Table> present() {
    return members.keySet().stream().filter(table -> !left.contains(table)).toList();
  }

  /** {@return why a table of the group failed, once it has run; null if it did not} */
  @Nullable EtlException failure(Table table) {
    return failures.get(table);
  }

  @Override
  public void run() throws InterruptedException {
    List<PublishedTable> plain = new PlainTables(context, apply, this::isStopped).of(present());
    if (plain.isEmpty() || stopped) {
      return;
    }
    PipelineConfig config = context.config();
    String slot = context.syncSlotPrefix() + "g" + context.platform().random().nextInt(SLOT_NAMES);
    try (GroupCopy copy =
        copier.copySmall(plain, slot, ValueFormat.of(config.binary()), mostBytes())) {
      copy.alone().forEach(id -> table(id).notes().copyAlone());
      if (copy.size() > 0) {
        List<Table> copied = deliver(copy);
        if (!stopped && !copied.isEmpty()) {
          catchUp(copy, copied);
        }
      }
    }
  }

  private long mostBytes() {
    return Math.max(1, Math.min(MOST_BYTES, context.config().maxBufferedBytes() / 8));
  }

  // ---- the rows ----

  /** What the destination did with a table's rows. */
  private record Written(TableSchema schema, WriteResult result) {}

  /** {@return the tables whose rows are durable} */
  private List<Table> deliver(GroupCopy copy) throws InterruptedException {
    LOG.info("copying {} small tables together", copy.size());
    long bytes = copy.bytes();
    ByteBudget.Share share = resources.budget().open();
    boolean unused = share.take(bytes);
    share.close();
    try {
      return complete(write(copy));
    } finally {
      resources.budget().giveBack(bytes);
    }
  }

  private Map<Table, Written> write(GroupCopy copy) throws InterruptedException {
    Map<Table, Written> written = new LinkedHashMap<>();
    for (GroupCopy.Rows rows = copy.take(); rows != null && !stopped; rows = copy.take()) {
      Table table = table(rows.schema().id());
      try {
        written.put(table, write(table, rows, copy.consistentPoint()));
      } catch (EtlException e) {
        failures.put(table, e);
        if (e.kind().isTemporary()) {
          table.notes().copyAlone();
          putOff(copy, e);
        }
      } catch (InterruptedException e) {
        failures.put(table, interrupted(e));
      }
    }
    return written;
  }

  /** What is away for one table may be away for the next. */
  private void putOff(GroupCopy copy, EtlException reason) {
    for (GroupCopy.Rows rows = copy.take(); rows != null; rows = copy.take()) {
      failures.put(table(rows.schema().id()), putOff(reason));
    }
  }

  private static EtlException putOff(EtlException reason) {
    return new EtlException(
        reason.kind(), "the copy was put off after another one had failed", reason);
  }

  /** The destination interrupted the thread that called it; what becomes of that is the table's. */
  private EtlException interrupted(InterruptedException e) throws InterruptedException {
    if (stopped) {
      throw e;
    }
    return new EtlException(ErrorKind.INTERNAL, "the copy was interrupted by an extension", e);
  }

  private Written write(Table table, GroupCopy.Rows rows, Lsn consistentPoint)
      throws InterruptedException {
    TableSchema schema = rows.schema();
    CopyDelivery delivery = delivery(table);
    CopyTarget target = new CopyTarget(context, table, delivery);
    table.move(new CopyStarted());
    if (stopped) {
      throw new InterruptedException("stopped before table " + table.name() + " is truncated");
    }
    target.truncate(schema);
    target.forgetOtherHistory(consistentPoint);
    context.store().storeTableSchema(schema);
    table.notes().copyBegins(schema, rows.rows().size());
    boolean accepted = false;
    int size = batchSize(rows);
    int from = 0;
    do {
      int to = Math.min(rows.rows().size(), from + size);
      accepted |= delivery.write(schema, rows.rows().subList(from, to)) == WriteResult.ACCEPTED;
      table.notes().answered(schema);
      table.copied(
          to - from, rows.rows().isEmpty() ? 0 : rows.bytes() * (to - from) / rows.rows().size());
      from = to;
    } while (from < rows.rows().size());
    return new Written(schema, accepted ? WriteResult.ACCEPTED : WriteResult.DURABLE);
  }

  private int batchSize(GroupCopy.Rows rows) {
    BatchConfig batch = context.config().batch();
    long share = rows.rows().size() * batch.maxBytes() / Math.max(1, rows.bytes());
    return (int) Math.max(1, Math.min(batch.maxSize(), share));
  }

  private List<Table> complete(Map<Table, Written> written) throws InterruptedException {
    List<Table> copied = new ArrayList<>();
    boolean accepted =
        written.values().stream().anyMatch(each -> each.result() == WriteResult.ACCEPTED);
    if (accepted && !stopped && !flush(written.keySet())) {
      return copied;
    }
    EtlException away = null;
    for (Map.Entry<Table, Written> each : written.entrySet()) {
      Table table = each.getKey();
      if (stopped) {
        return copied;
      }
      EtlException failure = away == null ? complete(table, each.getValue().schema()) : away;
      if (failure == null) {
        copied.add(table);
      } else {
        failures.put(table, failure);
        away = failure.kind().isTemporary() ? failure : null;
      }
    }
    return copied;
  }

  private boolean flush(Set<Table> written) throws InterruptedException {
    EtlException failure;
    try {
      delivery(written.iterator().next()).flush();
      return true;
    } catch (EtlException e) {
      failure = e;
    } catch (InterruptedException e) {
      failure = interrupted(e);
    }
    written.forEach(table -> failures.put(table, failure));
    return false;
  }

  /** {@return why it failed; null if it did not} */
  private @Nullable EtlException complete(Table table, TableSchema schema)
      throws InterruptedException {
    try {
      delivery(table).copied(schema);
      return null;
    } catch (EtlException e) {
      return e;
    } catch (InterruptedException e) {
      return interrupted(e);
    }
  }

  // ---- the stream ----

  private void catchUp(GroupCopy copy, List<Table> copied) throws InterruptedException {
    try {
      Optional<Lsn> reached = stream(copy, copied);
      if (reached.isPresent()) {
        handOver(copied, reached.get());
      }
    } finally {
      copied.forEach(Table::withdraw);
    }
  }

  /** {@return where the stream ended, see {@link MeetingStream#read}} */
  private Optional<Lsn> stream(GroupCopy copy, List<Table> copied) throws InterruptedException {
    Lsn serverAt = copy.connection().facts().currentWal();
    try (MeetingStream begun =
        new MeetingStream(context, resources, tables, copied, this::isStopped, this::confirm)) {
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

  /** Where the apply worker did not wait, the table's own worker has to. */
  private void handOver(List<Table> copied, Lsn end) throws InterruptedException {
    List<Table> agreed = copied.stream().filter(table -> table.agree(end)).toList();
    for (Table table : copied) {
      if (agreed.contains(table)) {
        new Attempts(resources.backoff().unlimited(), delivery(table))
            .run(() -> table.move(new HandedOver(end)));
      } else {
        table.notes().copyAlone();
      }
    }
  }

  // ---- the end ----

  @Override
  public void abandon(Table table) {
    LOG.debug("table {} leaves its group", table.name());
  }

  @Override
  public void stop() {
    stopped = true;
    members.values().forEach(CopyDelivery::stop);
    copier.abort();
    members.keySet().forEach(Table::withdraw);
  }

  @Override
  public void giveUp() {
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

package dev.pgetl.internal.runtime.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.internal.capture.OneSlotSource;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.copy.CopyLines;
import dev.pgetl.internal.copy.GroupCopy;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.copy.TableCopy;
import dev.pgetl.internal.deliver.Backoff;
import dev.pgetl.internal.deliver.ByteBudget;
import dev.pgetl.internal.deliver.CallGate;
import dev.pgetl.internal.deliver.CopyPace;
import dev.pgetl.internal.estimate.CopyCosts;
import dev.pgetl.internal.platform.ManualPlatform;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.rows.AnswerTimes;
import dev.pgetl.internal.runtime.stream.ApplyProgress;
import dev.pgetl.internal.runtime.stream.StreamFormat;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.runtime.worker.Worker;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.RowScope;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PlainStore;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Small tables of a source, and what a test sees of the one worker that copies them. Table 7 is
 * {@code t7} and has the rows that {@link #table} got. The stream fails unless a test wants it.
 */
final class GroupScene {
  static final Lsn POINT = new Lsn(0x100);
  static final long ROW_BYTES = 10;

  /** The settings leave its rows out. */
  static final int NOT_COPIED = 99;

  final EtlException noStream = new EtlException(ErrorKind.SOURCE_UNAVAILABLE, "no stream");
  final List<String> calls = new CopyOnWriteArrayList<>();

  /** What happens during a call, when a table has entered a phase, or before a retry. */
  final Map<String, Runnable> during = new ConcurrentHashMap<>();

  final Set<String> accepted = new HashSet<>();

  /** Tables whose rows are kept aside. */
  final Set<String> replaced = new HashSet<>();

  final List<Long> held = new CopyOnWriteArrayList<>();
  final PlainStore store = new PlainStore();
  final Server source = new Server();
  final Copier copier = new Copier();
  final ByteBudget budget = new ByteBudget(1 << 20);
  final PipelineContext context;
  final Tables tables;
  final ManualPlatform platform = new ManualPlatform(0);

  /** Tables that left their group before it ended. */
  final List<Table> released = new CopyOnWriteArrayList<>();

  private final List<Throwable> unexpected = new CopyOnWriteArrayList<>();
  private final Worker.Factory workers = new Worker.Factory("shop", platform, unexpected::add);
  int appliedAfter;

  /** Why no table is handed over; null if tables are. */
  @Nullable EtlException disagreement;

  GroupScene() {
    this(BatchConfig.DEFAULT);
  }

  GroupScene(BatchConfig batch) {
    context =
        new PipelineContext(
            PipelineConfig.builder(
                    "shop", "pub", PgConnectionConfig.builder("localhost", "shop", "etl").build())
                .batch(batch)
                .tableCopy(TableCopyConfig.except(Set.of(name(NOT_COPIED))))
                .build(),
            store,
            new Calls(),
            new Listener(),
            source,
            () -> copier,
            platform);
    tables = new Tables(context);
  }

  // ---- what a test prepares ----

  static TableName name(int id) {
    return new TableName("public", "t" + id);
  }

  static PublishedTable published(int id, boolean partitioned, String missing, String filter) {
    return new PublishedTable(
        "pub",
        new TableId(id),
        name(id),
        partitioned,
        new PublishedTable.Columns(List.of("id"), "1:25:-1"),
        missing,
        ReplicaIdentity.DEFAULT,
        new RowScope(1, "", "", filter, "", Map.of()));
  }

  static TableSchema schema(int id) {
    return TableSchema.builder(new TableId(id), name(id))
        .snapshotLsn(POINT)
        .columns(List.of(ColumnSchema.of("id", PgType.unknown(25))))
        .build();
  }

  /** {@return a plain table that is new and has so many rows} */
  Table table(int id, int rows) {
    Table table = tables.add(new TableId(id), name(id));
    TableSchema schema = schema(id);
    TableRow row = CopyLines.read(schema, CopyLines.line(List.of("1")));
    source.published.put(table.id(), published(id, false, "", ""));
    copier.rows.put(
        table.id(),
        new GroupCopy.Rows(
            schema, Collections.nCopies(rows, row), rows * ROW_BYTES, rows * ROW_BYTES));
    return table;
  }

  /** A call fails with this. */
  void fail(String call, RuntimeException failure) {
    during.put(
        call,
        () -> {
          throw failure;
        });
  }

  /** It happens during one call only. */
  void once(String call, Runnable what) {
    Runnable unused = during.remove(call);
    what.run();
  }

  /** A failed call is not repeated. */
  GroupSync sync(Table... members) {
    StreamResources resources =
        new StreamResources(
            budget,
            new CopyPace(() -> 0, Platform.jvm()),
            new CopyCosts(Platform.jvm()),
            new Backoff(Duration.ofMillis(1), 0, new Random(1)),
            new CallGate(platform),
            new StreamFormat(ValueFormat.TEXT),
            workers);
    return new GroupSync(
        context,
        resources,
        tables,
        List.of(members),
        new Applied(),
        new AnswerTimes(platform, platform),
        released::add);
  }

  private final class Applied implements ApplyProgress {
    @Override
    public boolean awaitDurable(Lsn position, long nanos) {
      return appliedAfter-- <= 0;
    }

    @Override
    public boolean agree(int timeline, BooleanSupplier agreement, BooleanSupplier stopped)
        throws InterruptedException {
      if (disagreement != null) {
        throw disagreement;
      }
      return ApplyProgress.super.agree(timeline, agreement, stopped);
    }
  }

  // ---- what a test sees ----

  /** {@return whether it came as far as the stream, which there is none of} */
  boolean copies(GroupSync sync) throws InterruptedException {
    try {
      sync.run();
      return false;
    } catch (EtlException e) {
      assertThat(e).isSameAs(noStream);
      return true;
    }
  }

  /** What holds after every test, whatever became of the copy. */
  void assertNothingIsLeft() {
    assertThat(budget.used()).isZero();
    assertThat(source.closed).as("connections closed").isEqualTo(copier.begun);
    assertThat(unexpected).isEmpty();
  }

  private void called(String call) {
    calls.add(call);
    during.getOrDefault(call, () -> {}).run();
  }

  private final class Listener implements PipelineListener {
    @Override
    public void onTablePhase(TableId id, TableName name, TableReplicationPhase phase) {
      during.getOrDefault(name.name() + " is " + phase.name(), () -> {}).run();
    }

    @Override
    public void onRetry(EtlException failure, int attempt, Duration delay) {
      during.getOrDefault("retry " + attempt, () -> {}).run();
    }
  }

  /** Publishes tables, and is the connection that becomes a stream. */
  final class Server extends OneSlotSource {
    final Map<TableId, PublishedTable> published = new LinkedHashMap<>();
    final List<SlotState> slots = new ArrayList<>();
    boolean streaming;
    private int closed;

    private Server() {
      super("none", POINT);
    }

    void addSlot(String name) {
      slots.add(new SlotState(name, 0, POINT, "reserved", "", "pgoutput", false, false));
    }

    @Override
    public List<PublishedTable> publishedTables(String publication, Collection<TableId> ids) {
      return ids.stream().map(published::get).filter(Objects::nonNull).toList();
    }

    @Override
    public List<SlotState> slots() {
      return slots;
    }

    @Override
    public SourceFacts facts() {
      if (!streaming) {
        throw noStream;
      }
      return super.facts();
    }

    @Override
    public void close() {
      closed++;
    }
  }

  /** Copies the rows of all tables it is asked for but those that it cannot copy together. */
  final class Copier implements TableCopier {
    final List<TableId> asked = new ArrayList<>();
    final List<TableId> alone = new ArrayList<>();
    final Map<TableId, GroupCopy.Rows> rows = new LinkedHashMap<>();
    Runnable whenAsked = () -> {};
    String slot = "";
    long mostBytes;
    boolean aborted;
    private int begun;

    @Override
    public GroupCopy copySmall(
        List<PublishedTable> plain, String slotName, ValueFormat format, long most) {
      asked.addAll(plain.stream().map(PublishedTable::id).toList());
      slot = slotName;
      mostBytes = most;
      whenAsked.run();
      begun++;
      List<GroupCopy.Rows> copied =
          asked.stream()
              .filter(id -> !alone.contains(id))
              .map(id -> Objects.requireNonNull(rows.get(id)))
              .toList();
      return new GroupCopy(source, slotName, POINT, copied, alone);
    }

    @Override
    public TableCopy begin(Request request) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Lsn createSlot(String slotName) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void abort() {
      aborted = true;
    }
  }

  /** Records calls, and what the budget holds meanwhile. */
  private final class Calls implements Destination {
    @Override
    public void truncateTable(TableSchema table) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void truncateTable(@Nullable TableSchema last, TableSchema next) {
      called("truncate " + next.name().name());
    }

    @Override
    public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
      boolean replaces = replaced.contains(next.name().name());
      if (replaces) {
        called("replace " + next.name().name());
      }
      return replaces;
    }

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      held.add(budget.used());
      called("write " + table.name().name() + " " + rows.size());
      return accepted.contains(table.name().name()) ? WriteResult.ACCEPTED : WriteResult.DURABLE;
    }

    @Override
    public void flush() {
      called("flush");
    }

    @Override
    public void tableCopied(TableSchema table) {
      called("copied " + table.name().name());
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      throw new UnsupportedOperationException();
    }
  }
}

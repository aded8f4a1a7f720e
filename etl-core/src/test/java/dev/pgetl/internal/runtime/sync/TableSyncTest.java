package dev.pgetl.internal.runtime.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.internal.capture.OneSlotSource;
import dev.pgetl.internal.capture.ReplicationConnection;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.copy.CopyLines;
import dev.pgetl.internal.copy.GroupCopy;
import dev.pgetl.internal.copy.TableCopier;
import dev.pgetl.internal.copy.TableCopy;
import dev.pgetl.internal.estimate.RowSpread;
import dev.pgetl.internal.platform.ManualPlatform;
import dev.pgetl.internal.runtime.rows.CopyProgress;
import dev.pgetl.internal.runtime.rows.CopySpeed;
import dev.pgetl.internal.runtime.stream.StreamResources;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.TableEvent;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.runtime.worker.RecordedLog;
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
import dev.pgetl.store.TableReplicationPhase.Catchup;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One table's way from {@code Init} to {@code SyncDone}, with a copy that a test decides. */
class TableSyncTest {
  private static final TableId ID = new TableId(7);
  private static final TableName NAME = new TableName("public", "orders");
  private static final String SLOT = "pgetl_sync_shop_7";
  private static final Lsn POINT = new Lsn(0x100);
  private static final TableSchema SCHEMA =
      TableSchema.builder(ID, NAME)
          .snapshotLsn(POINT)
          .columns(List.of(ColumnSchema.of("id", PgType.unknown(25))))
          .build();

  private final EtlException noStream = new EtlException(ErrorKind.SOURCE_UNAVAILABLE, "no stream");
  private final ManualPlatform platform = new ManualPlatform(0);
  private final List<Throwable> unexpected = new CopyOnWriteArrayList<>();
  private final Worker.Factory workers = new Worker.Factory("shop", platform, unexpected::add);
  private final PlainStore store = new PlainStore();
  private final Server source = new Server();
  private final Rows destination = new Rows();
  private final List<TableReplicationPhase> phases = new ArrayList<>();
  private final PipelineContext context = context();
  private final Tables tables = new Tables(context);
  private final Table table = tables.add(ID, NAME);
  private final List<TableCopy.Worker> connections = new ArrayList<>();
  private Runnable whenBegun = () -> {};
  private Runnable whenFenced = () -> {};
  private long estimatedRows = -1;
  private final TableSync sync = sync();

  @AfterEach
  void nothingUnexpected() {
    assertThat(unexpected).isEmpty();
  }

  private PipelineContext context() {
    return new PipelineContext(
        PipelineConfig.builder(
                "shop", "pub", PgConnectionConfig.builder("localhost", "shop", "etl").build())
            .build(),
        store,
        destination,
        new Listener(),
        source,
        Copier::new,
        platform);
  }

  private TableSync sync() {
    StreamResources resources = StreamResources.of(context.config(), workers);
    return new TableSync(
        context,
        resources,
        tables,
        table,
        (position, nanos) -> true,
        new CopySpeed(platform),
        () -> false);
  }

  private final class Listener implements PipelineListener {
    @Override
    public void onTablePhase(TableId id, TableName name, TableReplicationPhase phase) {
      phases.add(phase);
      if (phase instanceof Catchup) {
        whenFenced.run();
      }
    }
  }

  private final class Server extends OneSlotSource {
    private final List<String> dropped = new CopyOnWriteArrayList<>();
    private String missingPrivileges = "";
    private boolean streaming;
    private String rowFilter = "";

    private Server() {
      super(SLOT, POINT);
    }

    @Override
    public PublishedTable publishedTable(String publicationName, TableId id, TableName name) {
      return new PublishedTable(
          "pub",
          ID,
          NAME,
          false,
          new PublishedTable.Columns(List.of("id"), "1:23:-1"),
          missingPrivileges,
          ReplicaIdentity.DEFAULT,
          new RowScope(1, "", "", rowFilter, "", Map.of()));
    }

    @Override
    public void dropSlot(String name) {
      dropped.add(name);
    }

    @Override
    public ReplicationConnection openReplication(String role) {
      if (!streaming) {
        throw noStream;
      }
      return super.openReplication(role);
    }
  }

  /** Makes a copy of what the test's connections read. */
  private final class Copier implements TableCopier, TableCopy {
    @Override
    public GroupCopy copySmall(
        List<PublishedTable> tables, String slotName, ValueFormat format, long mostBytes) {
      throw new UnsupportedOperationException();
    }

    @Override
    public TableCopy begin(Request request) {
      whenBegun.run();
      return this;
    }

    @Override
    public SourceFacts facts() {
      return source.facts();
    }

    @Override
    public Lsn consistentPoint() {
      return POINT;
    }

    @Override
    public TableSchema schema() {
      return SCHEMA;
    }

    @Override
    public long estimatedRows() {
      return estimatedRows;
    }

    @Override
    public @Nullable RowSpread spread() {
      return null;
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
      return connections;
    }

    @Override
    public void close() {}

    @Override
    public Lsn createSlot(String slotName) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void abort() {}
  }

  /** Counts rows; each call takes ten seconds. */
  private final class Rows implements Destination {
    private final List<Integer> written = new ArrayList<>();
    private final List<TableSchema> truncated = new ArrayList<>();
    private final List<String> replaced = new ArrayList<>();
    private WriteResult answer = WriteResult.DURABLE;
    private @Nullable EtlException flushFailure;
    private int flushes;
    private boolean replacing;

    @Override
    public void truncateTable(TableSchema schema) {
      assertThat(written).isEmpty();
      truncated.add(schema);
    }

    @Override
    public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
      assertThat(written).isEmpty();
      replaced.add((last == null ? "nothing" : last.snapshotLsn()) + " by " + next.snapshotLsn());
      return replacing;
    }

    @Override
    public void tableCopied(TableSchema schema) {
      replaced.add("end of " + schema.snapshotLsn() + " after " + written);
    }

    @Override
    public WriteResult writeTableRows(TableSchema schema, List<TableRow> rows) {
      platform.advance(Duration.ofSeconds(10));
      written.add(rows.size());
      return answer;
    }

    @Override
    public void flush() {
      flushes++;
      EtlException failure = flushFailure;
      flushFailure = null;
      if (failure != null) {
        throw failure;
      }
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      throw new UnsupportedOperationException();
    }
  }

  private static void row(TableCopy.Sink sink) throws InterruptedException {
    byte[] line = CopyLines.line(List.of("1"));
    sink.accept(CopyLines.read(SCHEMA, line), line.length);
  }

  // ---- the copy ----

  @Test
  void copiesNothingThatTheRoleMayNotRead() {
    source.missingPrivileges = "GRANT SELECT ON public.t TO etl";

    EtlException failure = catchThrowableOfType(EtlException.class, sync::run);

    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_PERMISSION);
    assertThat(failure.fix()).contains("GRANT SELECT ON public.t TO etl; then resync the table");
    assertThat(table.phase()).isEqualTo(new Init());
    assertThat(source.dropped).isEmpty();
  }

  /** The number of rows that a filter lets through is not known. */
  @ParameterizedTest
  @CsvSource({
    "100, '', 'estimated rows 100', '20 of about 100 rows (20%)'",
    "100, 'id > 1', 'estimated rows 100', '20 rows'",
    "-1, '', 'estimated rows unknown', '20 rows'"
  })
  void saysHowManyRowsAreExpected(long estimate, String filter, String begin, String progress) {
    estimatedRows = estimate;
    source.rowFilter = filter;
    connections.add(
        sink -> {
          for (int i = 0; i < 20; i++) {
            row(sink);
          }
        });
    try (RecordedLog log = new RecordedLog(InitialCopy.class);
        RecordedLog rows = new RecordedLog(CopyProgress.class)) {
      assertThatThrownBy(sync::run).isSameAs(noStream);

      assertThat(log.lines())
          .contains("copying table public.orders: connections 1, " + begin + ", by block");
      assertThat(rows.lines())
          .singleElement()
          .satisfies(
              line -> assertThat(line).startsWith("copying table public.orders: " + progress));
    }
    assertThat(table.status().estimatedRows()).isEqualTo(estimate);
    assertThat(table.status().copiedRows()).isEqualTo(20);
    assertThat(table.phase()).isEqualTo(new FinishedCopy());
  }

  @Test
  void writesOneEmptyBatchIfThereAreNoRows() {
    assertThatThrownBy(sync::run).isSameAs(noStream);

    assertThat(destination.written).containsExactly(0);
    assertThat(destination.truncated).as("what is not copied is not emptied").isEmpty();
    assertThat(table.phase()).isEqualTo(new FinishedCopy());
  }

  /** What the destination found bad was taken by the copy of that table. */
  @Test
  void aFlushThatNamesAnotherTableFailsThatOne() {
    Table other = tables.add(new TableId(9), new TableName("public", "other"));
    other.move(new TableEvent.CopyStarted());
    other.syncRun(new SyncQueueTest.Running());
    connections.add(TableSyncTest::row);
    destination.answer = WriteResult.ACCEPTED;
    destination.flushFailure =
        new EtlException(ErrorKind.DESTINATION_REJECTED, "no").withTable(other.id().oid());

    assertThatThrownBy(sync::run).isSameAs(noStream);

    assertThat(other.phase()).isInstanceOf(TableReplicationPhase.Errored.class);
    assertThat(destination.flushes).isEqualTo(2);
    assertThat(table.phase()).isEqualTo(new FinishedCopy());
  }

  /** The destination may hold rows that the store knows nothing of. */
  @Test
  void emptiesTheTableUnderTheSnapshot() {
    connections.add(TableSyncTest::row);
    whenBegun = () -> assertThat(destination.truncated).isEmpty();

    assertThatThrownBy(sync::run).isSameAs(noStream);

    assertThat(destination.truncated).containsExactly(SCHEMA);
    assertThat(destination.written).containsExactly(1);
  }

  @Test
  void truncatesNothingThatIsReplaced() {
    destination.replacing = true;
    connections.add(TableSyncTest::row);
    TableSchema before = SCHEMA.toBuilder().snapshotLsn(new Lsn(0x50)).build();
    store.storeTableSchema(before);
    try (RecordedLog log = new RecordedLog(InitialCopy.class)) {
      assertThatThrownBy(sync::run).isSameAs(noStream);

      assertThat(log.lines())
          .anyMatch(line -> line.endsWith("by block, the old rows stay until then"));
    }
    assertThat(destination.truncated).isEmpty();
    assertThat(destination.replaced)
        .containsExactly(before.snapshotLsn() + " by " + POINT, "end of " + POINT + " after [1]");
    assertThat(table.notes().answered()).isEqualTo(SCHEMA);
    assertThat(table.phase()).isEqualTo(new FinishedCopy());
  }

  @Test
  void replacesNothingThatIsNotCopied() {
    destination.replacing = true;

    assertThatThrownBy(sync::run).isSameAs(noStream);

    assertThat(destination.replaced).isEmpty();
    assertThat(destination.written).containsExactly(0);
  }

  @Test
  void emptiesNothingIfTheCopyCannotBegin() {
    EtlException busy = new EtlException(ErrorKind.SOURCE_BUSY, "others are open");
    whenBegun =
        () -> {
          throw busy;
        };

    assertThatThrownBy(sync::run).isSameAs(busy);

    assertThat(destination.truncated).isEmpty();
  }

  /** Another worker may be at the table by then. */
  @Test
  void writesNothingIfItIsStoppedWhileTheCopyBegins() throws InterruptedException {
    connections.add(TableSyncTest::row);
    whenBegun = sync::stop;

    sync.run();

    assertThat(destination.written).isEmpty();
    assertThat(store.getTableSchema(ID)).isEmpty();
    assertThat(table.phase()).isEqualTo(new DataSync());
    assertThat(source.dropped).as("before the copy, and after it").containsExactly(SLOT, SLOT);
  }

  @Test
  void writesNothingMoreIfItIsStoppedWhileItReads() throws InterruptedException {
    connections.add(
        sink -> {
          sync.stop();
          row(sink);
        });

    sync.run();

    assertThat(destination.written).isEmpty();
    assertThat(table.phase()).isEqualTo(new DataSync());
    assertThat(source.dropped).containsExactly(SLOT, SLOT);
  }

  @Test
  void whatIsUnexpectedInAConnectionIsAFailureOfTheTable() {
    IllegalStateException bug = new IllegalStateException("bug");
    connections.add(
        sink -> {
          throw bug;
        });

    EtlException failure = catchThrowableOfType(EtlException.class, sync::run);

    assertThat(failure.kind()).isEqualTo(ErrorKind.INTERNAL);
    assertThat(failure).hasMessageContaining("copying table public.orders failed").hasCause(bug);
    assertThat(destination.written).isEmpty();
  }

  // ---- the hand-over ----

  @Test
  void handsOverWhereItHasCaughtUp() throws InterruptedException {
    source.streaming = true;

    sync.run();

    assertThat(phases)
        .extracting(TableReplicationPhase::name)
        .containsExactly("Init", "DataSync", "FinishedCopy", "SyncWait", "Catchup", "SyncDone");
    assertThat(table.phase()).isEqualTo(new SyncDone(POINT));
    assertThat(source.dropped).as("before the copy, and at the end").containsExactly(SLOT, SLOT);
    assertThat(store.getReplicationProgress(SLOT)).isEmpty();
  }

  @Test
  void catchesUpAgainIfTheApplyWorkerDidNotWait() throws InterruptedException {
    source.streaming = true;
    whenFenced =
        () -> {
          whenFenced = () -> {};
          table.withdraw();
        };

    sync.run();

    assertThat(phases.stream().filter(Catchup.class::isInstance)).hasSize(2);
    assertThat(source.streams()).hasSize(2);
    assertThat(table.phase()).isEqualTo(new SyncDone(POINT));
  }
}

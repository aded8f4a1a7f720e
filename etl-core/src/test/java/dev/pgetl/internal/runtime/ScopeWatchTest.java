package dev.pgetl.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.capture.UnusedSource;
import dev.pgetl.internal.capture.WalEnd;
import dev.pgetl.internal.capture.catalog.Catalog;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.UnusedCatalog;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.observe.TableStatus;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.RowScope;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PlainStore;
import dev.pgetl.store.TableReplicationPhase;
import dev.pgetl.store.TableReplicationPhase.DataSync;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScopeWatchTest {
  private static final TableId SALES = new TableId(7);
  private static final TableName NAME = name("sales");
  private static final TableId JANUARY = new TableId(10);
  private static final TableId FEBRUARY = new TableId(11);
  private static final Lsn NOW = new Lsn(0x1000);
  private static final RowScope ALL_ROWS =
      new RowScope(1, "1:t2", "insert update delete truncate", "", "", Map.of());

  private final List<String> reports = new ArrayList<>();
  private final PlainStore store = new PlainStore();
  private final List<TableId> resynced = new ArrayList<>();
  private Map<TableId, TableName> partitions = Map.of();
  private boolean hadRows = true;
  private boolean followed = true;
  private String shape = "";
  private int asked;

  /** Knows the partitions of one table. */
  private final class PartitionsOnly extends UnusedCatalog {
    @Override
    public Map<TableId, Map<TableId, TableName>> partitions(Collection<TableId> roots) {
      assertThat(roots).isSubsetOf(SALES);
      return Map.of(SALES, partitions);
    }

    @Override
    public Optional<String> difference(PublishedTable table, TableSchema before) {
      asked++;
      return Optional.of("its column n was added with values for the rows there");
    }

    @Override
    public boolean hadRows(TableId root, Set<TableId> attached) {
      return hadRows;
    }

    @Override
    public boolean streamsFollowPartitions() {
      return followed;
    }
  }

  private final class Listener implements PipelineListener {
    @Override
    public void onPartitionsChanged(
        TableId id, TableName name, Set<TableName> attached, Set<TableName> detached) {
      reports.add(name + " +" + attached + " -" + detached);
    }

    @Override
    public void onTableDiffers(TableId id, TableName name, String reason) {
      reports.add(reason);
    }
  }

  /** What one process knows; another one has the same store. */
  private final class OneProcess {
    private final PipelineContext context =
        Contexts.of(
            Contexts.config().build(),
            store,
            new Listener(),
            new UnusedSource() {
              @Override
              public Catalog catalog() {
                return new PartitionsOnly();
              }

              @Override
              public WalEnd endOfWal() {
                return new WalEnd(1, NOW);
              }
            },
            Platform.jvm());
    private final Tables tables = new Tables(context);
    private final ScopeWatch watch = new ScopeWatch(context, tables);

    private OneProcess in(TableReplicationPhase phase) {
      tables.known(SALES, NAME, phase);
      return this;
    }

    private void refresh(RowScope now, boolean partitioned) {
      PublishedTable table =
          new PublishedTable(
              "pub",
              SALES,
              NAME,
              partitioned,
              new PublishedTable.Columns(List.of(), shape),
              "",
              ReplicaIdentity.DEFAULT,
              now);
      watch.refresh(List.of(table)).forEach(back -> resynced.add(back.id()));
    }

    private TableStatus status() {
      return Objects.requireNonNull(tables.find(SALES)).status();
    }

    private void refresh(Map<TableId, TableName> now) {
      partitions = now;
      refresh(ALL_ROWS, true);
    }
  }

  private static TableName name(String name) {
    return new TableName("public", name);
  }

  private void copied(RowScope scope) {
    store.storeTableSchema(TableSchema.builder(SALES, NAME).scope(scope).build());
  }

  @Test
  void reportsWhatWasAttachedAndDetachedSinceTheLastLook() {
    copied(ALL_ROWS.withPartitions(Map.of(JANUARY, name("january"))));
    OneProcess process = new OneProcess().in(new Ready());

    process.refresh(Map.of(JANUARY, name("january")));
    assertThat(reports).isEmpty();

    process.refresh(Map.of(JANUARY, name("january"), FEBRUARY, name("february")));
    assertThat(reports)
        .containsExactly(
            "public.sales +[public.february] -[]",
            "partitions with rows were attached: [public.february], detached: []");
    assertThat(process.status().difference()).isPresent();
  }

  @Test
  void anOlderServersStreamIsOpenedAgainWhenPartitionsChange() {
    copied(ALL_ROWS.withPartitions(Map.of(JANUARY, name("january"))));
    OneProcess process = new OneProcess().in(new Ready());
    followed = false;
    process.refresh(Map.of(JANUARY, name("january")));
    assertThat(process.watch.renewal()).isEqualTo(Lsn.ZERO);
    process.refresh(Map.of());
    assertThat(process.watch.renewal()).isEqualTo(NOW);
  }

  @Test
  void aServerThatFollowsPartitionsIsNotAskedAgain() {
    copied(ALL_ROWS.withPartitions(Map.of(JANUARY, name("january"))));
    OneProcess process = new OneProcess().in(new Ready());
    process.refresh(Map.of());
    process.watch.changedBefore(NOW);
    assertThat(process.watch.renewal()).isEqualTo(Lsn.ZERO);
  }

  @Test
  void reportsNoDifferenceForPartitionsThatWereEmpty() {
    copied(ALL_ROWS);
    hadRows = false;
    OneProcess process = new OneProcess().in(new Ready());

    process.refresh(Map.of(JANUARY, name("january")));

    assertThat(reports).containsExactly("public.sales +[public.january] -[]");
    assertThat(process.status().difference()).isEmpty();
  }

  @Test
  void reportsWhatWasChangedWhileNoProcessLooked() {
    copied(ALL_ROWS.withPartitions(Map.of(JANUARY, name("january"))));
    new OneProcess().in(new Ready()).refresh(Map.of(JANUARY, name("january")));

    new OneProcess().in(new Ready()).refresh(Map.of());

    assertThat(reports)
        .containsExactly(
            "public.sales +[] -[public.january]",
            "partitions with rows were attached: [], detached: [public.january]");
    assertThat(store.getTableSchema(SALES).orElseThrow().difference()).isPresent();
  }

  @Test
  void aFilterThatWasChangedAndChangedBackIsRememberedUntilTheNextCopy() {
    copied(ALL_ROWS);
    OneProcess process = new OneProcess().in(new Ready());
    process.refresh(new RowScope(1, "1:t3", ALL_ROWS.operations(), "f00", "", Map.of()), false);
    process.refresh(ALL_ROWS, false);

    assertThat(reports).singleElement().asString().contains("its row filter");
    assertThat(store.getTableSchema(SALES).orElseThrow().difference()).isPresent();
    assertThat(resynced).isEmpty();
  }

  @Test
  void aTableThatLeftAndCameBackIsCopiedAgain() {
    copied(ALL_ROWS);
    RowScope back = new RowScope(1, "1:t9", ALL_ROWS.operations(), "", "", Map.of());

    new OneProcess().in(new Ready()).refresh(back, false);

    assertThat(resynced).containsExactly(SALES);
    assertThat(reports).isEmpty();
  }

  /** Its schema was published again, and its own entry is the one it had. */
  @Test
  void aTableWithTheSameEntryOfItsOwnHasNotLeft() {
    copied(ALL_ROWS);
    RowScope now = new RowScope(1, "9:t2", ALL_ROWS.operations(), "", "", Map.of());

    new OneProcess().in(new Ready()).refresh(now, false);

    assertThat(resynced).isEmpty();
    assertThat(reports).isEmpty();
  }

  /** The stream reports them with the next change of the table, which may never come. */
  @Test
  void reportsColumnsOfWhichTheStreamHasNotTold() {
    copied(ALL_ROWS);
    OneProcess process = new OneProcess().in(new Ready());
    process.refresh(ALL_ROWS, false);
    assertThat(asked).isZero();

    shape = "1:23:-1";
    process.refresh(ALL_ROWS, false);
    process.refresh(ALL_ROWS, false);

    assertThat(asked).isOne();
    assertThat(reports).containsExactly("its column n was added with values for the rows there");
    assertThat(store.getTableSchema(SALES).orElseThrow().difference()).isPresent();
    new OneProcess().in(new Ready()).refresh(ALL_ROWS, false);
    assertThat(asked).isEqualTo(2);
  }

  /** A partition is the same under another name. */
  @Test
  void reportsNothingIfNoneCameOrWent() {
    copied(ALL_ROWS.withPartitions(Map.of(JANUARY, name("january"))));
    OneProcess process = new OneProcess().in(new Ready());

    process.refresh(Map.of(JANUARY, name("january_2026")));

    assertThat(reports).isEmpty();
  }

  /** Its copy will say which rows are published. */
  @Test
  void doesNotLookAtTablesThatAreCopied() {
    copied(ALL_ROWS);
    new OneProcess().in(new DataSync()).refresh(Map.of(JANUARY, name("january")));

    assertThat(reports).isEmpty();
  }
}

package dev.pgetl.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.capture.UnusedSource;
import dev.pgetl.internal.capture.catalog.PublishedTable;
import dev.pgetl.internal.capture.catalog.UnusedCatalog;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.PlainStore;
import dev.pgetl.store.TableReplicationPhase.Ready;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PartitionWatchTest {
  private static final TableId SALES = new TableId(7);
  private static final TableName NAME = name("sales");
  private static final TableId JANUARY = new TableId(10);
  private static final TableId FEBRUARY = new TableId(11);

  private final List<String> reports = new ArrayList<>();
  private final PipelineContext context =
      Contexts.of(
          Contexts.config().build(),
          new PlainStore(),
          new Listener(),
          new UnusedSource(),
          Platform.jvm());
  private final Tables tables = new Tables(context);
  private Map<TableId, TableName> partitions = Map.of();
  private final PartitionWatch watch =
      new PartitionWatch(tables, new PartitionsOnly(), context.listener());

  private final class Listener implements PipelineListener {
    @Override
    public void onPartitionsChanged(
        TableId id, TableName name, Set<TableName> attached, Set<TableName> detached) {
      reports.add(name + " +" + attached + " -" + detached);
    }
  }

  /** Knows the partitions of one table. */
  private final class PartitionsOnly extends UnusedCatalog {
    @Override
    public Map<TableId, TableName> partitions(TableId root) {
      assertThat(root).isEqualTo(SALES);
      return partitions;
    }
  }

  private static TableName name(String name) {
    return new TableName("public", name);
  }

  private static PublishedTable published(TableId id, boolean partitioned) {
    return new PublishedTable(
        "pub", id, NAME, partitioned, List.of(), "", true, ReplicaIdentity.DEFAULT);
  }

  private void refresh(Map<TableId, TableName> now) {
    partitions = now;
    watch.refresh(List.of(published(SALES, true)));
  }

  @Test
  void reportsWhatWasAttachedAndDetachedSinceTheLastLook() {
    tables.known(SALES, NAME, new Ready());

    refresh(Map.of(JANUARY, name("january")));
    assertThat(reports).as("the first look").isEmpty();

    refresh(Map.of(JANUARY, name("january"), FEBRUARY, name("february")));
    refresh(Map.of(FEBRUARY, name("february")));
    refresh(Map.of(JANUARY, name("january")));

    assertThat(reports)
        .containsExactly(
            "public.sales +[public.february] -[]",
            "public.sales +[] -[public.january]",
            "public.sales +[public.january] -[public.february]");
  }

  /** A partition is the same under another name. */
  @Test
  void reportsNothingIfNoneCameOrWent() {
    tables.known(SALES, NAME, new Ready());
    refresh(Map.of(JANUARY, name("january")));

    refresh(Map.of(JANUARY, name("january")));
    refresh(Map.of(JANUARY, name("january_2026")));

    assertThat(reports).isEmpty();
  }

  /** The catalogue must not be asked for them. */
  @Test
  void looksAtNoPlainTableAndNoneOfOthers() {
    tables.known(SALES, NAME, new Ready());

    watch.refresh(List.of(published(SALES, false), published(new TableId(8), true)));

    assertThat(reports).isEmpty();
    assertThat(tables.all()).allSatisfy(table -> assertThat(table.partitions()).isNull());
  }
}

package dev.pgetl.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.internal.capture.OneSlotSource;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.PlainStore;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.wal.Lsn;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Which tables the pipeline reports as ready. */
class PipelineWorkersTest {
  private static final TableId ID = new TableId(7);

  private final Tables tables =
      new Tables(
          Contexts.of(
              Contexts.config().build(),
              new PlainStore(),
              new PipelineListener() {},
              new OneSlotSource("pgetl_apply_shop", new Lsn(0x100)),
              Platform.jvm()));

  private Table ready() {
    tables.known(ID, new TableName("public", "orders"), new Ready());
    Table table = Objects.requireNonNull(tables.find(ID));
    assertThat(PipelineWorkers.isReady(table)).isTrue();
    return table;
  }

  @Test
  void aTableIsNotReadyBeforeItsRangeIsCopiedAgain() {
    Table table = ready();

    assertThat(table.notes().wantsRangeAgain(new KeyRange("id", "1", "9"))).isTrue();

    assertThat(PipelineWorkers.isReady(table)).isFalse();
  }

  /** The resync begins once the store is back, or the destination has answered. */
  @Test
  void aTableIsNotReadyBeforeItsResyncHasBegun() throws InterruptedException {
    Table table = ready();

    table.wish(Table.Wish.RESYNC);

    assertThat(PipelineWorkers.isReady(table)).isFalse();
  }
}

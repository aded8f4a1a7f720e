package dev.pgetl.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.UnusedSource;
import dev.pgetl.internal.deliver.Backoff;
import dev.pgetl.internal.deliver.CallGate;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.lineage.Given;
import dev.pgetl.internal.runtime.lineage.LastKeys;
import dev.pgetl.internal.runtime.operate.ReplayDesk;
import dev.pgetl.internal.runtime.stream.StreamMeter;
import dev.pgetl.internal.runtime.stream.StreamProgress;
import dev.pgetl.internal.runtime.table.Refusals;
import dev.pgetl.internal.runtime.table.Table;
import dev.pgetl.internal.runtime.table.Tables;
import dev.pgetl.internal.runtime.worker.PipelineContext;
import dev.pgetl.internal.runtime.worker.TaskTimer;
import dev.pgetl.internal.runtime.worker.Worker;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.PlainStore;
import dev.pgetl.store.ReplicationProgress;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of the apply worker's batches, and what is stored about their tables. */
class ApplyDeliveryTest {
  private static final TableId ORDERS = new TableId(7);
  private static final Lsn START = new Lsn(0x100);
  private static final Lsn LATER = new Lsn(0x200);

  private final PlainStore store = new PlainStore();
  private final List<Lsn> acknowledged = new CopyOnWriteArrayList<>();
  private final List<String> retries = new CopyOnWriteArrayList<>();
  private final List<Throwable> unexpected = new CopyOnWriteArrayList<>();
  private final PipelineContext context =
      Contexts.of(
          Contexts.config().build(), store, new Listener(), new UnusedSource(), Platform.jvm());
  private final Tables tables = new Tables(context);
  private final TaskTimer timer =
      new TaskTimer("tables", new Worker.Factory("shop", Platform.jvm(), unexpected::add));
  private final StreamProgress progress =
      new StreamProgress(
          store,
          new ReplicationProgress("slot", new SlotLineage("cluster", 1, START), START),
          Platform.jvm());
  private final StreamMeter meter = new StreamMeter(context.listener(), Platform.jvm());
  private final ApplyDemand demand = new ApplyDemand(progress);
  private final ApplyDelivery delivery =
      new ApplyDelivery(
          context.listener(),
          progress,
          Given.from(LastKeys.of(context.destination(), new TableId(1), () -> {}), START, Lsn.ZERO),
          meter,
          demand,
          tables,
          new TableWrites(
              tables,
              progress,
              timer,
              new Backoff(Duration.ofNanos(1), 1, new Random(1)),
              meter.storing()),
          new ReplayDesk(context, tables, new CallGate(Platform.jvm())));

  @AfterEach
  void stop() {
    timer.stop();
  }

  private final class Listener implements PipelineListener {
    @Override
    public void onProgress(Lsn durable) {
      acknowledged.add(durable);
    }

    @Override
    public void onRetry(EtlException failure, int attempt, Duration delay) {
      retries.add(failure.kind() + " " + attempt);
      if (attempt == 3) {
        store.fail(null);
      }
    }
  }

  private static EtlException refusal(TableId table) {
    return new EtlException(ErrorKind.DESTINATION_REJECTED, "no such column")
        .withTable(table.oid());
  }

  private Table orders() {
    tables.known(ORDERS, new TableName("public", "orders"), new Ready());
    return Objects.requireNonNull(tables.find(ORDERS));
  }

  @Test
  void acknowledgesNothingBehindARefusalUntilItIsStored() {
    store.fail(new EtlException(ErrorKind.STORE_UNAVAILABLE, "away"));
    Table orders = orders();
    long generation = orders.refuse(START);

    delivery.durable(LATER);

    assertThat(acknowledged).isEmpty();
    assertThat(demand.isOpen()).as("the rest is asked for again").isTrue();

    store.fail(null);
    assertThat(Refusals.store(orders, generation, refusal(ORDERS))).isTrue();
    delivery.durable(LATER);

    assertThat(acknowledged).containsExactly(LATER);
    assertThat(demand.isOpen()).isFalse();
  }

  @Test
  void aRefusedTableIsLeftOutAndStored() {
    Table orders = orders();

    assertThat(delivery.tableRefused(refusal(ORDERS))).isTrue();

    assertThat(delivery.anyRefused()).isTrue();
    assertThat(delivery.isRefused(ORDERS)).isTrue();
    await().untilAsserted(() -> assertThat(orders.phase()).isInstanceOf(Errored.class));
    assertThat(store.getTableReplicationState(ORDERS)).contains(orders.phase());
  }

  /** A batch may hold events of a table that has left the publication. */
  @Test
  void aTableThatIsNotThePipelinesIsNotLeftOut() {
    assertThat(delivery.tableRefused(refusal(ORDERS))).isFalse();

    assertThat(delivery.isRefused(ORDERS)).isFalse();
    assertThat(delivery.anyRefused()).isFalse();
  }

  @Test
  void aRefusalIsStoredWhenTheStoreIsBack() {
    store.fail(new EtlException(ErrorKind.STORE_UNAVAILABLE, "away"));
    Table orders = orders();

    assertThat(delivery.tableRefused(refusal(ORDERS))).isTrue();

    await().untilAsserted(() -> assertThat(orders.phase()).isInstanceOf(Errored.class));
    assertThat(retries)
        .containsExactly("STORE_UNAVAILABLE 1", "STORE_UNAVAILABLE 2", "STORE_UNAVAILABLE 3");
    assertThat(unexpected).isEmpty();
  }

  @Test
  void aStoreThatIsBrokenEndsThePipeline() {
    EtlException corrupt = new EtlException(ErrorKind.STORE_CORRUPT, "corrupt");
    store.fail(corrupt);
    Table orders = orders();

    assertThat(delivery.tableRefused(refusal(ORDERS))).isTrue();

    await().untilAsserted(() -> assertThat(unexpected).containsExactly(corrupt));
    assertThat(orders.phase()).isEqualTo(new Ready());
    assertThat(retries).isEmpty();
  }
}

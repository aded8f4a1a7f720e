package dev.pgetl.internal.deliver;

import static dev.pgetl.internal.deliver.SampleEvents.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.deliver.RowExchange.Batch;
import dev.pgetl.internal.deliver.RowExchange.Batcher;
import dev.pgetl.internal.platform.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RowExchangeTest {
  private final EtlException failure = new EtlException(ErrorKind.SOURCE_FAILED, "test");

  private final ByteBudget budget = new ByteBudget(1 << 20);
  private final BatchConfig limits = BatchConfig.builder().maxSize(2).maxBytes(10_000).build();
  private final RowExchange exchange = new RowExchange(limits, budget, Platform.jvm(), 3, 2);
  private final Batcher one = exchange.batcher();
  private final Batcher other = exchange.batcher();

  /** Whatever happened, nothing stays in the budget. */
  @AfterEach
  void givesEverythingBack() {
    one.close();
    other.close();
    exchange.close();
    assertThat(budget.used()).isZero();
  }

  private static List<TableRow> add(Batcher batcher, int rows) throws InterruptedException {
    List<TableRow> added = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      TableRow row = row(i + 1);
      batcher.add(row, 100);
      added.add(row);
    }
    return added;
  }

  private Batch take() throws InterruptedException {
    return Objects.requireNonNull(exchange.take());
  }

  private Background<@Nullable Batch> taking() {
    return Background.<@Nullable Batch>call(exchange::take).awaitBlocked();
  }

  /** A connection that brings more than there is room for. */
  private static Background<String> adding(Batcher batcher, int rows) {
    return Background.call(
            () -> {
              add(batcher, rows);
              return "added";
            })
        .awaitBlocked();
  }

  @Test
  void handsOverABatchOfSoManyRows() throws InterruptedException {
    List<TableRow> rows = add(one, 2);

    Batch batch = take();

    assertThat(batch.rows()).isEqualTo(rows);
    assertThat(batch.wireBytes()).isEqualTo(200);
    assertThat(batch.bytes()).isGreaterThan(200);
    assertThat(budget.used()).isGreaterThanOrEqualTo(batch.bytes());
  }

  @Test
  void handsOverABatchOfSoManyBytes() throws InterruptedException {
    one.add(row(1), 10_000);

    assertThat(take().rows()).hasSize(1);
  }

  @Test
  void handsOverSmallBatchesWhenTheBudgetIsUsedUp() throws InterruptedException {
    ByteBudget used = new ByteBudget(1 << 20);
    used.open().take(2 << 20);
    BatchConfig large = BatchConfig.builder().maxSize(1_000).maxBytes(1 << 20).build();
    RowExchange narrow = new RowExchange(large, used, Platform.jvm(), 3, 1);
    Batcher batcher = narrow.batcher();

    batcher.add(row(1), 40_000);
    batcher.add(row(2), 40_000);

    assertThat(Objects.requireNonNull(narrow.take()).rows()).hasSize(2);
  }

  @Test
  void handsOverTheRestAtTheEnd() throws InterruptedException {
    List<TableRow> rows = add(one, 1);

    one.finish();

    assertThat(take().rows()).isEqualTo(rows);
  }

  @Test
  void keepsTheOrderOfAConnection() throws InterruptedException {
    List<TableRow> rows = add(one, 4);

    assertThat(take().rows()).isEqualTo(rows.subList(0, 2));
    assertThat(take().rows()).isEqualTo(rows.subList(2, 4));
  }

  @Test
  void hasNothingMoreOnceAllConnectionsHaveFinished() throws Exception {
    one.finish();
    one.close();
    add(other, 1);
    Background<@Nullable Batch> first = taking();
    other.finish();
    other.close();

    assertThat(first.result()).isNotNull();
    assertThat(exchange.take()).isNull();
    assertThat(exchange.failure()).isNull();
  }

  @Test
  void wakesTheWriterWhenTheLastConnectionHasFinished() throws Exception {
    one.finish();
    one.close();
    Background<@Nullable Batch> writer = taking();

    other.finish();
    other.close();

    assertThat(writer.result()).isNull();
  }

  @Test
  void holdsAConnectionBackWhileABatchPerConnectionWaits() throws Exception {
    add(one, 4);
    Background<String> adding = adding(other, 2);

    take();

    assertThat(adding.result()).isEqualTo("added");
  }

  @Test
  void isNotCompleteIfAConnectionEndsWithoutFinishing() throws Exception {
    one.finish();
    one.close();
    add(other, 1);
    Background<@Nullable Batch> writer = taking();

    other.close();

    assertThat(writer.result()).isNull();
    assertThat(exchange.failure())
        .isInstanceOfSatisfying(
            EtlException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INTERNAL));
  }

  @Test
  void keepsTheFirstFailure() {
    exchange.fail(failure);
    exchange.fail(new IllegalStateException("later"));
    one.close();

    assertThat(exchange.failure()).isSameAs(failure);
  }

  @Test
  void writesNothingMoreAfterAFailure() throws Exception {
    Background<@Nullable Batch> writer = taking();
    exchange.fail(failure);
    assertThat(writer.result()).isNull();
    RowExchange full = new RowExchange(limits, budget, Platform.jvm(), 3, 1);
    Batcher batcher = full.batcher();
    add(batcher, 2);

    full.fail(failure);

    assertThat(full.take()).isNull();
    batcher.close();
    full.close();
  }

  @Test
  void aFailureInterruptsConnectionsThatBringMore() throws Exception {
    add(one, 4);
    Background<String> waiting = adding(other, 2);

    exchange.fail(failure);

    assertThatThrownBy(waiting::result).hasCauseInstanceOf(InterruptedException.class);
    assertThatThrownBy(() -> add(one, 2)).isInstanceOf(InterruptedException.class);
  }

  @Test
  void aWriterThatLeavesInterruptsConnectionsThatBringMore() throws Exception {
    add(one, 4);
    Background<String> waiting = adding(other, 2);
    take();
    assertThat(waiting.result()).isEqualTo("added");
    Background<String> stillWaiting = adding(one, 2);

    exchange.close();

    assertThatThrownBy(stillWaiting::result).hasCauseInstanceOf(InterruptedException.class);
    assertThatThrownBy(() -> add(other, 2)).isInstanceOf(InterruptedException.class);
  }

  @Test
  void givesBackWhatWasWritten() throws InterruptedException {
    add(one, 2);
    Batch batch = take();
    long before = budget.used();

    exchange.written();
    exchange.written();

    assertThat(budget.used()).isEqualTo(before - batch.bytes());
  }

  @Test
  void givesBackABatchThatCouldNotBeWritten() throws InterruptedException {
    add(one, 4);
    take();

    exchange.close();

    assertThat(budget.used()).isLessThanOrEqualTo(2 * (64 << 10));
  }

  @Test
  void anInterruptEndsTheWaitOfBothSides() {
    Background<@Nullable Batch> writer = taking();
    writer.interrupt();
    assertThatThrownBy(writer::result).hasCauseInstanceOf(InterruptedException.class);

    Background<String> adding = adding(one, 6);
    adding.interrupt();
    assertThatThrownBy(adding::result).hasCauseInstanceOf(InterruptedException.class);
  }
}

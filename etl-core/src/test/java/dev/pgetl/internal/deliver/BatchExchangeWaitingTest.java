package dev.pgetl.internal.deliver;

import static dev.pgetl.internal.deliver.SampleEvents.begin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who waits for whom: each is woken by what it waits for, and by everything that ends the wait. */
class BatchExchangeWaitingTest {
  private static final long FOREVER = Long.MAX_VALUE;

  private final ByteBudget budget = new ByteBudget(1_000);

  /** Batches wait for more than any test. */
  private final BatchExchange exchange = exchange(Duration.ofDays(1));

  private BatchExchange exchange(Duration maxFill) {
    BatchConfig limits = BatchConfig.builder().maxFill(maxFill).maxSize(2).build();
    return new BatchExchange(limits, budget, System::nanoTime);
  }

  private Background<@Nullable EventBatch> delivery() {
    return delivery(exchange);
  }

  private static Background<@Nullable EventBatch> delivery(BatchExchange exchange) {
    return Background.<@Nullable EventBatch>call(() -> exchange.take(FOREVER)).awaitBlocked();
  }

  @Test
  void anOfferWakesTheDelivery() throws Exception {
    BatchExchange eager = exchange(Duration.ZERO);
    Background<@Nullable EventBatch> delivery = delivery(eager);

    eager.add(begin(1), 1);
    eager.offer();

    assertThat(delivery.result()).isNotNull();
  }

  @Test
  void anEventWakesTheDeliveryThatWaitsForAPositionToBeDue() throws Exception {
    BatchExchange eager = exchange(Duration.ZERO);
    eager.done(true);
    eager.boundary(new Lsn(1));
    eager.offer();
    Background<@Nullable EventBatch> delivery = delivery(eager);

    eager.add(begin(1), 1);
    eager.offer();

    assertThat(delivery.result()).isNotNull().returns(true, EventBatch::hasEvents);
  }

  @Test
  void theBatchBecomingFullWakesTheDelivery() throws Exception {
    exchange.add(begin(1), 1);
    exchange.offer();
    Background<@Nullable EventBatch> delivery = delivery();

    exchange.add(begin(2), 1);
    exchange.offer();

    assertThat(delivery.result()).isNotNull();
  }

  @Test
  void aReaderWithoutRoomWakesTheDelivery() throws Exception {
    exchange.add(begin(1), 100_000);
    assertThat(exchange.isFull()).isTrue();
    exchange.offer();
    Background<@Nullable EventBatch> delivery = delivery();

    assertThat(exchange.awaitRoom(FOREVER)).isTrue();

    assertThat(delivery.result()).isNotNull();
  }

  @Test
  void aReaderThatStoppedWaitingLetsTheBatchGrow() throws Exception {
    exchange.add(begin(1), 1);
    exchange.offer();

    assertThat(exchange.awaitRoom(1)).isFalse();

    assertThat(exchange.take(0)).isNull();
  }

  @Test
  void hurryWakesTheDelivery() throws Exception {
    exchange.done(true);
    exchange.boundary(new Lsn(1));
    exchange.offer();
    Background<@Nullable EventBatch> delivery = delivery();

    exchange.hurry();

    assertThat(delivery.result()).isNotNull();
  }

  @Test
  void closingWakesTheDelivery() throws Exception {
    Background<@Nullable EventBatch> delivery = delivery();

    exchange.close();

    assertThat(delivery.result()).isNull();
  }

  @Test
  void closingWakesTheDeliveryThatPauses() throws Exception {
    Background<Boolean> pause = Background.call(() -> exchange.pause(FOREVER)).awaitBlocked();

    exchange.close();

    assertThat(pause.result()).isFalse();
  }

  @Test
  void drainingWakesTheDelivery() throws Exception {
    exchange.add(begin(1), 1);
    exchange.offer();
    Background<@Nullable EventBatch> delivery = delivery();
    Background<Boolean> drained = Background.call(() -> exchange.drain(FOREVER)).awaitBlocked();
    assertThat(delivery.result()).isNotNull();

    exchange.done(true);

    assertThat(drained.result()).isTrue();
  }

  @Test
  void drainingWakesTheDeliveryToSettleWhatIsAccepted() throws Exception {
    exchange.done(false);
    Background<@Nullable EventBatch> delivery = delivery();
    Background<Boolean> drained = Background.call(() -> exchange.drain(FOREVER)).awaitBlocked();
    assertThat(delivery.result()).isNull();

    exchange.settled();

    assertThat(drained.result()).isTrue();
  }

  @Test
  void takingTheBatchWakesTheReader() throws Exception {
    exchange.add(begin(1), 1);
    exchange.offer();
    Background<Boolean> reader = Background.call(() -> exchange.awaitRoom(FOREVER)).awaitBlocked();

    assertThat(exchange.take(FOREVER)).isNotNull();

    assertThat(reader.result()).isTrue();
  }

  @Test
  void aFailureWakesTheReader() {
    exchange.add(begin(1), 1);
    exchange.offer();
    EtlException failure = new EtlException(ErrorKind.INTERNAL, "test");
    Background<Boolean> reader = Background.call(() -> exchange.awaitRoom(FOREVER)).awaitBlocked();
    Background<Boolean> drained = Background.call(() -> exchange.drain(FOREVER)).awaitBlocked();

    exchange.fail(failure);

    assertThatThrownBy(reader::result).isInstanceOf(ExecutionException.class).hasCause(failure);
    assertThatThrownBy(drained::result).isInstanceOf(ExecutionException.class).hasCause(failure);
  }

  @Test
  void anInterruptEndsTheWaitOfTheDelivery() {
    Background<@Nullable EventBatch> delivery = delivery();
    Background<Boolean> pause = Background.call(() -> exchange.pause(FOREVER)).awaitBlocked();

    delivery.interrupt();
    pause.interrupt();

    assertThatThrownBy(delivery::result).hasCauseInstanceOf(InterruptedException.class);
    assertThatThrownBy(pause::result).hasCauseInstanceOf(InterruptedException.class);
  }

  @Test
  void anInterruptEndsTheWaitOfTheReader() {
    exchange.add(begin(1), 1);
    exchange.offer();
    Background<Boolean> reader = Background.call(() -> exchange.awaitRoom(FOREVER)).awaitBlocked();
    Background<Boolean> drained = Background.call(() -> exchange.drain(FOREVER)).awaitBlocked();

    reader.interrupt();
    drained.interrupt();

    assertThatThrownBy(reader::result).hasCauseInstanceOf(InterruptedException.class);
    assertThatThrownBy(drained::result).hasCauseInstanceOf(InterruptedException.class);
  }
}

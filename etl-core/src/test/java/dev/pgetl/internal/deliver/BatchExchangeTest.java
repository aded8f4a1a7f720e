package dev.pgetl.internal.deliver;

import static dev.pgetl.internal.deliver.SampleEvents.begin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Reader and delivery taking turns in one thread; together they run in {@link DeliveryProperties}.
 */
class BatchExchangeTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private final EtlException failure = new EtlException(ErrorKind.INTERNAL, "test");

  private final AtomicLong now = new AtomicLong(-5 * SECOND);
  private final ByteBudget budget = new ByteBudget(1 << 20);
  private final BatchExchange exchange =
      exchange(BatchConfig.builder().maxSize(300).maxBytes(10_000));

  private BatchExchange exchange(BatchConfig.Builder limits) {
    return new BatchExchange(limits.build(), budget, now::get);
  }

  private EventBatch take() throws InterruptedException {
    return Objects.requireNonNull(exchange.take(0));
  }

  private void add(long... commits) {
    for (long commit : commits) {
      exchange.add(begin(commit), 10);
    }
  }

  private static List<Event> begins(long... commits) {
    return Arrays.stream(commits).mapToObj(SampleEvents::begin).toList();
  }

  @Test
  void anIdleDeliveryTakesWhatIsOfferedAtOnce() throws InterruptedException {
    add(1, 2);
    exchange.boundary(new Lsn(3));
    assertThat(exchange.take(0)).isNull();

    exchange.offer();

    EventBatch batch = take();
    assertThat(batch.events()).isEqualTo(begins(1, 2));
    assertThat(batch.bytes()).isEqualTo(20);
    assertThat(batch.boundary()).isEqualTo(new Lsn(3));
    assertThat(exchange.take(0)).isNull();
  }

  @Test
  void whatIsOfferedWhileTheDestinationIsBusyFormsOneBatch() throws InterruptedException {
    add(1);
    exchange.boundary(new Lsn(2));
    exchange.offer();
    add(2, 3);
    exchange.boundary(new Lsn(4));
    exchange.offer();
    add(4);
    exchange.offer();

    EventBatch batch = take();

    assertThat(batch.events()).isEqualTo(begins(1, 2, 3, 4));
    assertThat(batch.boundary()).isEqualTo(new Lsn(4));
    assertThat(batch.bytes()).isEqualTo(40);
  }

  @Test
  void aBatchWithoutABoundaryHasNoPosition() throws InterruptedException {
    add(1);
    exchange.offer();

    assertThat(take().boundary()).isNull();
  }

  @Test
  void offeringNothingOffersNothing() throws InterruptedException {
    exchange.offer();

    assertThat(exchange.take(0)).isNull();
  }

  @Test
  void aBatchWaitsForMoreFromItsFirstEventOn() throws InterruptedException {
    BatchExchange patient = exchange(BatchConfig.builder().maxFill(Duration.ofSeconds(2)));
    patient.add(begin(1), 10);
    patient.offer();
    now.addAndGet(SECOND);
    patient.add(begin(2), 10);
    patient.offer();
    assertThat(patient.take(0)).isNull();

    now.addAndGet(SECOND);

    assertThat(Objects.requireNonNull(patient.take(0)).events()).isEqualTo(begins(1, 2));
  }

  @Test
  void aFullBatchDoesNotWaitForMore() throws InterruptedException {
    BatchConfig.Builder limits =
        BatchConfig.builder().maxFill(Duration.ofDays(1)).maxSize(2).maxBytes(100);
    BatchExchange bySize = exchange(limits);
    bySize.add(begin(1), 10);
    bySize.offer();
    bySize.add(begin(2), 10);
    bySize.offer();
    BatchExchange byBytes = exchange(limits);
    byBytes.add(begin(1), 100);
    byBytes.offer();

    assertThat(bySize.take(0)).isNotNull();
    assertThat(byBytes.take(0)).isNotNull();
  }

  @Test
  void aPositionAloneIsStoredEveryHalfMinute() throws InterruptedException {
    exchange.boundary(new Lsn(1));
    exchange.offer();
    assertThat(take().boundary()).isEqualTo(new Lsn(1));
    exchange.done(true);

    exchange.boundary(new Lsn(2));
    exchange.offer();
    now.addAndGet(30 * SECOND - 1);
    assertThat(exchange.take(0)).isNull();
    now.addAndGet(1);

    assertThat(take().boundary()).isEqualTo(new Lsn(2));
  }

  @Test
  void aPositionFarAheadIsStoredAfterASecond() throws InterruptedException {
    exchange.done(true);
    exchange.boundary(new Lsn(1 << 20));
    exchange.offer();
    now.addAndGet(SECOND - 1);
    assertThat(exchange.take(0)).isNull();
    now.addAndGet(1);

    assertThat(take().boundary()).isEqualTo(new Lsn(1 << 20));
  }

  @Test
  void aPositionInAHurryIsStoredAtOnce() throws InterruptedException {
    exchange.done(true);
    exchange.boundary(new Lsn(2));
    exchange.offer();
    assertThat(exchange.take(0)).isNull();

    exchange.hurry();

    assertThat(take().boundary()).isEqualTo(new Lsn(2));
  }

  @Test
  void aPositionTravelsWithEventsThatCome() throws InterruptedException {
    exchange.done(true);
    exchange.boundary(new Lsn(2));
    exchange.offer();
    add(3);
    exchange.offer();

    EventBatch batch = take();

    assertThat(batch.events()).isEqualTo(begins(3));
    assertThat(batch.boundary()).isEqualTo(new Lsn(2));
  }

  @Test
  void isFullOnceSoManyEventsWaitOfferedOrNot() {
    assertThat(exchange.isFull()).isFalse();
    for (int i = 0; i < 200; i++) {
      exchange.add(begin(i), 1);
    }
    exchange.offer();
    for (int i = 0; i < 99; i++) {
      exchange.add(begin(i), 1);
    }
    assertThat(exchange.isFull()).isFalse();

    exchange.add(begin(0), 1);

    assertThat(exchange.isFull()).isTrue();
  }

  @Test
  void isFullOnceSoManyBytesWaitOfferedOrNot() {
    exchange.add(begin(1), 6_000);
    exchange.offer();
    exchange.add(begin(2), 3_999);
    assertThat(exchange.isFull()).isFalse();

    exchange.add(begin(3), 1);

    assertThat(exchange.isFull()).isTrue();
  }

  @Test
  void isFullOfLittleOnceTheBudgetIsUsedUp() throws InterruptedException {
    budget.open().take(2 << 20);
    BatchExchange large = exchange(BatchConfig.builder().maxSize(300).maxBytes(1 << 20));
    large.add(begin(1), 40_000);
    assertThat(large.isFull()).isFalse();

    large.add(begin(2), 40_000);

    assertThat(large.isFull()).isTrue();
    large.offer();
    assertThat(Objects.requireNonNull(large.take(0)).size()).isEqualTo(2);
    assertThat(large.isFull()).isFalse();
  }

  @Test
  void hasRoomAgainOnceTheBatchIsTaken() throws InterruptedException {
    exchange.add(begin(1), 10_000);
    exchange.offer();
    assertThat(exchange.awaitRoom(1)).isFalse();

    take();

    assertThat(exchange.awaitRoom(0)).isTrue();
  }

  @Test
  void isWorthOfferingOnlyToAnIdleDelivery() throws InterruptedException {
    for (int i = 0; i < 256; i++) {
      exchange.add(begin(i), 1);
    }
    assertThat(exchange.isDue()).isFalse();

    exchange.take(1);
    assertThat(exchange.isDue()).isTrue();

    exchange.offer();
    assertThat(exchange.isDue()).isFalse();
    take();
    for (int i = 0; i < 256; i++) {
      exchange.add(begin(i), 1);
    }
    assertThat(exchange.isDue()).isFalse();
  }

  @Test
  void dropsTheOpenTransactionAndOffersTheRest() throws InterruptedException {
    add(1, 2);
    exchange.boundary(new Lsn(3));
    exchange.offer();
    add(3);
    exchange.offer();
    add(3);

    exchange.dropOpenTransaction();

    EventBatch batch = take();
    assertThat(batch.events()).isEqualTo(begins(1, 2));
    assertThat(batch.boundary()).isEqualTo(new Lsn(3));
    exchange.done(true);
    exchange.discard();
    assertThat(budget.used()).isZero();
  }

  @Test
  void dropsWhatFollowsATransactionHalfDelivered() throws InterruptedException {
    add(1);
    exchange.offer();
    take();
    add(1, 1);

    exchange.dropOpenTransaction();

    exchange.done(true);
    now.addAndGet(30 * SECOND);
    EventBatch rest = take();
    assertThat(rest.hasEvents()).isFalse();
    assertThat(rest.boundary()).isNull();
  }

  @Test
  void keepsACompleteTransactionWhenTheOpenOneIsDropped() throws InterruptedException {
    add(1);
    exchange.boundary(new Lsn(2));

    exchange.dropOpenTransaction();

    assertThat(take().events()).isEqualTo(begins(1));
  }

  @Test
  void givesTheBudgetBackWhateverHappens() throws InterruptedException {
    add(1);
    exchange.offer();
    take();
    add(2);
    exchange.offer();
    add(3);

    exchange.fail(failure);
    exchange.discard();
    exchange.discard();

    assertThat(budget.used()).isZero();
  }

  @Test
  void tellsTheReaderThatTheDeliveryFailed() {
    add(1);
    exchange.offer();
    exchange.checkDelivery();

    exchange.fail(failure);
    exchange.abandon();

    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(exchange::checkDelivery)
        .isSameAs(failure);
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> exchange.awaitRoom(SECOND))
        .isSameAs(failure);
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> exchange.drain(SECOND))
        .isSameAs(failure);
  }

  @Test
  void isDrainedWhenNothingIsUnderWay() throws InterruptedException {
    assertThat(exchange.drain(0)).isTrue();
  }

  @Test
  void isNotDrainedWhileABatchIsOfferedOrDelivered() throws InterruptedException {
    add(1);
    exchange.offer();
    assertThat(exchange.drain(0)).isFalse();
    take();
    assertThat(exchange.drain(0)).isFalse();

    exchange.done(true);

    assertThat(exchange.drain(0)).isTrue();
  }

  @Test
  void isNotDrainedWhileDataIsOnlyAccepted() throws InterruptedException {
    add(1);
    exchange.offer();
    take();
    exchange.done(false);
    assertThat(exchange.drain(0)).isFalse();

    exchange.settled();

    assertThat(exchange.drain(0)).isTrue();
  }

  @Test
  void deliversTheRestOnceItIsClosed() throws InterruptedException {
    BatchExchange patient = exchange(BatchConfig.builder().maxFill(Duration.ofDays(1)));
    patient.add(begin(1), 10);
    patient.offer();
    assertThat(patient.isClosed()).isFalse();

    patient.close();

    assertThat(patient.isClosed()).isTrue();
    assertThat(patient.take(Long.MAX_VALUE)).isNotNull();
    assertThat(patient.take(Long.MAX_VALUE)).isNull();
  }

  @Test
  void pausesUntilItIsClosed() throws InterruptedException {
    assertThat(exchange.pause(1)).isTrue();

    exchange.close();

    assertThat(exchange.pause(Long.MAX_VALUE)).isFalse();
  }
}

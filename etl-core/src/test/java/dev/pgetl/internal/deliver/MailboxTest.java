package dev.pgetl.internal.deliver;

import static dev.pgetl.internal.deliver.SampleEvents.begin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.internal.platform.ManualPlatform;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Reader and delivery taking turns in one thread; together they run in {@link DeliveryProperties}.
 */
class MailboxTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private final EtlException failure = new EtlException(ErrorKind.INTERNAL, "test");

  private final ManualPlatform platform = new ManualPlatform(-5 * SECOND);
  private final ByteBudget budget = new ByteBudget(1 << 20);
  private final Reader reader = reader(BatchConfig.builder().maxSize(300).maxBytes(10_000));
  private final OpenBatch batch = reader.batch();
  private final Mailbox mailbox = reader.mailbox();

  private Reader reader(BatchConfig.Builder limits) {
    return Reader.of(limits.build(), budget, platform);
  }

  private EventBatch take() throws InterruptedException {
    return Objects.requireNonNull(mailbox.take(0, () -> false));
  }

  private void add(long... commits) {
    for (long commit : commits) {
      batch.add(begin(commit), 10);
    }
  }

  private static List<Event> begins(long... commits) {
    return Arrays.stream(commits).mapToObj(SampleEvents::begin).toList();
  }

  @Test
  void anIdleDeliveryTakesWhatIsOfferedAtOnce() throws InterruptedException {
    add(1, 2);
    batch.boundary(new Lsn(3));
    assertThat(mailbox.take(0, () -> false)).isNull();

    batch.offer();

    EventBatch taken = take();
    assertThat(taken.events()).isEqualTo(begins(1, 2));
    assertThat(taken.bytes()).isEqualTo(20);
    assertThat(taken.boundary()).isEqualTo(new Lsn(3));
    assertThat(mailbox.take(0, () -> false)).isNull();
  }

  @Test
  void whatIsOfferedWhileTheDestinationIsBusyFormsOneBatch() throws InterruptedException {
    add(1);
    batch.boundary(new Lsn(2));
    batch.offer();
    add(2, 3);
    batch.boundary(new Lsn(4));
    batch.offer();
    add(4);
    batch.offer();

    EventBatch taken = take();

    assertThat(taken.events()).isEqualTo(begins(1, 2, 3, 4));
    assertThat(taken.boundary()).isEqualTo(new Lsn(4));
    assertThat(taken.bytes()).isEqualTo(40);
  }

  @Test
  void aBatchWithoutABoundaryHasNoPosition() throws InterruptedException {
    add(1);
    batch.offer();

    assertThat(take().boundary()).isNull();
  }

  @Test
  void offeringNothingOffersNothing() throws InterruptedException {
    batch.offer();

    assertThat(mailbox.take(0, () -> false)).isNull();
  }

  @Test
  void aBatchWaitsForMoreFromItsFirstEventOn() throws InterruptedException {
    Reader patient = reader(BatchConfig.builder().maxFill(Duration.ofSeconds(2)));
    patient.batch().add(begin(1), 10);
    patient.batch().offer();
    platform.advance(Duration.ofSeconds(1));
    patient.batch().add(begin(2), 10);
    patient.batch().offer();
    assertThat(patient.mailbox().take(0, () -> false)).isNull();

    platform.advance(Duration.ofSeconds(1));

    assertThat(Objects.requireNonNull(patient.mailbox().take(0, () -> false)).events())
        .isEqualTo(begins(1, 2));
  }

  @Test
  void aFullBatchDoesNotWaitForMore() throws InterruptedException {
    BatchConfig.Builder limits =
        BatchConfig.builder().maxFill(Duration.ofDays(1)).maxSize(2).maxBytes(100);
    Reader bySize = reader(limits);
    bySize.batch().add(begin(1), 10);
    bySize.batch().offer();
    bySize.batch().add(begin(2), 10);
    bySize.batch().offer();
    Reader byBytes = reader(limits);
    byBytes.batch().add(begin(1), 100);
    byBytes.batch().offer();

    assertThat(bySize.mailbox().take(0, () -> false)).isNotNull();
    assertThat(byBytes.mailbox().take(0, () -> false)).isNotNull();
  }

  @Test
  void aPositionAloneIsStoredEveryHalfMinute() throws InterruptedException {
    batch.boundary(new Lsn(1));
    batch.offer();
    assertThat(take().boundary()).isEqualTo(new Lsn(1));
    mailbox.done(true);

    batch.boundary(new Lsn(2));
    batch.offer();
    platform.advance(Duration.ofNanos(30 * SECOND - 1));
    assertThat(mailbox.take(0, () -> false)).isNull();
    platform.advance(Duration.ofNanos(1));

    assertThat(take().boundary()).isEqualTo(new Lsn(2));
  }

  @Test
  void aPositionFarAheadIsStoredAfterASecond() throws InterruptedException {
    mailbox.done(true);
    batch.boundary(new Lsn(1 << 20));
    batch.offer();
    platform.advance(Duration.ofNanos(SECOND - 1));
    assertThat(mailbox.take(0, () -> false)).isNull();
    platform.advance(Duration.ofNanos(1));

    assertThat(take().boundary()).isEqualTo(new Lsn(1 << 20));
  }

  @Test
  void aPositionInAHurryIsStoredAtOnce() throws InterruptedException {
    mailbox.done(true);
    batch.boundary(new Lsn(2));
    batch.offer();
    assertThat(mailbox.take(0, () -> false)).isNull();

    mailbox.hurry();

    assertThat(take().boundary()).isEqualTo(new Lsn(2));
  }

  @Test
  void aPositionTravelsWithEventsThatCome() throws InterruptedException {
    mailbox.done(true);
    batch.boundary(new Lsn(2));
    batch.offer();
    add(3);
    batch.offer();

    EventBatch taken = take();

    assertThat(taken.events()).isEqualTo(begins(3));
    assertThat(taken.boundary()).isEqualTo(new Lsn(2));
  }

  @Test
  void isFullOnceSoManyEventsWaitOfferedOrNot() {
    assertThat(batch.isFull()).isFalse();
    for (int i = 0; i < 200; i++) {
      batch.add(begin(i), 1);
    }
    batch.offer();
    for (int i = 0; i < 99; i++) {
      batch.add(begin(i), 1);
    }
    assertThat(batch.isFull()).isFalse();

    batch.add(begin(0), 1);

    assertThat(batch.isFull()).isTrue();
  }

  @Test
  void isFullOnceSoManyBytesWaitOfferedOrNot() {
    batch.add(begin(1), 6_000);
    batch.offer();
    batch.add(begin(2), 3_999);
    assertThat(batch.isFull()).isFalse();

    batch.add(begin(3), 1);

    assertThat(batch.isFull()).isTrue();
  }

  @Test
  void isFullOfLittleOnceTheBudgetIsUsedUp() throws InterruptedException {
    budget.open().take(2 << 20);
    Reader large = reader(BatchConfig.builder().maxSize(300).maxBytes(1 << 20));
    large.batch().add(begin(1), 40_000);
    assertThat(large.batch().isFull()).isFalse();

    large.batch().add(begin(2), 40_000);

    assertThat(large.batch().isFull()).isTrue();
    large.batch().offer();
    assertThat(Objects.requireNonNull(large.mailbox().take(0, () -> false)).size()).isEqualTo(2);
    assertThat(large.batch().isFull()).isFalse();
  }

  @Test
  void hasRoomAgainOnceTheBatchIsTaken() throws InterruptedException {
    batch.add(begin(1), 10_000);
    batch.offer();
    assertThat(batch.awaitRoom(1)).isFalse();

    take();

    assertThat(batch.awaitRoom(0)).isTrue();
  }

  @Test
  void isWorthOfferingOnlyToAnIdleDelivery() throws InterruptedException {
    for (int i = 0; i < 256; i++) {
      batch.add(begin(i), 1);
    }
    assertThat(batch.isDue()).isFalse();

    mailbox.take(1, () -> false);
    assertThat(batch.isDue()).isTrue();

    batch.offer();
    assertThat(batch.isDue()).isFalse();
    take();
    for (int i = 0; i < 256; i++) {
      batch.add(begin(i), 1);
    }
    assertThat(batch.isDue()).isFalse();
  }

  @Test
  void dropsTheOpenTransactionAndOffersTheRest() throws InterruptedException {
    add(1, 2);
    batch.boundary(new Lsn(3));
    batch.offer();
    add(3);
    batch.offer();
    add(3);

    batch.dropOpenTransaction();

    EventBatch taken = take();
    assertThat(taken.events()).isEqualTo(begins(1, 2));
    assertThat(taken.boundary()).isEqualTo(new Lsn(3));
    mailbox.done(true);
    batch.discard();
    assertThat(budget.used()).isZero();
  }

  @Test
  void dropsWhatFollowsATransactionHalfDelivered() throws InterruptedException {
    add(1);
    batch.offer();
    take();
    add(1, 1);

    batch.dropOpenTransaction();

    mailbox.done(true);
    platform.advance(Duration.ofNanos(30 * SECOND));
    assertThat(mailbox.take(0, () -> false)).isNull();
    assertThat(mailbox.drain(0)).isTrue();
  }

  @Test
  void keepsACompleteTransactionWhenTheOpenOneIsDropped() throws InterruptedException {
    add(1);
    batch.boundary(new Lsn(2));

    batch.dropOpenTransaction();

    assertThat(take().events()).isEqualTo(begins(1));
  }

  @Test
  void givesTheBudgetBackWhateverHappens() throws InterruptedException {
    add(1);
    batch.offer();
    take();
    add(2);
    batch.offer();
    add(3);

    mailbox.fail(failure);
    batch.discard();
    batch.discard();

    assertThat(budget.used()).isZero();
  }

  @Test
  void reportsToTheReaderThatTheDeliveryFailed() {
    add(1);
    batch.offer();
    batch.checkDelivery();

    mailbox.fail(failure);
    mailbox.fail(new EtlException(ErrorKind.INTERNAL, "later"));

    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(batch::checkDelivery)
        .isSameAs(failure);
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> batch.awaitRoom(SECOND))
        .isSameAs(failure);
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> mailbox.drain(SECOND))
        .isSameAs(failure);
  }

  @Test
  void isDrainedWhenNothingWasOffered() throws InterruptedException {
    assertThat(mailbox.drain(0)).isTrue();
  }

  @Test
  void isNotDrainedWhileABatchIsOfferedOrDelivered() throws InterruptedException {
    add(1);
    batch.offer();
    assertThat(mailbox.drain(0)).isFalse();
    take();
    assertThat(mailbox.drain(0)).isFalse();

    mailbox.done(true);

    assertThat(mailbox.drain(0)).isTrue();
  }

  @Test
  void isNotDrainedWhileDataIsOnlyAccepted() throws InterruptedException {
    add(1);
    batch.offer();
    take();
    mailbox.done(false);
    assertThat(mailbox.drain(0)).isFalse();

    mailbox.durable();

    assertThat(mailbox.drain(0)).isTrue();
  }

  @Test
  void deliversTheRestOnceItIsClosed() throws InterruptedException {
    Reader patient = reader(BatchConfig.builder().maxFill(Duration.ofDays(1)));
    patient.batch().add(begin(1), 10);
    patient.batch().offer();
    assertThat(patient.mailbox().isClosed()).isFalse();

    patient.mailbox().close();

    assertThat(patient.mailbox().isClosed()).isTrue();
    assertThat(patient.mailbox().take(Long.MAX_VALUE, () -> false)).isNotNull();
    assertThat(patient.mailbox().take(Long.MAX_VALUE, () -> false)).isNull();
  }

  @Test
  void isAwaitedUntilItIsClosed() throws InterruptedException {
    assertThat(mailbox.awaitClose(1)).isFalse();

    mailbox.close();

    assertThat(mailbox.awaitClose(Long.MAX_VALUE)).isTrue();
  }
}

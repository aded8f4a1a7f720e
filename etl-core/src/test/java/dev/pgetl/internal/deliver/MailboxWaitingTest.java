package dev.pgetl.internal.deliver;

import static dev.pgetl.internal.deliver.SampleEvents.begin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who waits for whom: each is woken by what it waits for, and by everything that ends the wait. */
class MailboxWaitingTest {
  private static final long FOREVER = Long.MAX_VALUE;

  private final ByteBudget budget = new ByteBudget(1_000);

  private final EtlException failure = new EtlException(ErrorKind.INTERNAL, "test");

  /** Batches wait for longer than any test. */
  private final Reader patient = reader(Duration.ofDays(1));

  private final OpenBatch batch = patient.batch();
  private final Mailbox mailbox = patient.mailbox();

  private Reader reader(Duration maxFill) {
    BatchConfig limits = BatchConfig.builder().maxFill(maxFill).maxSize(2).build();
    return Reader.of(limits, budget, Platform.jvm());
  }

  private Background<@Nullable EventBatch> delivery() {
    return delivery(mailbox);
  }

  private static Background<@Nullable EventBatch> delivery(Mailbox mailbox) {
    return Background.<@Nullable EventBatch>call(() -> mailbox.take(FOREVER, () -> false))
        .awaitBlocked();
  }

  @Test
  void anOfferWakesTheDelivery() throws Exception {
    Reader eager = reader(Duration.ZERO);
    Background<@Nullable EventBatch> delivery = delivery(eager.mailbox());

    eager.batch().add(begin(1), 1);
    eager.batch().offer();

    assertThat(delivery.result()).isNotNull();
  }

  @Test
  void anEventWakesTheDeliveryThatWaitsForAPositionToBeDue() throws Exception {
    Reader eager = reader(Duration.ZERO);
    eager.mailbox().done(true);
    eager.batch().boundary(new Lsn(1));
    eager.batch().offer();
    Background<@Nullable EventBatch> delivery = delivery(eager.mailbox());

    eager.batch().add(begin(1), 1);
    eager.batch().offer();

    assertThat(delivery.result()).isNotNull().returns(true, EventBatch::hasEvents);
  }

  @Test
  void theBatchBecomingFullWakesTheDelivery() throws Exception {
    batch.add(begin(1), 1);
    batch.offer();
    Background<@Nullable EventBatch> delivery = delivery();

    batch.add(begin(2), 1);
    batch.offer();

    assertThat(delivery.result()).isNotNull();
  }

  @Test
  void aReaderWithoutRoomWakesTheDelivery() throws Exception {
    batch.add(begin(1), 100_000);
    assertThat(batch.isFull()).isTrue();
    batch.offer();
    Background<@Nullable EventBatch> delivery = delivery();

    assertThat(batch.awaitRoom(FOREVER)).isTrue();

    assertThat(delivery.result()).isNotNull();
  }

  @Test
  void aReaderThatStoppedWaitingLetsTheBatchGrow() throws Exception {
    batch.add(begin(1), 1);
    batch.offer();

    assertThat(batch.awaitRoom(1)).isFalse();

    assertThat(mailbox.take(0, () -> false)).isNull();
  }

  @Test
  void hurryWakesTheDelivery() throws Exception {
    mailbox.done(true);
    batch.boundary(new Lsn(1));
    batch.offer();
    Background<@Nullable EventBatch> delivery = delivery();

    mailbox.hurry();

    assertThat(delivery.result()).isNotNull();
  }

  @Test
  void closingWakesTheDelivery() throws Exception {
    Background<@Nullable EventBatch> delivery = delivery();

    mailbox.close();

    assertThat(delivery.result()).isNull();
  }

  @Test
  void closingWakesTheDeliveryBetweenAttempts() throws Exception {
    Background<Boolean> closed = Background.call(() -> mailbox.awaitClose(FOREVER)).awaitBlocked();

    mailbox.close();

    assertThat(closed.result()).isTrue();
  }

  @Test
  void drainingWakesTheDelivery() throws Exception {
    batch.add(begin(1), 1);
    batch.offer();
    Background<@Nullable EventBatch> delivery = delivery();
    Background<Boolean> drained = Background.call(() -> mailbox.drain(FOREVER)).awaitBlocked();
    assertThat(delivery.result()).isNotNull();

    mailbox.done(true);

    assertThat(drained.result()).isTrue();
  }

  @Test
  void drainingWakesTheDeliveryToMakeDurableWhatIsAccepted() throws Exception {
    mailbox.done(false);
    Background<@Nullable EventBatch> delivery = delivery();
    Background<Boolean> drained = Background.call(() -> mailbox.drain(FOREVER)).awaitBlocked();
    assertThat(delivery.result()).isNull();

    mailbox.durable();

    assertThat(drained.result()).isTrue();
  }

  @Test
  void aSecondDrainIsRefusedAndDoesNotDisturbTheFirst() throws Exception {
    batch.add(begin(1), 1);
    batch.offer();
    Background<Boolean> drained = Background.call(() -> mailbox.drain(FOREVER)).awaitBlocked();

    assertThatThrownBy(() -> mailbox.drain(1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> batch.awaitRoom(1)).isInstanceOf(IllegalStateException.class);

    assertThat(mailbox.take(0, () -> false)).as("still due at once").isNotNull();
    mailbox.done(true);
    assertThat(drained.result()).isTrue();
  }

  @Test
  void closingWhileTheReaderDrainsIsNotUndoneByTheEndOfTheDrain() throws Exception {
    batch.add(begin(1), 1);
    batch.offer();
    Background<Boolean> drained = Background.call(() -> mailbox.drain(FOREVER)).awaitBlocked();

    mailbox.close();
    assertThat(mailbox.take(0, () -> false)).isNotNull();
    mailbox.done(true);

    assertThat(drained.result()).isTrue();
    assertThat(mailbox.isClosed()).isTrue();
  }

  @Test
  void takingTheBatchWakesTheReader() throws Exception {
    batch.add(begin(1), 1);
    batch.offer();
    Background<Boolean> reader = Background.call(() -> batch.awaitRoom(FOREVER)).awaitBlocked();

    assertThat(mailbox.take(FOREVER, () -> false)).isNotNull();

    assertThat(reader.result()).isTrue();
  }

  @Test
  void aFailureWakesTheReaderWithoutRoom() {
    batch.add(begin(1), 1);
    Background<Boolean> reader = Background.call(() -> batch.awaitRoom(FOREVER)).awaitBlocked();

    mailbox.fail(failure);

    assertThatThrownBy(reader::result).isInstanceOf(ExecutionException.class).hasCause(failure);
  }

  @Test
  void aFailureWakesTheReaderThatDrains() {
    batch.add(begin(1), 1);
    batch.offer();
    Background<Boolean> drained = Background.call(() -> mailbox.drain(FOREVER)).awaitBlocked();

    mailbox.fail(failure);

    assertThatThrownBy(drained::result).isInstanceOf(ExecutionException.class).hasCause(failure);
  }

  @Test
  void anInterruptEndsTheWaitOfTheDelivery() {
    Background<@Nullable EventBatch> delivery = delivery();
    Background<Boolean> closed = Background.call(() -> mailbox.awaitClose(FOREVER)).awaitBlocked();

    delivery.interrupt();
    closed.interrupt();

    assertThatThrownBy(delivery::result).hasCauseInstanceOf(InterruptedException.class);
    assertThatThrownBy(closed::result).hasCauseInstanceOf(InterruptedException.class);
  }

  @Test
  void anInterruptEndsTheWaitOfTheReader() {
    batch.add(begin(1), 1);
    batch.offer();
    Background<Boolean> reader = Background.call(() -> batch.awaitRoom(FOREVER)).awaitBlocked();
    reader.interrupt();
    assertThatThrownBy(reader::result).hasCauseInstanceOf(InterruptedException.class);

    Background<Boolean> drained = Background.call(() -> mailbox.drain(FOREVER)).awaitBlocked();
    drained.interrupt();
    assertThatThrownBy(drained::result).hasCauseInstanceOf(InterruptedException.class);
  }
}

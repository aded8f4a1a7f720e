package dev.pgetl.internal.deliver;

import static dev.pgetl.destination.WriteResult.ACCEPTED;
import static dev.pgetl.internal.deliver.SampleEvents.begin;
import static dev.pgetl.internal.deliver.SampleEvents.insert;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.deliver.RecordingListener.Retry;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A running delivery whose destination or store fails for a while. */
class DeliveryRetryTest {
  private final EtlException busy = new EtlException(ErrorKind.DESTINATION_UNAVAILABLE, "busy");

  private final Reader reader =
      Reader.of(BatchConfig.DEFAULT, new ByteBudget(1 << 20), Platform.jvm());
  private final OpenBatch batch = reader.batch();
  private final Mailbox mailbox = reader.mailbox();
  private final ScriptedDestination destination = new ScriptedDestination();
  private final RecordingListener listener = new RecordingListener();
  private final CallGate gate = new CallGate(Platform.jvm());

  private Background<Boolean> running(Duration firstDelay) {
    return running(firstDelay, () -> {});
  }

  private Background<Boolean> running(Duration firstDelay, Attempts.Action owned) {
    EventDelivery delivery =
        new EventDelivery(
            destination,
            mailbox,
            listener,
            BatchConfig.DEFAULT,
            new Backoff(firstDelay, 3, new Random(1)),
            owned,
            gate);
    return Background.call(
        () -> {
          delivery.run();
          return true;
        });
  }

  private void offer() {
    batch.add(begin(1), 10);
    batch.boundary(new Lsn(2));
    batch.offer();
  }

  private void deliver() throws Exception {
    Background<Boolean> running = running(Duration.ofNanos(1));
    offer();
    assertThat(mailbox.drain(Long.MAX_VALUE)).isTrue();
    mailbox.close();
    assertThat(running.result()).isTrue();
  }

  /** The store is away just when the destination refuses a table. */
  @Test
  void putsARefusedTableAsideOnceTheStoreIsBack() throws Exception {
    EtlException away = new EtlException(ErrorKind.STORE_UNAVAILABLE, "away");
    EtlException refused =
        new EtlException(ErrorKind.DESTINATION_REJECTED, "rejected").withTable(7);
    listener.refusalFailures.add(away);
    destination.thenThrow(refused);
    batch.add(insert(1, 2, 7), 10);

    deliver();

    assertThat(listener.refusals).containsExactly(refused, refused);
    assertThat(listener.retries).containsExactly(new Retry(away, 1, Duration.ZERO));
    assertThat(destination.writes())
        .containsExactly(List.of(insert(1, 2, 7), begin(1)), List.of(begin(1)));
    assertThat(listener.durable).containsExactly(new Lsn(2));
  }

  @Test
  void writesTheSameEventsAgain() throws Exception {
    destination.thenThrow(busy).thenThrow(busy).thenThrow(busy);

    deliver();

    assertThat(destination.writes()).hasSize(4).containsOnly(List.of(begin(1)));
    assertThat(listener.retries)
        .containsExactly(
            new Retry(busy, 1, Duration.ofNanos(1)),
            new Retry(busy, 2, Duration.ofNanos(2)),
            new Retry(busy, 3, Duration.ofNanos(4)));
    assertThat(listener.durable).containsExactly(new Lsn(2));
  }

  @Test
  void flushesAgain() throws Exception {
    destination.then(() -> ACCEPTED).thenThrow(busy);

    deliver();

    assertThat(destination.writes()).hasSize(1);
    assertThat(destination.flushes()).isEqualTo(2);
    assertThat(listener.durable).containsExactly(new Lsn(2));
  }

  @Test
  void remembersAgain() throws Exception {
    listener.failures.add(new EtlException(ErrorKind.STORE_UNAVAILABLE, "test"));

    deliver();

    assertThat(destination.writes()).hasSize(1);
    assertThat(listener.durable).containsExactly(new Lsn(2), new Lsn(2));
  }

  @Test
  void countsFailuresInARowOnly() throws Exception {
    destination
        .thenThrow(busy)
        .thenThrow(busy)
        .then(() -> ACCEPTED)
        .thenThrow(busy)
        .thenThrow(busy);

    deliver();

    assertThat(listener.retries).extracting(Retry::attempt).containsExactly(1, 2, 1, 2);
  }

  @Test
  void endsAfterTheLastAttempt() {
    destination.thenThrow(busy).thenThrow(busy).thenThrow(busy).thenThrow(busy);
    Background<Boolean> running = running(Duration.ofNanos(1));
    offer();

    assertThatThrownBy(running::result).hasCause(busy);
    assertThat(destination.writes()).hasSize(4);
  }

  /** Nobody is told of a retry that does not come. */
  @Test
  void announcesNoRetryOnceTheMailboxIsClosed() {
    destination.thenThrow(busy);
    offer();
    mailbox.close();

    assertThatThrownBy(running(Duration.ofDays(1))::result).hasCause(busy);
    assertThat(listener.retries).isEmpty();
  }

  @Test
  void doesNotWaitForARetryOnceTheMailboxIsClosed() {
    destination.thenThrow(busy);
    Background<Boolean> running = running(Duration.ofDays(1));
    offer();
    await().until(() -> listener.retries.size() == 1);
    running.awaitBlocked();

    mailbox.close();

    assertThatThrownBy(running::result).hasCause(busy);
    assertThatThrownBy(batch::checkDelivery).isSameAs(busy);
    assertThat(listener.durable).isEmpty();
  }

  /** The reader waits for the delivery, so only the delivery can end the pipeline. */
  @Test
  void asksForAsLongAsAllAttemptsTakeWhetherThePipelineIsItsOwn() {
    EtlException away = new EtlException(ErrorKind.SOURCE_UNAVAILABLE, "away");
    Background<Boolean> running =
        running(
            Duration.ofMillis(1),
            () -> {
              throw away;
            });
    offer();
    assertThatThrownBy(() -> mailbox.drain(Duration.ofMinutes(1).toNanos())).isSameAs(away);
    assertThatThrownBy(running::result).hasCause(away);
    assertThat(listener.retries).hasSizeBetween(6, 7);
    assertThat(destination.writes()).isEmpty();
  }

  // ---- while the pipeline is paused ----

  @Test
  void holdsABatchBackWhileThePipelineIsPaused() throws Exception {
    assertThat(gate.pause()).isTrue();
    Background<Boolean> running = running(Duration.ofNanos(1));
    offer();
    assertThat(mailbox.drain(Duration.ofMillis(50).toNanos())).isFalse();
    assertThat(destination.writes()).isEmpty();
    assertThat(listener.durable).isEmpty();

    assertThat(gate.resume()).isTrue();

    assertThat(mailbox.drain(Long.MAX_VALUE)).isTrue();
    assertThat(destination.writes()).hasSize(1);
    mailbox.close();
    assertThat(running.result()).isTrue();
  }

  /** The server may recycle log that holds nothing for the destination. */
  @Test
  void storesAPositionWithoutEventsWhileThePipelineIsPaused() throws Exception {
    assertThat(gate.pause()).isTrue();
    Background<Boolean> running = running(Duration.ofNanos(1));
    batch.boundary(new Lsn(9));
    batch.offer();

    assertThat(mailbox.drain(Long.MAX_VALUE)).isTrue();

    assertThat(listener.durable).containsExactly(new Lsn(9));
    mailbox.close();
    assertThat(running.result()).isTrue();
  }

  @Test
  void endsWithoutDeliveringIfThePipelineIsPaused() {
    assertThat(gate.pause()).isTrue();
    Background<Boolean> running = running(Duration.ofNanos(1));
    offer();

    mailbox.close();

    assertThatThrownBy(running::result).hasCauseInstanceOf(InterruptedException.class);
    assertThat(destination.writes()).isEmpty();
    assertThat(listener.durable).isEmpty();
  }
}

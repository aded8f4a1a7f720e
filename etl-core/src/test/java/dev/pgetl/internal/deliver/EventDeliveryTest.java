package dev.pgetl.internal.deliver;

import static dev.pgetl.destination.WriteResult.ACCEPTED;
import static dev.pgetl.destination.WriteResult.DURABLE;
import static dev.pgetl.internal.deliver.SampleEvents.begin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.platform.ManualPlatform;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The delivery of what was offered before the mailbox was closed. */
class EventDeliveryTest {
  private final EtlException rejected =
      new EtlException(ErrorKind.DESTINATION_REJECTED, "rejected");

  private final ManualPlatform platform = new ManualPlatform(0);
  private final ByteBudget budget = new ByteBudget(1 << 20);
  private final BatchConfig limits =
      BatchConfig.builder().maxAcceptedAge(Duration.ofSeconds(5)).build();
  private final Reader reader = Reader.of(limits, budget, platform);
  private final OpenBatch batch = reader.batch();
  private final Mailbox mailbox = reader.mailbox();
  private final ScriptedDestination destination = new ScriptedDestination();
  private final RecordingListener listener = new RecordingListener();
  private final EventDelivery delivery =
      new EventDelivery(
          destination,
          mailbox,
          listener,
          limits,
          new Backoff(Duration.ofNanos(1), 3, new Random(1)),
          () -> {},
          new CallGate(platform));

  private void offer(long commitLsn) {
    batch.add(begin(commitLsn), 10);
    batch.boundary(new Lsn(commitLsn + 1));
    batch.offer();
  }

  /** Lets time pass while the destination works, and offers another batch meanwhile. */
  private ScriptedDestination meanwhileOffering(long commitLsn, Duration took) {
    return meanwhileOffering(commitLsn, took, ACCEPTED);
  }

  private ScriptedDestination meanwhileOffering(long commitLsn, Duration took, WriteResult result) {
    return destination.then(
        () -> {
          platform.advance(took);
          offer(commitLsn);
          return result;
        });
  }

  private void run() throws InterruptedException {
    mailbox.close();
    delivery.run();
  }

  private EtlException failure() {
    mailbox.close();
    return assertThatExceptionOfType(EtlException.class).isThrownBy(delivery::run).actual();
  }

  /** {@return what the reader is told} */
  private EtlException reported() {
    return assertThatExceptionOfType(EtlException.class).isThrownBy(batch::checkDelivery).actual();
  }

  @Test
  void remembersThePositionOfWhatIsDurable() throws InterruptedException {
    destination.then(
        () -> {
          assertThat(listener.durable).isEmpty();
          return DURABLE;
        });
    offer(1);

    run();

    assertThat(destination.writes()).containsExactly(List.of(begin(1)));
    assertThat(listener.durable).containsExactly(new Lsn(2));
    assertThat(destination.flushes()).isZero();
    batch.discard();
    assertThat(budget.used()).isZero();
  }

  @Test
  void underLoadRemembersOnlyTheLastOfSeveralPositions() throws InterruptedException {
    listener.takes(Duration.ofMillis(6), platform);
    meanwhileOffering(2, Duration.ZERO, DURABLE);
    meanwhileOffering(3, Duration.ofMillis(100), DURABLE);
    meanwhileOffering(4, Duration.ofMillis(10), DURABLE);
    offer(1);

    run();

    assertThat(destination.writes()).hasSize(4);
    assertThat(listener.durable).containsExactly(new Lsn(2), new Lsn(5));
  }

  @Test
  void otherwiseRemembersEachPositionAtOnce() throws InterruptedException {
    meanwhileOffering(2, Duration.ZERO, DURABLE);
    meanwhileOffering(3, Duration.ZERO, DURABLE);
    offer(1);

    run();

    assertThat(listener.durable).containsExactly(new Lsn(2), new Lsn(3), new Lsn(4));
  }

  @Test
  void remembersWhatWasDeliveredBeforeItFails() {
    listener.takes(Duration.ofMillis(6), platform);
    meanwhileOffering(2, Duration.ZERO, DURABLE);
    meanwhileOffering(3, Duration.ZERO, DURABLE).thenThrow(rejected);
    offer(1);

    assertThat(failure()).isSameAs(rejected);

    assertThat(listener.durable).containsExactly(new Lsn(2), new Lsn(3));
  }

  @Test
  void remembersNoPositionInTheMiddleOfATransaction() throws InterruptedException {
    batch.add(begin(1), 10);
    batch.offer();

    run();

    assertThat(destination.writes()).hasSize(1);
    assertThat(listener.durable).isEmpty();
  }

  @Test
  void remembersAPositionThatComesWithoutEvents() throws InterruptedException {
    batch.boundary(new Lsn(7));
    batch.offer();

    run();

    assertThat(destination.writes()).isEmpty();
    assertThat(listener.durable).containsExactly(new Lsn(7));
    assertThat(listener.delivered).isEmpty();
  }

  @Test
  void remembersAcceptedDataOnlyAfterItWasFlushed() throws InterruptedException {
    destination
        .then(() -> ACCEPTED)
        .then(
            () -> {
              assertThat(listener.durable).isEmpty();
              return ACCEPTED;
            });
    offer(1);

    run();

    assertThat(destination.flushes()).isEqualTo(1);
    assertThat(listener.durable).containsExactly(new Lsn(2));
  }

  @Test
  void aDurableBatchBehindAnAcceptedOneIsNotRememberedBeforeTheFlush() throws InterruptedException {
    meanwhileOffering(2, Duration.ZERO);
    offer(1);

    run();

    assertThat(destination.writes()).hasSize(2);
    assertThat(listener.durable).containsExactly(new Lsn(3));
    assertThat(destination.flushes()).isEqualTo(1);
  }

  @Test
  void flushesAcceptedDataThatGetsTooOld() throws InterruptedException {
    meanwhileOffering(2, Duration.ofSeconds(5)).then(() -> ACCEPTED);
    offer(1);

    run();

    assertThat(listener.durable).containsExactly(new Lsn(2), new Lsn(3));
    assertThat(destination.flushes()).isEqualTo(1);
  }

  @Test
  void countsTheAgeFromTheFirstDataAccepted() throws InterruptedException {
    meanwhileOffering(2, Duration.ofSeconds(3));
    meanwhileOffering(3, Duration.ofSeconds(2));
    offer(1);

    run();

    assertThat(listener.durable).containsExactly(new Lsn(3), new Lsn(4));
  }

  @Test
  void tellsWhatWasDelivered() throws InterruptedException {
    meanwhileOffering(2, Duration.ofSeconds(3));
    batch.add(begin(1), 10);
    batch.add(begin(1), 20);
    batch.offer();

    run();

    assertThat(listener.delivered)
        .containsExactly("2 events, 30 bytes, 3000 ms", "1 events, 10 bytes, 0 ms");
  }

  @Test
  void endsWithTheFailureAndTellsTheReader() {
    destination.thenThrow(rejected);
    offer(1);

    assertThat(failure()).isSameAs(rejected);

    assertThat(reported()).isSameAs(rejected);
    assertThat(destination.writes()).hasSize(1);
    assertThat(listener.durable).isEmpty();
    assertThat(listener.retries).isEmpty();
    batch.discard();
    assertThat(budget.used()).isZero();
  }

  @Test
  void endsIfTheFlushFails() {
    destination.then(() -> ACCEPTED).thenThrow(rejected);
    offer(1);

    assertThat(failure()).isSameAs(rejected);

    assertThat(listener.durable).isEmpty();
  }

  @Test
  void endsIfThePositionCannotBeRemembered() {
    listener.failures.add(new EtlException(ErrorKind.STORE_CORRUPT, "test"));
    offer(1);

    assertThat(failure().kind()).isEqualTo(ErrorKind.STORE_CORRUPT);
  }

  @Test
  void blamesTheDestinationForWhatItThrows() {
    RuntimeException cause = new IllegalStateException("text with a cell value");
    destination.thenThrow(cause);
    offer(1);

    EtlException failure = failure();

    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_FAILED);
    assertThat(failure).hasCause(cause).hasMessageNotContaining("cell value");
    assertThat(failure.summary())
        .isEqualTo(
            "writing 1 events to destination scripted failed: java.lang.IllegalStateException");
    assertThat(reported()).isSameAs(failure);
  }

  @Test
  void blamesTheDestinationForAnError() {
    StackOverflowError cause = new StackOverflowError();
    destination.thenThrow(cause);
    offer(1);

    EtlException failure = failure();

    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_FAILED);
    assertThat(failure).hasCause(cause);
    assertThat(failure.summary()).startsWith("writing 1 events to destination scripted failed");
  }

  /** The JVM cannot continue; no one knows whose fault that is. */
  @Test
  void blamesNoDestinationForAnErrorOfTheJvm() {
    destination.thenThrow(new OutOfMemoryError("Java heap space"));
    offer(1);

    EtlException failure = failure();

    assertThat(failure.kind()).isEqualTo(ErrorKind.INTERNAL);
    assertThat(failure.summary())
        .isEqualTo("delivering events failed: java.lang.OutOfMemoryError: Java heap space");
    assertThat(reported()).isSameAs(failure);
  }

  @Test
  void blamesTheDestinationForReturningNothing() {
    destination.then(() -> null);
    offer(1);

    assertThat(failure().kind()).isEqualTo(ErrorKind.DESTINATION_FAILED);
  }

  @Test
  void tellsTheReaderOfWhatTheListenerThrows() {
    RuntimeException cause = new IllegalStateException("test");
    listener.failures.add(cause);
    offer(1);

    assertThat(failure()).returns(ErrorKind.INTERNAL, EtlException::kind).hasCause(cause);
    assertThat(reported()).hasCause(cause);
  }

  @Test
  void tellsTheReaderThatItWasInterrupted() {
    destination.then(
        () -> {
          Thread.currentThread().interrupt();
          throw new IllegalStateException("gave up");
        });
    offer(1);
    mailbox.close();

    assertThatThrownBy(delivery::run)
        .isInstanceOf(InterruptedException.class)
        .hasCauseInstanceOf(IllegalStateException.class);

    assertThat(reported().kind()).isEqualTo(ErrorKind.INTERNAL);
    assertThat(listener.durable).isEmpty();
  }
}

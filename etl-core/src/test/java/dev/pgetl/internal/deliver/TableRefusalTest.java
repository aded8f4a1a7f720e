package dev.pgetl.internal.deliver;

import static dev.pgetl.internal.deliver.SampleEvents.begin;
import static dev.pgetl.internal.deliver.SampleEvents.commit;
import static dev.pgetl.internal.deliver.SampleEvents.insert;
import static dev.pgetl.internal.deliver.SampleEvents.truncate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A destination that cannot take one table, and the others' events. */
class TableRefusalTest {
  private static final Event ONE = insert(1, 2, 7);
  private static final Event OTHER = insert(1, 4, 8);
  private final EtlException refused =
      new EtlException(ErrorKind.DESTINATION_REJECTED, "rejected").withTable(7);

  private final Reader reader =
      Reader.of(BatchConfig.DEFAULT, new ByteBudget(1 << 20), Platform.jvm());
  private final OpenBatch batch = reader.batch();
  private final Mailbox mailbox = reader.mailbox();
  private final ScriptedDestination destination = new ScriptedDestination();
  private final RecordingListener listener = new RecordingListener();
  private final EventDelivery delivery =
      new EventDelivery(
          destination,
          mailbox,
          listener,
          BatchConfig.DEFAULT,
          new Backoff(Duration.ofNanos(1), 3, new Random(1)),
          () -> {},
          new CallGate(Platform.jvm()));

  @BeforeEach
  void onlyWhatIsThere() {
    mailbox.close();
  }

  private void deliver(Event... events) throws InterruptedException {
    offer(events);
    delivery.run();
  }

  private void offer(Event... events) {
    for (Event event : events) {
      batch.add(event, 10);
    }
    batch.boundary(new Lsn(2));
    batch.offer();
  }

  @Test
  void writesTheBatchAgainWithoutTheTable() throws InterruptedException {
    destination.thenThrow(refused);

    deliver(begin(1), ONE, OTHER, commit(1, 6));

    assertThat(listener.refusals).containsExactly(refused);
    assertThat(destination.writes())
        .containsExactly(
            List.of(begin(1), ONE, OTHER, commit(1, 6)), List.of(begin(1), OTHER, commit(1, 6)));
    assertThat(listener.durable).containsExactly(new Lsn(2));
  }

  /** What was accepted of the other tables is flushed all the same. */
  @Test
  void flushesAgainWithoutTheTable() throws InterruptedException {
    destination.then(() -> WriteResult.ACCEPTED).thenThrow(refused);

    deliver(ONE, OTHER);

    assertThat(listener.refusals).containsExactly(refused);
    assertThat(destination.flushes()).isEqualTo(2);
    assertThat(listener.durable).containsExactly(new Lsn(2));
  }

  @Test
  void leavesTheTableOutOfLaterBatches() throws InterruptedException {
    destination.thenThrow(refused);
    deliver(ONE);

    deliver(ONE, OTHER);

    assertThat(destination.writes()).last().isEqualTo(List.of(OTHER));
  }

  @Test
  void leavesTheTableOutOfTruncates() throws InterruptedException {
    destination.thenThrow(refused);

    deliver(truncate(1, 7), truncate(2, 8, 7, 9), truncate(3, 9));

    assertThat(destination.writes()).last().isEqualTo(List.of(truncate(2, 8, 9), truncate(3, 9)));
  }

  @Test
  void callsNobodyIfNothingIsLeft() throws InterruptedException {
    destination.thenThrow(refused);

    deliver(ONE);

    assertThat(destination.writes()).hasSize(1);
    assertThat(listener.durable).containsExactly(new Lsn(2));
  }

  @Test
  void leavesOutOneTableAfterTheOther() throws InterruptedException {
    destination.thenThrow(refused).thenThrow(refused.withTable(8));

    deliver(begin(1), ONE, OTHER);

    assertThat(destination.writes()).last().isEqualTo(List.of(begin(1)));
    assertThat(listener.refusals).hasSize(2);
  }

  @Test
  void writesTheTableAgainOnceItIsNoLongerRefused() throws InterruptedException {
    destination.thenThrow(refused);
    deliver(ONE);

    listener.refused.remove(new TableId(7));
    deliver(ONE);

    assertThat(destination.writes()).hasSize(2).last().isEqualTo(List.of(ONE));
  }

  @Test
  void failsIfTheStreamCannotGoOnWithoutTheTable() {
    listener.mayRefuse = false;
    destination.thenThrow(refused);
    offer(ONE);

    assertThatExceptionOfType(EtlException.class).isThrownBy(delivery::run).isSameAs(refused);
  }

  @Test
  void failsIfATableIsBlamedThatIsLeftOutAlready() {
    destination.thenThrow(refused).thenThrow(refused);
    offer(ONE, OTHER);

    assertThatExceptionOfType(EtlException.class).isThrownBy(delivery::run).isSameAs(refused);

    assertThat(listener.refusals).hasSize(1);
    assertThat(destination.writes()).hasSize(2);
  }
}

package dev.pgetl.internal.runtime.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.internal.deliver.Backoff;
import dev.pgetl.internal.deliver.CallGate;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.runtime.worker.Trouble;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CopyDeliveryTest {
  private static final TableSchema TABLE =
      TableSchema.builder(new TableId(7), new TableName("s", "t"))
          .snapshotLsn(new Lsn(0x100))
          .build();
  private final EtlException busy = new EtlException(ErrorKind.DESTINATION_UNAVAILABLE, "busy");

  private final FailingDestination destination = new FailingDestination();
  private final List<String> retries = new CopyOnWriteArrayList<>();
  private final PipelineListener listener =
      new PipelineListener() {
        @Override
        public void onRetry(EtlException failure, int attempt, Duration delay) {
          retries.add(attempt + " after " + delay.toNanos() + " ns");
        }
      };

  private final Trouble trouble = new Trouble(listener, Platform.jvm());

  private final CallGate gate = new CallGate(Platform.jvm());

  private boolean othersWait;

  private CopyDelivery delivery(Duration firstDelay) {
    return new CopyDelivery(
        destination,
        trouble,
        new Backoff(firstDelay, 3, new Random(1)),
        () -> {},
        gate,
        () -> othersWait,
        Platform.jvm());
  }

  @Test
  void makesEachCallAgainUntilItSucceeds() throws InterruptedException {
    CopyDelivery delivery = delivery(Duration.ofNanos(1));
    List<TableRow> rows = List.of();

    destination.failures.addAll(List.of(busy, busy, busy));
    assertThat(delivery.write(TABLE, rows)).isEqualTo(WriteResult.ACCEPTED);
    destination.failures.add(busy);
    delivery.flush();
    destination.failures.add(busy);
    delivery.truncate(null, TABLE);

    assertThat(destination.calls)
        .containsExactly("rows", "rows", "rows", "rows", "flush", "flush", "truncate", "truncate");
    assertThat(destination.written).allSatisfy(written -> assertThat(written).isSameAs(rows));
    assertThat(retries)
        .containsExactly(
            "1 after 1 ns", "2 after 2 ns", "3 after 4 ns", "1 after 1 ns", "1 after 1 ns");
  }

  @Test
  void asksAgainUntilItIsAnswered() throws InterruptedException {
    CopyDelivery delivery = delivery(Duration.ofNanos(1));
    destination.failures.addAll(List.of(busy, busy));
    assertThat(delivery.replace(null, TABLE)).isTrue();
    destination.failures.add(busy);
    assertThat(delivery.continueReplacement(TABLE)).isTrue();
    destination.replacing = false;
    assertThat(delivery.replace(TABLE, TABLE)).isFalse();
    assertThat(delivery.continueReplacement(TABLE)).isFalse();

    assertThat(destination.calls)
        .containsExactly(
            "replace", "replace", "replace", "continue", "continue", "replace", "continue");

    EtlException refused = new EtlException(ErrorKind.DESTINATION_REJECTED, "no such column");
    destination.failures.add(refused);
    assertThatThrownBy(() -> delivery.replace(null, TABLE)).isSameAs(refused);
    delivery.stop();
    assertThatThrownBy(() -> delivery.replace(null, TABLE))
        .isInstanceOf(InterruptedException.class);
  }

  @Test
  void endsAfterTheLastAttempt() {
    CopyDelivery delivery = delivery(Duration.ofNanos(1));
    destination.failures.addAll(List.of(busy, busy, busy, busy));

    assertThatThrownBy(() -> delivery.write(TABLE, List.of())).isSameAs(busy);
    assertThat(destination.calls).hasSize(4);
  }

  /** One retry is made in any case: the destination may be back at once. */
  @Test
  void makesRoomForOthersBeforeItHasWrittenAnything() {
    CopyDelivery delivery = delivery(Duration.ofNanos(1));
    othersWait = true;
    destination.failures.addAll(List.of(busy, busy));

    assertThatThrownBy(() -> delivery.truncate(null, TABLE)).isSameAs(busy);
    assertThat(destination.calls).containsExactly("truncate", "truncate");
  }

  @Test
  void keepsItsPlaceOnceItHasWrittenRows() throws InterruptedException {
    CopyDelivery delivery = delivery(Duration.ofNanos(1));
    othersWait = true;
    delivery.write(TABLE, List.of());
    destination.failures.addAll(List.of(busy, busy, busy));

    assertThat(delivery.write(TABLE, List.of())).isEqualTo(WriteResult.ACCEPTED);
  }

  @Test
  void doesNotRepeatWhatIsRefused() {
    CopyDelivery delivery = delivery(Duration.ofNanos(1));
    EtlException refused = new EtlException(ErrorKind.DESTINATION_REJECTED, "no such column");
    destination.failures.add(refused);

    assertThatThrownBy(() -> delivery.write(TABLE, List.of())).isSameAs(refused);
    assertThat(destination.calls).hasSize(1);
    assertThat(retries).isEmpty();
  }

  @Test
  void doesNotWaitOnceItIsStopped() throws Exception {
    CopyDelivery delivery = delivery(Duration.ofDays(1));
    destination.failures.add(busy);
    FutureTask<WriteResult> waiting = new FutureTask<>(() -> delivery.write(TABLE, List.of()));
    Thread worker = new Thread(waiting, "worker");
    worker.setDaemon(true);
    worker.start();
    await().until(() -> worker.getState() == Thread.State.TIMED_WAITING);

    delivery.stop();

    assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCause(busy);
    assertThat(destination.calls).hasSize(1);
  }

  @Test
  void whatComesBackAfterTheStopHasNoConsequences() {
    CopyDelivery delivery = delivery(Duration.ofDays(1));
    delivery.stop();

    assertThatThrownBy(() -> delivery.write(TABLE, List.of()))
        .isInstanceOf(InterruptedException.class);
  }

  /** Fails as often as told, then accepts. */
  private static final class FailingDestination implements Destination {
    private final Queue<EtlException> failures = new ArrayDeque<>();
    private final List<String> calls = new ArrayList<>();
    private final List<List<TableRow>> written = new ArrayList<>();
    private boolean replacing = true;

    private void called(String what) {
      calls.add(what);
      EtlException failure = failures.poll();
      if (failure != null) {
        throw failure;
      }
    }

    @Override
    public void truncateTable(TableSchema table) {
      called("truncate");
    }

    @Override
    public boolean beginReplacement(@Nullable TableSchema last, TableSchema next) {
      called("replace");
      return replacing;
    }

    @Override
    public boolean continueReplacement(TableSchema next) {
      called("continue");
      return replacing;
    }

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      written.add(rows);
      called("rows");
      return WriteResult.ACCEPTED;
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void flush() {
      called("flush");
    }
  }
}

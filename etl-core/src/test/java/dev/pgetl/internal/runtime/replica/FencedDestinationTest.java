package dev.pgetl.internal.runtime.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Destination;
import dev.pgetl.destination.Epoch;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** No call begins unless the lease lasts for another margin. */
class FencedDestinationTest {
  private static final Duration LENGTH = Duration.ofSeconds(10);

  private final AtomicLong clock = new AtomicLong(5);
  private final List<String> calls = new ArrayList<>();
  private Epoch begun = Epoch.endless(0);
  private final SharedDestination shared = new SharedDestination(new Recorder());
  private final Tenure tenure = new Tenure("it", 3, false, LENGTH, clock.get(), clock::get);
  private final FencedDestination fenced = new FencedDestination(shared, tenure);

  private void pass(Duration time) {
    clock.addAndGet(time.toNanos());
  }

  private void assertRefused(ErrorKind kind) {
    int before = calls.size();
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> fenced.writeEvents(List.of()))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(kind));
    assertThat(calls).hasSize(before);
    assertThat(shared.isBusy()).isFalse();
  }

  @Test
  void callsBeginWhileTheLeaseLasts() {
    var unused = fenced.writeEvents(List.of());
    pass(LENGTH.multipliedBy(79).dividedBy(100));
    var unusedToo = fenced.writeEvents(List.of());
    assertThat(calls).containsExactly("events", "events");
    pass(LENGTH.dividedBy(50));
    assertRefused(ErrorKind.STORE_UNAVAILABLE);
  }

  @Test
  void aRenewedLeaseLetsCallsBeginAgain() {
    pass(LENGTH);
    assertRefused(ErrorKind.STORE_UNAVAILABLE);
    tenure.renewed(clock.get());
    var unused = fenced.writeEvents(List.of());
    tenure.suspend();
    assertRefused(ErrorKind.STORE_UNAVAILABLE);
    tenure.renewed(clock.get());
    tenure.end();
    assertRefused(ErrorKind.STORE_LOCKED);
    tenure.renewed(clock.get());
    assertRefused(ErrorKind.STORE_LOCKED);
    assertThat(calls).containsExactly("events");
  }

  @Test
  void theDestinationIsStartedOnceAndLearnsEachEpoch() {
    fenced.startup();
    fenced.close();
    tenure.end();
    new FencedDestination(shared, new Tenure("it", 8, true, LENGTH, clock.get(), clock::get))
        .startup();
    assertThat(calls).containsExactly("startup", "epoch 3", "epoch 8");
  }

  /** A destination asks before each attempt of a call (rule D19). */
  @Test
  void theDestinationCanAskForTheSameLease() {
    fenced.startup();
    begun.require();
    pass(LENGTH);
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> begun.require())
        .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE));
    tenure.renewed(clock.get());
    begun.require();
    tenure.end();
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> begun.require())
        .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_LOCKED));
  }

  private final class Recorder implements Destination {
    @Override
    public void startup() {
      calls.add("startup");
    }

    @Override
    public void beginEpoch(Epoch epoch) {
      begun = epoch;
      calls.add("epoch " + epoch.number());
    }

    @Override
    public void truncateTable(TableSchema table) {
      calls.add("truncate");
    }

    @Override
    public WriteResult writeTableRows(TableSchema table, List<TableRow> rows) {
      calls.add("rows");
      return WriteResult.DURABLE;
    }

    @Override
    public WriteResult writeEvents(List<Event> events) {
      calls.add("events");
      return WriteResult.DURABLE;
    }

    @Override
    public void close() {
      calls.add("close");
    }
  }
}

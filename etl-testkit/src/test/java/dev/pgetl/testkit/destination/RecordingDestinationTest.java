package dev.pgetl.testkit.destination;

import static dev.pgetl.testkit.data.TestTable.INT8;
import static dev.pgetl.testkit.data.TestTable.TEXT;
import static dev.pgetl.testkit.data.TestTable.row;
import static dev.pgetl.testkit.destination.Operation.CLOSE;
import static dev.pgetl.testkit.destination.Operation.COPIED;
import static dev.pgetl.testkit.destination.Operation.EVENTS;
import static dev.pgetl.testkit.destination.Operation.FLUSH;
import static dev.pgetl.testkit.destination.Operation.REMOVE;
import static dev.pgetl.testkit.destination.Operation.ROWS;
import static dev.pgetl.testkit.destination.Operation.STARTUP;
import static dev.pgetl.testkit.destination.Operation.TRUNCATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import dev.pgetl.testkit.destination.Call.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RecordingDestinationTest {
  private static final TableSchema USERS =
      TestTable.named("users").key("id", INT8).column("name", TEXT).build();
  private static final TableSchema ORDERS = TestTable.named("orders").key("id", INT8).build();
  private static final List<Event> INSERT =
      TestTransaction.at(0x100).insert(row(USERS, "1", "a")).insert(row(ORDERS, "7")).commit();

  private final RecordingDestination destination = new RecordingDestination();

  @Test
  void recordsCallsInOrder() {
    destination.startup();
    destination.truncateTable(USERS);
    destination.writeTableRows(USERS, List.of(row(USERS, "1", "a")));
    destination.writeTableRows(ORDERS, List.of());
    destination.tableCopied(ORDERS);
    destination.writeEvents(INSERT);
    destination.flush();
    destination.close();

    assertThat(destination.calls())
        .extracting(Call::operation)
        .containsExactly(STARTUP, TRUNCATE, ROWS, ROWS, COPIED, EVENTS, FLUSH, CLOSE);
    assertThat(destination.copiedRows("users")).hasSize(1);
    assertThat(destination.rowWrites("public.orders")).isEqualTo(1);
    assertThat(destination.truncations("users")).isEqualTo(1);
    assertThat(destination.changes("users")).containsExactly(INSERT.get(1));
    assertThat(destination.events()).isEqualTo(INSERT);
    assertThat(destination.tables()).containsExactly("public.users", "public.orders");
  }

  @Test
  void refusesAsLongAsTheScriptSays() {
    destination.on(ROWS).of("users").times(2).reject(ErrorKind.DESTINATION_UNAVAILABLE);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> destination.writeTableRows(USERS, List.of()))
          .isInstanceOfSatisfying(
              EtlException.class,
              e -> assertThat(e.kind()).isEqualTo(ErrorKind.DESTINATION_UNAVAILABLE));
      assertThat(destination.writeTableRows(ORDERS, List.of())).isEqualTo(WriteResult.DURABLE);
    }
    destination.writeTableRows(USERS, List.of());
    assertThat(destination.rowWrites("users")).isEqualTo(1);
    assertThat(destination.attempts(ROWS)).isEqualTo(5);
  }

  @Test
  void isRepaired() {
    destination.on(EVENTS).reject(ErrorKind.DESTINATION_REJECTED);
    assertThatThrownBy(() -> destination.writeEvents(INSERT)).isInstanceOf(EtlException.class);
    destination.repair();
    destination.writeEvents(INSERT);
    assertThat(destination.changes("orders")).hasSize(1);
  }

  @Test
  void writesAndFails() {
    destination.on(EVENTS).of("orders").once().failAfterWrite(ErrorKind.DESTINATION_UNAVAILABLE);
    assertThatThrownBy(() -> destination.writeEvents(INSERT)).isInstanceOf(EtlException.class);
    destination.writeEvents(INSERT);
    assertThat(destination.changes("users")).hasSize(2);
    assertThat(destination.calls(EVENTS))
        .extracting(Call::outcome)
        .containsExactly(Outcome.FAILED_AFTER_WRITE, Outcome.DURABLE);
  }

  @Test
  void acceptsAndDelays() {
    destination.on(EVENTS).once().accept();
    destination.on(EVENTS).delay(Duration.ofMillis(20));
    assertThat(destination.writeEvents(INSERT)).isEqualTo(WriteResult.ACCEPTED);
    long begin = System.nanoTime();
    assertThat(destination.writeEvents(INSERT)).isEqualTo(WriteResult.DURABLE);
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isGreaterThanOrEqualTo(Duration.ofMillis(20));
  }

  @Test
  void holdsACallUntilReleasedOrFailed() {
    Hold first = destination.on(EVENTS).hold();
    Hold second = destination.on(EVENTS).hold();
    CompletableFuture<WriteResult> write =
        CompletableFuture.supplyAsync(() -> destination.writeEvents(INSERT));
    first.awaitReached();
    assertThat(destination.events()).isEmpty();
    assertThat(second.isReached()).isFalse();
    first.release();
    assertThat(write).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(WriteResult.DURABLE);

    CompletableFuture<WriteResult> failing =
        CompletableFuture.supplyAsync(() -> destination.writeEvents(INSERT));
    second.awaitReached().fail(ErrorKind.DESTINATION_REJECTED);
    assertThat(failing).failsWithin(Duration.ofSeconds(10));
    assertThat(destination.events()).isEqualTo(INSERT);
  }

  @Test
  void aHeldCallEndsWithAnInterruptUnlessItIsStubborn() throws InterruptedException {
    Hold polite = destination.on(FLUSH).hold();
    Thread flusher = new Thread(destination::flush);
    flusher.setUncaughtExceptionHandler((thread, failure) -> {});
    flusher.start();
    polite.awaitReached();
    flusher.interrupt();
    flusher.join(10_000);
    assertThat(flusher.isAlive()).isFalse();

    Hold stubborn = destination.on(FLUSH).hold().ignoringInterrupts();
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread hanging =
        new Thread(
            () -> {
              destination.flush();
              interrupted.complete(Thread.currentThread().isInterrupted());
            });
    hanging.start();
    stubborn.awaitReached();
    hanging.interrupt();
    assertThat(interrupted).isNotDone();
    stubborn.release();
    assertThat(interrupted).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(true);
  }

  @Test
  void removesUnlessTheScriptDeclines() {
    KeyRange range = new KeyRange("id", "2", "10");
    destination.writeTableRows(
        USERS, List.of(row(USERS, "1", "a"), row(USERS, "2", "b"), row(USERS, "9", "c")));
    destination.on(REMOVE).of("users").once().decline();

    assertThat(destination.removeRange(USERS, range)).isFalse();
    assertThat(destination.copiedRows("users")).hasSize(3);
    assertThat(destination.removeRange(USERS, range)).isTrue();
    assertThat(destination.copiedRows("users")).containsExactly(row(USERS, "1", "a"));
    assertThat(destination.calls(REMOVE))
        .extracting(Call::range, Call::outcome)
        .containsExactly(tuple(range, Outcome.DECLINED), tuple(range, Outcome.DURABLE));
    assertThatThrownBy(() -> destination.on(ROWS).decline())
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void answersWhatTheOtherDestinationAnswers() {
    RecordingDestination inner = new RecordingDestination();
    RecordingDestination outer = new RecordingDestination(inner);
    KeyRange range = new KeyRange("id", null, "2");
    outer.writeTableRows(USERS, List.of(row(USERS, "1", "a"), row(USERS, "2", "b")));
    inner.on(REMOVE).once().decline();

    assertThat(outer.removeRange(USERS, range)).isFalse();
    assertThat(outer.copiedRows("users")).hasSize(2);
    assertThat(outer.removeRange(USERS, range)).isTrue();
    assertThat(inner.copiedRows("users")).isEqualTo(outer.copiedRows("users")).hasSize(1);
  }

  @Test
  void passesOnToAnotherDestination() {
    RecordingDestination inner = new RecordingDestination();
    RecordingDestination outer = new RecordingDestination(inner);
    outer.on(EVENTS).once().reject(ErrorKind.DESTINATION_REJECTED);
    assertThatThrownBy(() -> outer.writeEvents(INSERT)).isInstanceOf(EtlException.class);
    inner.on(EVENTS).once().accept();
    assertThat(outer.writeEvents(INSERT)).isEqualTo(WriteResult.ACCEPTED);
    assertThat(inner.events()).isEqualTo(INSERT);
  }

  @Test
  void waitsForWhatOtherThreadsDeliver() {
    CompletableFuture<Void> writes =
        CompletableFuture.runAsync(
            () -> {
              destination.writeTableRows(USERS, List.of(row(USERS, "1", "a")));
              destination.writeEvents(INSERT);
            });
    destination.awaitCopiedRows("users", 1);
    destination.awaitChanges("orders", 1);
    destination.awaitAttempts(EVENTS, 1);
    assertThat(writes).succeedsWithin(Duration.ofSeconds(10));
  }

  @Test
  void aCallDoesNotPrintValues() {
    destination.writeTableRows(USERS, List.of(row(USERS, "1", "topsecret")));
    destination.removeRange(ORDERS, new KeyRange("id", "4711", null));
    assertThat(destination.calls().toString())
        .doesNotContain("topsecret", "4711")
        .contains("users", "orders");
  }
}

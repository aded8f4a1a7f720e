package dev.pgetl.destination.http;

import static dev.pgetl.destination.http.Data.ORDERS;
import static dev.pgetl.destination.http.Data.USERS;
import static dev.pgetl.destination.http.Expect.failure;
import static dev.pgetl.destination.http.TestReceiver.hold;
import static dev.pgetl.destination.http.TestReceiver.resetAfter;
import static dev.pgetl.destination.http.TestReceiver.status;
import static dev.pgetl.destination.http.TestReceiver.takeAndReset;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.http.TestReceiver.Behaviour;
import dev.pgetl.destination.http.TestReceiver.Exchange;
import dev.pgetl.destination.http.TestReceiver.Request;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A receiver that drops known keys, as the documentation requires, takes nothing twice, though it
 * is late with an answer and refuses the repetition.
 */
@Timeout(60)
class HttpDestinationDoubtTest {
  private static final List<TableRow> ROWS = Collections.nCopies(4, row(ORDERS, "7", "same"));

  private final List<DeadLetter> letters = new ArrayList<>();
  private final CountDownLatch never = new CountDownLatch(1);
  private final Set<String> known = new HashSet<>();
  private int taken;
  private TestReceiver receiver;

  /** The first request of a process takes longer than the tests allow on a busy machine. */
  @BeforeAll
  static void loadTheClient() throws IOException {
    try (TestReceiver other = TestReceiver.start()) {
      HttpDestination.builder(other.url()).build().writeTableRows(ORDERS, ROWS);
    }
  }

  @BeforeEach
  void start() throws IOException {
    receiver = TestReceiver.start().otherwise(this::take);
  }

  @AfterEach
  void stop() throws IOException {
    never.countDown();
    receiver.close();
  }

  /** Looks at the key first. */
  private synchronized void take(Exchange exchange) throws IOException {
    remember(exchange.readRequest());
    exchange.reply(200, "");
  }

  private synchronized void remember(Request request) {
    if (known.add(request.key()) && request.raw().length > 0) {
      taken += request.json().get("rows").size();
    }
  }

  /** Takes the request, but the client does not learn of it. */
  private Behaviour takeSecretly(Behaviour then) {
    return exchange -> {
      remember(exchange.readRequest());
      then.answer(exchange);
    };
  }

  private Behaviour late() {
    return takeSecretly(
        exchange -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.close();
        });
  }

  private HttpDestinationBuilder destination() {
    return HttpDestination.builder(receiver.url())
        .requestTimeout(Duration.ofMillis(400))
        .retryDelay(Duration.ofMillis(1));
  }

  @ParameterizedTest
  @CsvSource({
    "400, true", "400, false", "409, true", "409, false",
    "413, true", "413, false", "422, true", "422, false"
  })
  void repeatsWhatWasNotAnsweredUntilItIs(int refusal, boolean withDeadLetters) {
    receiver.next(late(), status(refusal));

    send(withDeadLetters ? destination().deadLetters(letters::add) : destination());

    assertTakenOnceUnderOneKey();
  }

  @Test
  void aBrokenConnectionLeavesItOpenToo() {
    receiver.next(takeSecretly(Exchange::reset), status(409));

    send(destination().deadLetters(letters::add));

    assertTakenOnceUnderOneKey();
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 502, 503, 504})
  void anErrorOfAGatewayLeavesItOpenToo(int status) {
    receiver.next(takeSecretly(exchange -> exchange.reply(status, "")), status(413));

    send(destination().deadLetters(letters::add));

    assertTakenOnceUnderOneKey();
  }

  @Test
  void waitsAsLongAsTheReceiverAsksThatStillWorksOnIt() {
    receiver.next(late(), status(409, "Retry-After", "1"));
    long start = System.nanoTime();

    send(destination());

    assertThat(System.nanoTime() - start).isGreaterThan(Duration.ofSeconds(1).toNanos());
    assertTakenOnceUnderOneKey();
  }

  @Test
  void aConflictStaysOneForLaterInLaterCalls() {
    receiver.next(late(), status(409), status(409), status(409), status(409), status(409));
    HttpDestination destination = destination().deadLetters(letters::add).build();

    for (int call = 0; call < 2; call++) {
      EtlException failure = failure(() -> destination.writeTableRows(ORDERS, ROWS));
      assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_UNAVAILABLE);
      assertThat(failure.retry()).isEqualTo(RetryDirective.TIMED);
      assertThat(failure)
          .hasMessageContaining("status 409 to a request that the receiver may have from before")
          .hasMessageContaining("answer 2xx to an Idempotency-Key that it knows");
    }
    destination.writeTableRows(ORDERS, ROWS);

    assertThat(receiver.requests()).hasSize(7);
    assertTakenOnceUnderOneKey();
  }

  /** By then it would have said that it knows the key: it has not taken the request. */
  @Test
  void aRefusalInALaterCallIsOne() {
    receiver.next(hold(never), status(413), status(413), status(413));
    HttpDestination destination = destination().build();

    EtlException failure = failure(() -> destination.writeTableRows(ORDERS, ROWS));
    assertThat(new HashSet<>(receiver.keys())).hasSize(1);
    destination.writeTableRows(ORDERS, ROWS);

    assertThat(failure.retry()).isEqualTo(RetryDirective.TIMED);
    assertThat(taken).isEqualTo(4);
    assertThat(new HashSet<>(receiver.keys())).hasSize(3);
  }

  @Test
  void doesNotSendTheWholeAgainOncePartsWereSent() {
    receiver.next(status(413), this::take, late(), status(503), status(503));
    HttpDestination destination = destination().build();

    failure(() -> destination.writeTableRows(ORDERS, ROWS));
    destination.writeTableRows(ORDERS, ROWS);

    assertThat(taken).isEqualTo(4);
    List<String> keys = receiver.keys();
    assertThat(keys.subList(1, keys.size())).doesNotContain(keys.get(0));
  }

  @Test
  void anAttemptThatCannotHaveArrivedLeavesNothingOpen() {
    receiver.next(resetAfter(2_000), status(413));
    TableRow large = row(USERS, "1", "x".repeat(1 << 20), "1");

    destination()
        .requestTimeout(Duration.ofSeconds(20))
        .maxBodyBytes(64 << 20)
        .build()
        .writeTableRows(USERS, Collections.nCopies(32, large));

    assertThat(taken).isEqualTo(32);
    assertThat(receiver.keys()).hasSizeGreaterThan(2).doesNotHaveDuplicates();
  }

  @Test
  void aTruncationInDoubtIsRepeatedToo() {
    receiver.next(takeAndReset(), status(409), status(409), status(409));
    HttpDestination destination = destination().build();

    EtlException failure = failure(() -> destination.truncateTable(ORDERS));
    destination.truncateTable(ORDERS);

    assertThat(failure.retry()).isEqualTo(RetryDirective.TIMED);
    assertThat(receiver.requests()).hasSize(5);
    assertThat(new HashSet<>(receiver.keys())).hasSize(1);
  }

  private static void send(HttpDestinationBuilder destination) {
    destination.build().writeTableRows(ORDERS, ROWS);
  }

  private void assertTakenOnceUnderOneKey() {
    assertThat(taken).isEqualTo(4);
    assertThat(letters).isEmpty();
    assertThat(new HashSet<>(receiver.keys())).hasSize(1);
  }
}

package dev.pgetl.destination.http;

import static dev.pgetl.destination.http.Data.USERS;
import static dev.pgetl.destination.http.Data.inserts;
import static dev.pgetl.destination.http.Data.users;
import static dev.pgetl.destination.http.Expect.failure;
import static dev.pgetl.destination.http.TestReceiver.hold;
import static dev.pgetl.destination.http.TestReceiver.says;
import static dev.pgetl.destination.http.TestReceiver.status;
import static dev.pgetl.destination.http.TestReceiver.takeAndReset;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.pgetl.config.Secret;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.http.TestReceiver.Request;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which answers are retried, and the effect of the others. */
@Timeout(60)
class HttpDestinationRetryTest {
  private static final Duration SHORT = Duration.ofMillis(5);

  private TestReceiver receiver;

  @BeforeEach
  void start() throws IOException {
    receiver = TestReceiver.start();
  }

  @AfterEach
  void stop() throws IOException {
    receiver.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 425, 429, 500, 502, 503, 504, 599})
  void triesPassingAnswersAgain(int status) {
    receiver.next(status(status), status(status));

    impatient().build().writeTableRows(USERS, users(2));

    assertSameRequest(3);
  }

  @ParameterizedTest
  @CsvSource({
    "400, DESTINATION_REJECTED, MANUAL",
    "401, DESTINATION_AUTHENTICATION, MANUAL",
    "403, DESTINATION_AUTHENTICATION, MANUAL",
    "404, DESTINATION_REJECTED, MANUAL",
    "409, DESTINATION_REJECTED, MANUAL",
    "412, DESTINATION_REJECTED, MANUAL",
    "422, DESTINATION_REJECTED, MANUAL",
    "302, DESTINATION_REJECTED, MANUAL"
  })
  void failsAtOnceOnOtherAnswers(int status, ErrorKind kind, RetryDirective retry) {
    receiver.next(says(status, "column name is not wanted"));

    EtlException failure = failure(() -> impatient().build().writeTableRows(USERS, users(2)));

    assertThat(receiver.requests()).hasSize(1);
    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure.retry()).isEqualTo(retry);
    assertThat(failure.fix()).isNotEmpty();
    assertThat(failure.summary())
        .isEqualTo(
            "send 2 rows of table public.users to %s failed: status %d, answer: %s",
            receiver.url(), status, "column name is not wanted");
  }

  @Test
  void anOlderEpochIsNeitherBuriedNorAFailureOfTheTable() {
    receiver.next(status(412));
    HttpDestination destination =
        impatient().deadLetters(letter -> fail("buried: %s", letter)).build();

    EtlException failure = failure(() -> destination.writeTableRows(USERS, users(2)));

    assertThat(receiver.requests()).hasSize(1);
    assertThat(failure.tableOid()).isEmpty();
    assertThat(failure.fix()).contains("epoch");
  }

  @Test
  void givesUpAfterTheLastAttempt() {
    receiver.otherwise(status(503));

    EtlException failure = failure(() -> impatient().build().writeEvents(inserts(100, 1)));

    assertSameRequest(3);
    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_UNAVAILABLE);
    assertThat(failure.retry()).isEqualTo(RetryDirective.TIMED);
    assertThat(failure.tableOid()).isEmpty();
  }

  @Test
  void triesTruncationsAgainUnderTheSameKeyUntilOneIsTaken() {
    receiver.next(status(500), status(500), status(500), status(500), status(200));
    HttpDestination destination = impatient().build();

    failure(() -> destination.truncateTable(USERS));
    destination.truncateTable(USERS);
    destination.truncateTable(USERS);

    List<String> keys = receiver.keys();
    assertThat(new HashSet<>(keys.subList(0, 5))).hasSize(1);
    assertThat(keys.get(5)).isNotEqualTo(keys.get(0));
  }

  @Test
  void waitsTwiceAsLongEachTimeAndNeverLessThanTold() {
    receiver.next(status(500), status(500));
    long start = System.nanoTime();

    HttpDestination.builder(receiver.url())
        .retryDelay(Duration.ofMillis(100))
        .build()
        .writeEvents(inserts(100, 1));

    assertThat(System.nanoTime() - start).isGreaterThan(Duration.ofMillis(300).toNanos());
  }

  @Test
  void waitsAsLongAsTheReceiverAsks() {
    receiver.next(status(429, "Retry-After", "1"));
    long start = System.nanoTime();

    impatient().build().writeEvents(inserts(100, 1));

    assertThat(receiver.requests()).hasSize(2);
    assertThat(System.nanoTime() - start).isGreaterThan(Duration.ofSeconds(1).toNanos());
  }

  @Test
  void leavesLongWaitsToThePipeline() {
    receiver.next(status(503, "Retry-After", "3600"));

    EtlException failure = failure(() -> impatient().build().writeEvents(inserts(100, 1)));

    assertThat(receiver.requests()).hasSize(1);
    assertThat(failure.retry()).isEqualTo(RetryDirective.TIMED);
  }

  @Test
  void stopsWhenTheTotalTimeIsUp() {
    receiver.otherwise(status(500));

    failure(
        () ->
            impatient()
                .maxAttempts(1_000_000)
                .totalTimeout(Duration.ofMillis(200))
                .build()
                .writeEvents(inserts(100, 1)));

    assertThat(receiver.requests()).hasSizeLessThan(1_000).hasSizeGreaterThan(1);
  }

  @Test
  void sendsAgainWhatWasNotAnsweredInTime() {
    CountDownLatch never = new CountDownLatch(1);
    receiver.next(hold(never));

    impatient().requestTimeout(Duration.ofMillis(200)).build().writeEvents(inserts(100, 1));

    assertSameRequest(2);
    never.countDown();
  }

  @Test
  void saysWhenTheReceiverDidNotAnswer() {
    CountDownLatch never = new CountDownLatch(1);
    receiver.otherwise(hold(never));

    EtlException failure =
        failure(
            () ->
                impatient()
                    .requestTimeout(Duration.ofMillis(100))
                    .build()
                    .writeEvents(inserts(100, 1)));

    never.countDown();
    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_UNAVAILABLE);
    assertThat(failure).hasMessageContaining("no complete answer in time");
  }

  @Test
  void retriesWhatTheUserSays() {
    receiver.next(status(409), status(500));

    EtlException failure =
        failure(
            () -> impatient().retriedStatuses(Set.of(409)).build().writeTableRows(USERS, users(1)));

    assertThat(receiver.requests()).hasSize(2);
    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_UNAVAILABLE);
  }

  @Test
  void asksForCredentialsAtEachAttempt() {
    receiver.next(status(500), takeAndReset());
    AtomicInteger asked = new AtomicInteger();

    impatient()
        .bearerToken(() -> Secret.of("token-" + asked.incrementAndGet()))
        .headers(() -> Map.of("X-Tenant", "seven"))
        .build()
        .writeEvents(inserts(100, 1));

    assertThat(receiver.requests())
        .extracting(request -> request.headers().get("authorization"))
        .containsExactly("Bearer token-1", "Bearer token-2", "Bearer token-3");
    assertThat(receiver.requests())
        .allSatisfy(request -> assertThat(request.headers()).containsEntry("x-tenant", "seven"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " "})
  void sendsNothingWithAnEmptyToken(String token) {
    HttpDestination destination = impatient().bearerToken(() -> Secret.of(token)).build();

    EtlException failure = failure(() -> destination.writeEvents(inserts(100, 1)));

    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_AUTHENTICATION);
    assertThat(failure).hasMessageContaining("the bearer token is empty");
    assertThat(receiver.requests()).isEmpty();
  }

  @Test
  void triesAgainWhenTheTokenWasReplacedMeanwhile() {
    AtomicInteger token = new AtomicInteger(1);
    receiver.next(
        exchange -> {
          exchange.readRequest();
          token.set(2);
          exchange.reply(401, "");
        });

    impatient()
        .bearerToken(() -> Secret.of("token-" + token.get()))
        .build()
        .writeEvents(inserts(100, 1));

    assertThat(receiver.requests())
        .extracting(request -> request.headers().get("authorization"))
        .containsExactly("Bearer token-1", "Bearer token-2");
  }

  @Test
  void followsRedirectionsInsideTheReceiver() {
    receiver.next(
        status(308, "Location", "/moved/events?x=1"),
        status(307, "Location", receiver.url() + "/again"));

    impatient().build().writeEvents(inserts(100, 1));

    assertThat(receiver.requests())
        .extracting(Request::path)
        .containsExactly("/events", "/moved/events?x=1", "/again");
    assertThat(receiver.requests())
        .allSatisfy(request -> assertThat(request.raw()).hasSizeGreaterThan(100));
  }

  @Test
  void neverFollowsRedirectionsToAnotherHost() throws IOException {
    try (TestReceiver other = TestReceiver.start()) {
      receiver.next(status(307, "Location", other.url() + "/events"));

      EtlException failure =
          failure(
              () ->
                  impatient()
                      .bearerToken(() -> Secret.of("t"))
                      .build()
                      .writeEvents(inserts(100, 1)));

      assertThat(other.requests()).isEmpty();
      assertThat(failure).hasMessageContaining("status 307").hasMessageContaining("base URL");
    }
  }

  @Test
  void doesNotRunInCircles() {
    receiver.otherwise(status(307, "Location", "/events?again"));
    failure(() -> impatient().build().writeEvents(inserts(100, 1)));
    receiver.otherwise(status(307, "Location", "http://[not an address"));
    failure(() -> impatient().build().writeEvents(inserts(100, 1)));

    assertThat(receiver.requests()).hasSizeLessThan(10);
  }

  @Test
  void stopsAtOnceWhenInterruptedDuringARequest() throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    receiver.otherwise(hold(never));

    assertStopsWhenInterrupted(HttpDestination.builder(receiver.url()));
    never.countDown();
  }

  @Test
  void stopsAtOnceWhenInterruptedBetweenAttempts() throws InterruptedException {
    receiver.otherwise(status(500));

    assertStopsWhenInterrupted(
        HttpDestination.builder(receiver.url()).retryDelay(Duration.ofSeconds(30)));
    assertThat(receiver.requests()).hasSize(1);
  }

  private void assertStopsWhenInterrupted(HttpDestinationBuilder builder)
      throws InterruptedException {
    HttpDestination destination = builder.build();
    AtomicReference<EtlException> failure = new AtomicReference<>();
    AtomicReference<Boolean> flag = new AtomicReference<>(false);
    Thread sender =
        new Thread(
            () -> {
              failure.set(failure(() -> destination.writeEvents(inserts(100, 1))));
              flag.set(Thread.currentThread().isInterrupted());
            });
    sender.start();
    Awaitility.await().until(() -> !receiver.requests().isEmpty());
    Awaitility.await()
        .until(
            () ->
                sender.getState() == Thread.State.TIMED_WAITING
                    || sender.getState() == Thread.State.WAITING);
    sender.interrupt();
    sender.join(2_000);

    assertThat(sender.isAlive()).isFalse();
    assertThat(flag.get()).isTrue();
    assertThat(failure.get()).hasMessageContaining("was interrupted");
  }

  @Test
  void goesOnWhileOthersWait() throws InterruptedException {
    CountDownLatch later = new CountDownLatch(1);
    receiver.next(hold(later));
    HttpDestination destination = impatient().build();
    Thread held = new Thread(() -> destination.writeTableRows(Data.ORDERS, List.of(order())));
    held.start();
    Awaitility.await().until(() -> receiver.requests().size() == 1);

    destination.writeEvents(inserts(100, 1));

    assertThat(receiver.requests()).hasSize(2);
    later.countDown();
    held.join();
    assertThat(receiver.requests()).hasSize(3);
  }

  private static TableRow order() {
    return row(Data.ORDERS, "1", "note");
  }

  private void assertSameRequest(int times) {
    assertThat(receiver.requests()).hasSize(times);
    assertThat(new HashSet<>(receiver.keys())).hasSize(1);
    assertThat(receiver.requests().stream().map(request -> Arrays.hashCode(request.raw())))
        .containsOnly(Arrays.hashCode(receiver.requests().get(0).raw()));
  }

  private HttpDestinationBuilder impatient() {
    return HttpDestination.builder(receiver.url()).retryDelay(SHORT);
  }
}

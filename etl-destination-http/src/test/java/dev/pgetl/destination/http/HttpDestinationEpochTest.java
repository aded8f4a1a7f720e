package dev.pgetl.destination.http;

import static dev.pgetl.destination.http.Data.USERS;
import static dev.pgetl.destination.http.Data.inserts;
import static dev.pgetl.destination.http.Data.users;
import static dev.pgetl.destination.http.Expect.failure;
import static dev.pgetl.destination.http.TestReceiver.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.destination.Epoch;
import dev.pgetl.destination.http.TestReceiver.Behaviour;
import dev.pgetl.destination.http.TestReceiver.Request;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No attempt of a call begins once another process owns the pipeline, or may own it. */
@Timeout(60)
class HttpDestinationEpochTest {
  private TestReceiver receiver;
  private final Lease lease = new Lease();

  /** An epoch that ends when the test says so. */
  private static final class Lease implements Epoch {
    private volatile ErrorKind end = ErrorKind.INTERNAL;
    private volatile boolean ended;

    @Override
    public long number() {
      return 7;
    }

    @Override
    public void require() {
      if (ended) {
        throw new EtlException(end, "nothing begins");
      }
    }

    void end(ErrorKind kind) {
      end = kind;
      ended = true;
    }

    void renew() {
      ended = false;
    }
  }

  @BeforeEach
  void start() throws IOException {
    receiver = TestReceiver.start();
  }

  @AfterEach
  void stop() throws IOException {
    receiver.close();
  }

  private HttpDestination owner() {
    return owner(HttpDestination.builder(receiver.url()));
  }

  private HttpDestination owner(HttpDestinationBuilder builder) {
    HttpDestination destination = builder.retryDelay(Duration.ofMillis(5)).build();
    destination.beginEpoch(lease);
    return destination;
  }

  /** The process is stopped in the wait between two attempts, and replaced meanwhile. */
  private Behaviour endingAt(ErrorKind kind, Behaviour answer) {
    return exchange -> {
      lease.end(kind);
      answer.answer(exchange);
    };
  }

  private void assertEnds(ErrorKind kind, Runnable call) {
    EtlException failure = failure(call);
    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure.summary()).isEqualTo("nothing begins");
    assertThat(receiver.requests()).hasSize(1);
  }

  @Test
  void noRetryFollowsTheEnd() {
    HttpDestination destination = owner();
    receiver.next(endingAt(ErrorKind.STORE_LOCKED, status(503)));
    assertEnds(ErrorKind.STORE_LOCKED, () -> destination.writeEvents(inserts(100, 1)));
  }

  @Test
  void noRemovalIsRetriedBehindTheEnd() {
    HttpDestination destination = owner();
    receiver.next(endingAt(ErrorKind.STORE_LOCKED, TestReceiver.takeAndReset()));
    assertEnds(ErrorKind.STORE_LOCKED, () -> destination.truncateTable(USERS));
  }

  @Test
  void noRedirectionIsFollowedBehindTheEnd() {
    HttpDestination destination = owner();
    receiver.next(endingAt(ErrorKind.STORE_LOCKED, status(307, "Location", "/moved")));
    assertEnds(ErrorKind.STORE_LOCKED, () -> destination.writeTableRows(USERS, users(1)));
  }

  @Test
  void noPartOfABatchFollowsTheEnd() {
    HttpDestination destination = owner(HttpDestination.builder(receiver.url()).maxBodyBytes(1024));
    receiver.next(endingAt(ErrorKind.STORE_LOCKED, status(200)));
    assertEnds(ErrorKind.STORE_LOCKED, () -> destination.writeTableRows(USERS, users(50)));
  }

  /** Credentials may come from a server that takes long to answer. */
  @Test
  void theLeaseIsAskedForBehindTheCredentials() {
    HttpDestination destination =
        owner(
            HttpDestination.builder(receiver.url())
                .headers(
                    () -> {
                      lease.end(ErrorKind.STORE_LOCKED);
                      return Map.of("X-Tenant", "one");
                    }));
    EtlException failure = failure(() -> destination.writeEvents(inserts(100, 1)));
    assertThat(failure.kind()).isEqualTo(ErrorKind.STORE_LOCKED);
    assertThat(receiver.requests()).isEmpty();
  }

  @Test
  void aCallIsRepeatedUnderTheSameKeyWhenTheLeaseIsRenewed() {
    HttpDestination destination = owner();
    receiver.next(endingAt(ErrorKind.STORE_UNAVAILABLE, status(503)));
    assertEnds(ErrorKind.STORE_UNAVAILABLE, () -> destination.writeEvents(inserts(100, 1)));
    lease.renew();
    destination.writeEvents(inserts(100, 1));
    List<Request> requests = receiver.requests();
    assertThat(requests).hasSize(2);
    assertThat(requests.get(1).key()).isEqualTo(requests.get(0).key());
    assertThat(requests.get(1).raw()).isEqualTo(requests.get(0).raw());
  }
}

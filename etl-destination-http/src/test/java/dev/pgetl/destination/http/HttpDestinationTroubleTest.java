package dev.pgetl.destination.http;

import static dev.pgetl.destination.http.Data.USERS;
import static dev.pgetl.destination.http.Data.inserts;
import static dev.pgetl.destination.http.Data.users;
import static dev.pgetl.destination.http.Expect.failure;
import static dev.pgetl.destination.http.TestReceiver.raw;
import static dev.pgetl.destination.http.TestReceiver.resetAfter;
import static dev.pgetl.destination.http.TestReceiver.takeAndReset;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HashSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that break, answers that are none, partners that do not trust each other. */
@Timeout(60)
class HttpDestinationTroubleTest {
  private static final Duration SHORT = Duration.ofMillis(5);
  @TempDir private static Path directory;
  private static Certificates localhost;
  private static Certificates elsewhere;
  private static Certificates client;

  @BeforeAll
  static void makeCertificates()
      throws IOException, InterruptedException, GeneralSecurityException {
    localhost = Certificates.of(directory, "localhost", "EC");
    elsewhere = Certificates.of(directory, "elsewhere.example", "EC");
    client = Certificates.of(directory, "client", "RSA");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf an answer",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: nonsense\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 ",
        "complete nonsense\r\n\r\n",
        "\r\n\r\n\r\n"
      })
  void sendsAgainAfterHalfAnAnswer(String answer) throws IOException {
    try (TestReceiver receiver = TestReceiver.start()) {
      receiver.next(raw(answer), raw(answer));

      HttpDestination.builder(receiver.url())
          .retryDelay(SHORT)
          .build()
          .writeEvents(inserts(100, 1, 2));

      assertThat(receiver.requests()).hasSize(3);
      assertThat(new HashSet<>(receiver.keys())).hasSize(1);
    }
  }

  @Test
  void sendsAgainAfterAReset() throws IOException {
    try (TestReceiver receiver = TestReceiver.start()) {
      receiver.next(takeAndReset(), resetAfter(2_000));

      HttpDestination.builder(receiver.url())
          .retryDelay(SHORT)
          .build()
          .writeTableRows(USERS, users(5_000));

      assertThat(receiver.requests()).hasSize(2);
      assertThat(new HashSet<>(receiver.keys())).hasSize(1);
    }
  }

  @Test
  void doesNotReadAnEndlessAnswer() throws IOException {
    try (TestReceiver receiver = TestReceiver.start()) {
      receiver.next(
          exchange -> {
            exchange.readRequest();
            exchange.write("HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n");
            while (true) {
              exchange.write("x".repeat(1 << 16));
            }
          });

      HttpDestination.builder(receiver.url()).build().writeEvents(inserts(100, 1));

      assertThat(receiver.requests()).hasSize(1);
    }
  }

  @Test
  void takesAStatusWithoutMore() throws IOException {
    try (TestReceiver receiver = TestReceiver.start()) {
      receiver.next(raw("HTTP/1.1 204\r\n\r\n"), raw("HTTP/1.0 200 OK\r\n\r\nuntil the end"));
      HttpDestination destination = HttpDestination.builder(receiver.url()).build();

      destination.writeEvents(inserts(100, 1));
      destination.writeEvents(inserts(200, 2));

      assertThat(receiver.requests()).hasSize(2);
    }
  }

  @Test
  void saysThatNobodyListens() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }

    EtlException failure = failureOf(HttpDestination.builder("http://localhost:" + port));

    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_UNAVAILABLE);
    assertThat(failure.retry()).isEqualTo(RetryDirective.TIMED);
    assertThat(failure)
        .hasMessageContaining("localhost:" + port)
        .hasMessageContaining("no connection");
  }

  @Test
  void saysThatTheHostIsUnknown() {
    EtlException failure = failureOf(HttpDestination.builder("http://no-such-host.invalid"));

    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_UNAVAILABLE);
    assertThat(failure).hasMessageContaining("the host name is not known");
  }

  @Test
  void speaksTlsWithTrustAndIdentity() throws IOException, GeneralSecurityException {
    try (TestReceiver receiver = TestReceiver.startTls(localhost.serverTrusting(client), true)) {
      HttpDestination.builder(receiver.url())
          .trustedRootCerts(localhost.pem())
          .clientCertificate(client.pem(), client.keyPem())
          .build()
          .writeEvents(inserts(100, 1));

      assertThat(receiver.requests()).hasSize(1);
    }
  }

  @Test
  void refusesACertificateOfAnotherHost() throws IOException, GeneralSecurityException {
    try (TestReceiver receiver = TestReceiver.startTls(elsewhere.serverTrusting(client), false)) {
      assertDistrust(
          receiver,
          HttpDestination.builder(receiver.url()).trustedRootCerts(elsewhere.pem()),
          "host");
    }
  }

  @Test
  void refusesACertificateOfAnUnknownAuthority() throws IOException, GeneralSecurityException {
    try (TestReceiver receiver = TestReceiver.startTls(localhost.serverTrusting(client), false)) {
      assertDistrust(receiver, HttpDestination.builder(receiver.url()), "trustedRootCerts");
    }
  }

  /**
   * The refusal races with the receiver closing the connection, which is retried; eventually the
   * refusal is seen.
   */
  @Test
  void reportsThatTheReceiverRequiresACertificate() throws IOException, GeneralSecurityException {
    try (TestReceiver receiver = TestReceiver.startTls(localhost.serverTrusting(client), true)) {
      EtlException failure =
          failureOf(
              HttpDestination.builder(receiver.url())
                  .trustedRootCerts(localhost.pem())
                  .maxAttempts(10));

      assertDistrust(failure, "client certificate");
      assertThat(receiver.requests()).isEmpty();
    }
  }

  /**
   * A gateway that has no certificate yet, or breaks off for reasons of its own, may have one soon.
   */
  @ParameterizedTest
  @ValueSource(ints = {10, 20, 50, 80, 90, 112})
  void anAlertThatIsNotAboutCertificatesIsTemporary(int alert) throws IOException {
    EtlException failure = failureAfterAlert(alert);

    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_UNAVAILABLE);
    assertThat(failure.retry()).isEqualTo(RetryDirective.TIMED);
    assertThat(failure).hasMessageContaining("TLS failed");
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 42, 43, 44, 45, 46, 48, 49, 70, 71, 116})
  void anAlertAboutCertificatesIsNot(int alert) throws IOException {
    assertDistrust(failureAfterAlert(alert), "client certificate");
  }

  /** The receiver answers the first message of the handshake with a fatal alert. */
  private static EtlException failureAfterAlert(int alert) throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread server = new Thread(() -> answerWithAlert(socket, alert));
      server.setDaemon(true);
      server.start();
      return failureOf(HttpDestination.builder("https://localhost:" + socket.getLocalPort()));
    }
  }

  private static void answerWithAlert(ServerSocket socket, int alert) {
    try {
      while (true) {
        try (Socket connection = socket.accept()) {
          byte[] head = connection.getInputStream().readNBytes(5);
          connection.getInputStream().readNBytes(((head[3] & 0xFF) << 8) | (head[4] & 0xFF));
          connection.getOutputStream().write(new byte[] {21, 3, 3, 0, 2, 2, (byte) alert});
          connection.shutdownOutput();
          connection.getInputStream().readAllBytes();
        }
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  private static void assertDistrust(
      TestReceiver receiver, HttpDestinationBuilder builder, String fix) {
    assertDistrust(failureOf(builder), fix);
    assertThat(receiver.requests()).isEmpty();
    assertThat(receiver.connectionCount()).isEqualTo(1);
  }

  private static void assertDistrust(EtlException failure, String fix) {
    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_AUTHENTICATION);
    assertThat(failure.retry()).isEqualTo(RetryDirective.MANUAL);
    assertThat(failure.fix()).contains(fix);
  }

  private static EtlException failureOf(HttpDestinationBuilder builder) {
    HttpDestination destination = builder.retryDelay(SHORT).build();
    return failure(() -> destination.writeEvents(inserts(100, 1)));
  }
}

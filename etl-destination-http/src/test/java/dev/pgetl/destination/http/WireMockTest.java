package dev.pgetl.destination.http;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.deleteRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static dev.pgetl.destination.http.Data.USERS;
import static dev.pgetl.destination.http.Data.everyKind;
import static dev.pgetl.destination.http.Data.users;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import dev.pgetl.config.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same against a server that others wrote, over HTTP/1.1 and, with TLS, HTTP/2. */
@Timeout(120)
class WireMockTest {
  private static final Duration SHORT = Duration.ofMillis(5);

  @TempDir private static Path directory;
  private static Certificates certificate;
  private static WireMockServer server;

  @BeforeAll
  static void start() throws IOException, InterruptedException, GeneralSecurityException {
    certificate = Certificates.of(directory, "localhost", "EC");
    server =
        new WireMockServer(
            options()
                .dynamicPort()
                .dynamicHttpsPort()
                .bindAddress("127.0.0.1")
                .keystorePath(directory.resolve("localhost-EC.p12").toString())
                .keystorePassword("changeit")
                .keyManagerPassword("changeit")
                .keystoreType("PKCS12"));
    server.start();
  }

  @AfterAll
  static void stop() {
    server.stop();
  }

  @BeforeEach
  void takeEverything() {
    server.resetAll();
    server.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(204)));
  }

  private static String url() {
    return "http://localhost:" + server.port();
  }

  @Test
  void understandsRequests() {
    HttpDestination destination =
        HttpDestination.builder(url() + "/base/").bearerToken(() -> Secret.of("token")).build();

    destination.truncateTable(USERS);
    destination.writeTableRows(USERS, users(3));
    destination.writeEvents(everyKind());

    server.verify(deleteRequestedFor(urlEqualTo("/base/tables/16385/truncate")));
    server.verify(
        postRequestedFor(urlEqualTo("/base/tables/16385/rows"))
            .withHeader("Content-Type", equalTo("application/json"))
            .withHeader("Authorization", equalTo("Bearer token"))
            .withRequestBody(matchingJsonPath("$.rows[2].values[1]", equalTo("user 2"))));
    server.verify(
        postRequestedFor(urlEqualTo("/base/events"))
            .withRequestBody(matchingJsonPath("$.events[2].row.values[0]", equalTo("1"))));
    assertThat(protocols()).containsOnly("HTTP/1.1");
  }

  @Test
  void unpacksCompressedBodies() {
    HttpDestination.builder(url()).gzip(true).build().writeTableRows(USERS, users(1_000));

    server.verify(
        postRequestedFor(urlEqualTo("/tables/16385/rows"))
            .withHeader("Content-Encoding", equalTo("gzip"))
            .withRequestBody(matchingJsonPath("$.rows[999].values[1]", equalTo("user 999"))));
  }

  @Test
  void speaksHttp2OverTls() throws GeneralSecurityException {
    HttpDestination destination =
        HttpDestination.builder("https://localhost:" + server.httpsPort())
            .trustedRootCerts(certificate.pem())
            .build();

    destination.writeTableRows(USERS, users(20_000));
    destination.writeEvents(everyKind());

    assertThat(protocols()).containsOnly("HTTP/2.0");
    server.verify(
        postRequestedFor(urlEqualTo("/events"))
            .withRequestBody(matchingJsonPath("$.events[8].type", equalTo("commit"))));
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void outlivesFaults(Fault fault) {
    twiceThenWell(aResponse().withFault(fault));

    HttpDestination.builder(url()).retryDelay(SHORT).build().writeTableRows(USERS, users(100));

    assertSameKey(3);
  }

  @Test
  void outlivesBusyTimes() {
    twiceThenWell(aResponse().withStatus(503).withHeader("Retry-After", "0"));

    HttpDestination.builder(url()).retryDelay(SHORT).build().writeEvents(everyKind());

    assertSameKey(3);
  }

  @Test
  void outlivesSlowTimes() {
    twiceThenWell(aResponse().withStatus(200).withFixedDelay(1_000));

    HttpDestination.builder(url())
        .requestTimeout(Duration.ofMillis(300))
        .retryDelay(SHORT)
        .build()
        .writeEvents(everyKind());

    assertSameKey(3);
  }

  @Test
  void outlivesDribbledAnswers() {
    twiceThenWell(aResponse().withStatus(200).withBody("slowly").withChunkedDribbleDelay(6, 3_000));

    HttpDestination.builder(url())
        .requestTimeout(Duration.ofMillis(300))
        .retryDelay(SHORT)
        .build()
        .writeEvents(everyKind());

    assertSameKey(3);
  }

  private void twiceThenWell(ResponseDefinitionBuilder trouble) {
    server.stubFor(
        any(anyUrl())
            .inScenario("trouble")
            .whenScenarioStateIs(Scenario.STARTED)
            .willReturn(trouble)
            .willSetStateTo("second"));
    server.stubFor(
        any(anyUrl())
            .inScenario("trouble")
            .whenScenarioStateIs("second")
            .willReturn(trouble)
            .willSetStateTo("well"));
  }

  private void assertSameKey(int times) {
    List<String> keys =
        server.getAllServeEvents().stream()
            .map(event -> event.getRequest().getHeader("Idempotency-Key"))
            .toList();
    assertThat(keys).hasSize(times);
    assertThat(new HashSet<>(keys)).hasSize(1);
  }

  private List<String> protocols() {
    return server.findAll(anyRequestedFor(anyUrl())).stream()
        .map(LoggedRequest::getProtocol)
        .toList();
  }
}

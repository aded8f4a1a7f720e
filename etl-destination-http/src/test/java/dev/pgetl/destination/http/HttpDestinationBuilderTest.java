package dev.pgetl.destination.http;

import static dev.pgetl.destination.http.Data.inserts;
import static dev.pgetl.destination.http.Expect.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.config.Secret;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpDestinationBuilderTest {
  @Test
  void listsAllMistakesAtOnce() throws NoSuchAlgorithmException {
    HttpDestinationBuilder wrong =
        HttpDestination.builder("ftp://user:canary@host/canary#canary")
            .maxBodyBytes(10)
            .connectTimeout(Duration.ZERO)
            .requestTimeout(Duration.ofMillis(-1))
            .totalTimeout(Duration.ZERO)
            .maxAttempts(0)
            .retryDelay(Duration.ZERO)
            .maxRetryDelay(Duration.ZERO)
            .retryJitter(1.5)
            .retriedStatuses(Set.of(200))
            .deadLetterLimit(0)
            .clientCertificate("", Secret.of("canary"))
            .sslContext(SSLContext.getDefault());

    assertThatThrownBy(wrong::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("HTTP destination is not valid: ")
        .hasMessageContainingAll(
            "baseUrl must begin with http",
            "fragment",
            "user or password",
            "maxBodyBytes",
            "connectTimeout",
            "requestTimeout",
            "totalTimeout",
            "maxAttempts",
            "retryDelay",
            "maxRetryDelay",
            "retryJitter",
            "retriedStatuses",
            "deadLetterLimit",
            "sslContext")
        .hasMessageNotContaining("canary");
  }

  @ParameterizedTest
  @CsvSource({
    "'', baseUrl must begin with http",
    "localhost, baseUrl must begin with http",
    "http://, baseUrl is not a URL",
    "http:///path, baseUrl has no host",
    "http://under_score:80/canary, underscore: give the host another name",
    "http://müller.example/canary, not ASCII: write it in the form that begins with xn--",
    "http://a b/canary, illegal character in authority at place 8; percent-encode",
    "http://host/can ary, illegal character in path at place 16; percent-encode",
    "http://host/{canary}, illegal character in path",
    "http://[::1/canary, expected closing bracket for ipv6 address",
    "http://-host/canary, in host or port",
    "http://localhost:99999/canary, port 99999",
    "http://localhost:0/canary, port 0",
    "https://host:canary, in host or port"
  })
  void refusesWhatIsNoUrlWithoutRepeatingIt(String url, String problem) {
    assertThatThrownBy(() -> HttpDestination.builder(url).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(problem)
        .hasMessageNotContaining("canary")
        .hasNoCause();
  }

  @ParameterizedTest
  @CsvSource({
    "canary, there is no certificate",
    "-----BEGIN CERTIFICATE-----canary-----END CERTIFICATE-----, a certificate cannot be read"
  })
  void refusesWhatIsNoCertificate(String pem, String problem) {
    assertThatThrownBy(() -> HttpDestination.builder("https://host").trustedRootCerts(pem).build())
        .hasMessageContaining(problem)
        .hasMessageNotContaining("canary");
  }

  @ParameterizedTest
  @CsvSource({
    "canary, there is no private key",
    "-----BEGIN PRIVATE KEY-----Y2FuYXJ5-----END PRIVATE KEY-----, the key is none of"
  })
  void refusesWhatIsNoKey(String pem, String problem) {
    assertThatThrownBy(
            () ->
                HttpDestination.builder("https://host")
                    .clientCertificate("", Secret.of(pem))
                    .build())
        .hasMessageContaining(problem)
        .hasMessageNotContaining("canary")
        .hasMessageNotContaining("Y2FuYXJ5");
  }

  @Test
  void namesTheHeaderThatMayNotBeSetButNotItsValue() {
    HttpDestinationBuilder builder = HttpDestination.builder("http://localhost:1");

    EtlException reserved =
        failure(
            () ->
                builder
                    .headers(() -> Map.of("Host", "canary"))
                    .build()
                    .writeEvents(inserts(100, 1)));
    EtlException broken =
        failure(
            () ->
                builder
                    .headers(() -> Map.of("X-Mine", "canary\r\nX-Yours: 1"))
                    .build()
                    .writeEvents(inserts(100, 1)));

    assertThat(reserved.kind()).isEqualTo(ErrorKind.CONFIGURATION);
    assertThat(reserved).hasMessageContaining("Host").hasNoCause();
    assertThat(broken).hasMessageContaining("X-Mine").hasNoCause();
    assertThat(reserved.getMessage() + broken.getMessage()).doesNotContain("canary");
  }

  @Test
  void printsNothingThatMayBeSecret() {
    HttpDestination destination =
        HttpDestination.builder("https://host:8443/canary?code=canary")
            .bearerToken(() -> Secret.of("canary"))
            .build();

    assertThat(destination).hasToString("HttpDestination[https://host:8443]");
    assertThat(destination.name()).isEqualTo("http");
  }
}

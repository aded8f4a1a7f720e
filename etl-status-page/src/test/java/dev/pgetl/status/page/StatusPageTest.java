package dev.pgetl.status.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusPageTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final PipelineStatus STATUS = PipelineStatus.builder(State.RUNNING).build();

  private static StatusPage.Builder builder() {
    return StatusPage.builder().pipeline("shop", () -> STATUS);
  }

  @Test
  void servesThePageTheStatusAndTheHistory() throws IOException, InterruptedException {
    try (StatusPage page = builder().start()) {
      URI uri = page.uri();
      assertThat(uri.toString()).matches("http://127\\.0\\.0\\.1:\\d+/");
      assertThat(Client.get(uri, "").body()).startsWith("<!DOCTYPE html>");
      assertThat(Client.get(uri, "status").body()).contains("\"id\":\"shop\"");
      await()
          .atMost(SOON)
          .until(() -> Client.get(uri, "history").body().contains("\"id\":\"shop\""));
      assertThat(Client.get(uri, "other").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void theBrowserMayRunNothingElse() throws IOException, InterruptedException {
    try (StatusPage page = builder().start()) {
      HttpResponse<String> answer = Client.get(page.uri(), "");

      assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
          .matches(
              "default-src 'none'; script-src 'sha256-[\\w+/=]+'; style-src 'sha256-[\\w+/=]+';"
                  + " img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
                  + " frame-ancestors 'none'");
      assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
      assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
      assertThat(answer.body())
          .doesNotContain("innerHTML", "insertAdjacentHTML", "document.write", "eval(", "style=\"")
          .doesNotContainPattern("(?:src|href)=\"(?!data:,|status\"|history\")")
          .doesNotContainPattern("https?://(?!www\\.w3\\.org/2000/svg)");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS"})
  void isReadOnly(String method) throws IOException, InterruptedException {
    try (StatusPage page = builder().start()) {
      HttpResponse<String> answer = Client.ask(page.uri(), method, "status");

      assertThat(answer.statusCode()).isEqualTo(405);
      assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD");
    }
  }

  @Test
  void answersHeadWithoutABody() throws IOException, InterruptedException {
    try (StatusPage page = builder().start()) {
      HttpResponse<String> answer = Client.ask(page.uri(), "HEAD", "");

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEmpty();
      assertThat(answer.headers().firstValueAsLong("Content-Length").orElseThrow())
          .isGreaterThan(10_000);
    }
  }

  @Test
  void refusesNamesThatAreNotAllowed() throws IOException {
    try (StatusPage page = builder().allowedHost("Status.example.org").start()) {
      URI uri = page.uri();
      for (String host :
          List.of("localhost", "LOCALHOST:80", "127.0.0.1:1", "[::1]:80", "status.example.org")) {
        assertThat(Client.raw(uri, request("Host: " + host))).as(host).contains(" 200 ");
      }
      for (String host : List.of("evil.example", "127.0.0.1.evil.example", "localhost.evil", "")) {
        assertThat(Client.raw(uri, request("Host: " + host))).as(host).contains(" 403 ");
      }
      assertThat(Client.raw(uri, request("X: none"))).contains(" 403 ");
    }
  }

  private static String request(String header) {
    return "GET /status HTTP/1.1\r\n" + header + "\r\nConnection: close\r\n\r\n";
  }

  @Test
  void compressesForThoseThatAsk() throws IOException, InterruptedException {
    try (StatusPage page = builder().start()) {
      HttpResponse<String> answer =
          Client.ask(page.uri(), "GET", "", "Accept-Encoding", "br, gzip, deflate");

      assertThat(answer.headers().firstValue("Content-Encoding")).contains("gzip");
    }
  }

  @Test
  void aStatusThatCannotBeReadIsA500WithoutItsText() throws IOException, InterruptedException {
    StatusPage.Builder failing =
        StatusPage.builder()
            .pipeline(
                "shop",
                () -> {
                  throw new IllegalStateException("canary");
                });
    try (StatusPage page = failing.start()) {
      HttpResponse<String> answer = Client.get(page.uri(), "status");

      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(answer.body()).doesNotContain("canary");
      assertThat(Client.get(page.uri(), "").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void halfRequestsHoldNoThread() throws IOException, InterruptedException {
    List<Socket> sockets = new ArrayList<>();
    try (StatusPage page = builder().requestLimit(Duration.ofMillis(300)).start()) {
      for (int i = 0; i < 3 * RequestThreads.COUNT; i++) {
        sockets.add(half(page.uri()));
      }
      assertThat(Client.get(page.uri(), "status").statusCode()).isEqualTo(200);
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private static Socket half(URI uri) throws IOException {
    Socket socket = Client.connect(uri);
    socket.getOutputStream().write("GET / HT".getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @Test
  void closeEndsEverythingWhateverClientsDo() throws IOException, InterruptedException {
    Set<Thread> before = threads();
    StatusPage page = builder().start();
    assertThat(Client.get(page.uri(), "status").statusCode()).isEqualTo(200);
    try (Socket socket = half(page.uri())) {
      Set<Thread> during = threads();
      during.removeAll(before);
      assertThat(during).hasSizeBetween(2, 7).allMatch(Thread::isDaemon);
      page.close();
      page.close();

      await().atMost(SOON).until(() -> before.containsAll(threads()));
      assertThat(socket.isClosed()).isFalse();
    }
    assertThatThrownBy(() -> Client.get(page.uri(), "")).isInstanceOf(IOException.class);
  }

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().matches("etl-status-page.*|HTTP-Disp.*|server-timer"))
        .collect(Collectors.toSet());
  }

  @Test
  void saysWhereItCannotListen() throws IOException {
    try (StatusPage page = builder().start()) {
      int port = page.uri().getPort();
      assertThatThrownBy(() -> builder().port(port).start())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("status page cannot listen on")
          .hasMessageContaining(Integer.toString(port));
    }
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> StatusPage.builder().start())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a status page needs at least one pipeline");
    assertThatThrownBy(() -> builder().port(65_536)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder().pipeline("shop", () -> STATUS))
        .hasMessage("two pipelines have the id shop");
  }
}

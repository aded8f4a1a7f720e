package dev.pgetl.status.page;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.pgetl.status.page.PageContent.Part;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers requests: reads only, and only for hosts that are allowed. Safe for concurrent use. */
final class PageHandler implements HttpHandler {
  private static final Logger LOG = LoggerFactory.getLogger(PageHandler.class);
  private static final int WORTH_COMPRESSING = 1 << 10;

  private final PageContent content;
  private final AllowedHosts hosts;
  private final AtomicBoolean failing = new AtomicBoolean();

  PageHandler(PageContent content, AllowedHosts hosts) {
    this.content = content;
    this.hosts = hosts;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      setRules(exchange.getResponseHeaders());
      String method = exchange.getRequestMethod();
      if (!hosts.allows(exchange.getRequestHeaders().getFirst("Host"))) {
        send(exchange, 403, text("this host name is not allowed: see StatusPage.Builder"));
      } else if (!method.equals("GET") && !method.equals("HEAD")) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        send(exchange, 405, text("the page is read-only"));
      } else {
        sendPart(exchange, exchange.getRequestURI().getPath());
      }
    }
  }

  private void setRules(Headers headers) {
    headers.set("Content-Security-Policy", content.policy());
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("X-Frame-Options", "DENY");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.set("Cache-Control", "no-store");
  }

  private void sendPart(HttpExchange exchange, @Nullable String path) throws IOException {
    Optional<Part> part;
    try {
      part = content.part(path == null ? "" : path);
      failing.set(false);
    } catch (RuntimeException e) {
      logOnce(e);
      send(exchange, 500, text("the status is not available: see the log"));
      return;
    }
    send(exchange, part.isPresent() ? 200 : 404, part.orElse(text("there is no such page")));
  }

  /** A browser asks every two seconds: the first failure says what the others would. */
  void logOnce(RuntimeException e) {
    if (failing.compareAndSet(false, true)) {
      LOG.warn("status page cannot read the status", e);
    }
  }

  private static Part text(String text) {
    return new Part("text/plain; charset=utf-8", (text + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static void send(HttpExchange exchange, int code, Part part) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", part.type());
    headers.set("Vary", "Accept-Encoding");
    byte[] body = part.body();
    if (body.length > WORTH_COMPRESSING && acceptsGzip(exchange)) {
      headers.set("Content-Encoding", "gzip");
      body = compressed(body);
    }
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(code, -1);
    } else {
      exchange.sendResponseHeaders(code, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static boolean acceptsGzip(HttpExchange exchange) {
    String accepted = exchange.getRequestHeaders().getFirst("Accept-Encoding");
    return accepted != null && accepted.matches("(?i)(.*,)?\\s*gzip\\s*(,.*)?");
  }

  private static byte[] compressed(byte[] body) throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(body);
    }
    return compressed.toByteArray();
  }
}

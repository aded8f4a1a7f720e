package dev.pgetl.status.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;

/** Asks a page. */
final class Client {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private Client() {}

  static HttpResponse<String> ask(URI page, String method, String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(page.resolve(path)).method(method, BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HTTP.send(request.build(), BodyHandlers.ofString());
  }

  static HttpResponse<String> get(URI page, String path) throws IOException, InterruptedException {
    return ask(page, "GET", path);
  }

  /** The first line of the answer to a request as it is written. */
  static String raw(URI page, String request) throws IOException {
    try (Socket socket = connect(page)) {
      OutputStream output = socket.getOutputStream();
      output.write(request.getBytes(StandardCharsets.US_ASCII));
      output.flush();
      InputStream input = socket.getInputStream();
      StringBuilder line = new StringBuilder();
      for (int next = input.read(); next > 0 && next != '\r'; next = input.read()) {
        line.append((char) next);
      }
      return line.toString();
    }
  }

  static Socket connect(URI page) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), page.getPort());
    socket.setSoTimeout(20_000);
    return socket;
  }
}

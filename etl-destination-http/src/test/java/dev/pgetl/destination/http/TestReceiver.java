package dev.pgetl.destination.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 server on loopback that records what it gets and misbehaves by script, down to the
 * bytes on the connection.
 */
final class TestReceiver implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ServerSocket socket;
  private final String scheme;
  private final ExecutorService threads = Executors.newCachedThreadPool(TestReceiver::daemon);
  private final List<Socket> connections = new ArrayList<>();
  private final List<Request> requests = new ArrayList<>();
  private final List<Request> taken = new ArrayList<>();
  private final Deque<Behaviour> script = new ArrayDeque<>();
  private Behaviour otherwise = status(200);

  /** How a request is answered. */
  interface Behaviour {
    void answer(Exchange exchange) throws IOException;
  }

  /** A request that was read to its end; header names in lower case. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Request(String method, String path, Map<String, String> headers, byte[] raw) {
    String key() {
      return headers.getOrDefault("idempotency-key", "");
    }

    String body() {
      try (InputStream in = new ByteArrayInputStream(raw)) {
        boolean zipped = "gzip".equals(headers.get("content-encoding"));
        byte[] plain = zipped ? new GZIPInputStream(in).readAllBytes() : in.readAllBytes();
        return new String(plain, StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    JsonNode json() {
      try {
        return JSON.readTree(body());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private TestReceiver(ServerSocket socket, String scheme) {
    this.socket = socket;
    this.scheme = scheme;
    threads.execute(this::accept);
  }

  static TestReceiver start() throws IOException {
    return new TestReceiver(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), "http");
  }

  static TestReceiver startTls(SSLContext tls, boolean wantsClientCertificate) throws IOException {
    SSLServerSocket socket =
        (SSLServerSocket)
            tls.getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    socket.setNeedClientAuth(wantsClientCertificate);
    return new TestReceiver(socket, "https");
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "test-receiver");
    thread.setDaemon(true);
    return thread;
  }

  String url() {
    return scheme + "://localhost:" + socket.getLocalPort();
  }

  int port() {
    return socket.getLocalPort();
  }

  /** Answers the next requests like this. */
  synchronized TestReceiver next(Behaviour... behaviours) {
    script.addAll(List.of(behaviours));
    return this;
  }

  /** Answers like this when the script is over; with 200 by default. */
  synchronized TestReceiver otherwise(Behaviour behaviour) {
    otherwise = behaviour;
    return this;
  }

  synchronized List<Request> requests() {
    return List.copyOf(requests);
  }

  /** {@return the requests that were answered by a status of success} */
  synchronized List<Request> taken() {
    return List.copyOf(taken);
  }

  synchronized int connectionCount() {
    return connections.size();
  }

  List<String> keys() {
    return requests().stream().map(Request::key).toList();
  }

  static Behaviour status(int status, String... headers) {
    return exchange -> {
      exchange.readRequest();
      exchange.reply(status, "", headers);
    };
  }

  /** Refuses the request in words. */
  static Behaviour says(int status, String body) {
    return exchange -> {
      exchange.readRequest();
      exchange.reply(status, body, "Content-Type", "text/plain");
    };
  }

  /** Takes the request, then sends these bytes and closes the connection. */
  static Behaviour raw(String bytes) {
    return exchange -> {
      exchange.readRequest();
      exchange.write(bytes);
      exchange.close();
    };
  }

  /** Breaks the connection off after some bytes of the body. */
  static Behaviour resetAfter(int bytes) {
    return exchange -> {
      exchange.in.readNBytes(bytes);
      exchange.reset();
    };
  }

  /** Takes the request and breaks the connection off. */
  static Behaviour takeAndReset() {
    return exchange -> {
      exchange.readRequest();
      exchange.reset();
    };
  }

  /** Takes the request and says nothing until the latch is open. */
  static Behaviour hold(CountDownLatch latch) {
    return exchange -> {
      exchange.readRequest();
      try {
        latch.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      exchange.close();
    };
  }

  private void accept() {
    try {
      while (true) {
        Socket connection = socket.accept();
        connection.setTcpNoDelay(true);
        synchronized (this) {
          connections.add(connection);
        }
        threads.execute(() -> serve(connection));
      }
    } catch (IOException closed) {
      threads.shutdown();
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      InputStream in = new BufferedInputStream(connection.getInputStream());
      while (!connection.isClosed()) {
        Exchange exchange = new Exchange(connection, in);
        if (!exchange.readHead()) {
          return;
        }
        behaviour().answer(exchange);
      }
    } catch (IOException broken) {
      // the client is gone, or was shown the door
    }
  }

  private synchronized Behaviour behaviour() {
    Behaviour next = script.poll();
    return next == null ? otherwise : next;
  }

  private synchronized void record(Request request) {
    requests.add(request);
  }

  private synchronized void recordTaken(Request request) {
    taken.add(request);
  }

  @Override
  public void close() throws IOException {
    socket.close();
    synchronized (this) {
      for (Socket connection : connections) {
        connection.close();
      }
    }
    threads.shutdownNow();
  }

  /** A request being answered. */
  final class Exchange {
    private final Socket connection;
    private final InputStream in;
    private final Map<String, String> headers = new HashMap<>();
    private String method = "";
    private String path = "";
    private @Nullable Request request;

    Exchange(Socket connection, InputStream in) {
      this.connection = connection;
      this.in = in;
    }

    private boolean readHead() throws IOException {
      String first = line();
      if (first.isEmpty()) {
        return false;
      }
      method = first.split(" ", -1)[0];
      path = first.split(" ", -1)[1];
      for (String line = line(); !line.isEmpty(); line = line()) {
        int colon = line.indexOf(':');
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
      return true;
    }

    private String line() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
        line.write(next);
      }
      return line.toString(StandardCharsets.ISO_8859_1).strip();
    }

    String method() {
      return method;
    }

    String path() {
      return path;
    }

    Request readRequest() throws IOException {
      int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
      byte[] body = in.readNBytes(length);
      if (body.length < length) {
        throw new IOException("half a request");
      }
      Request read = new Request(method, path, Map.copyOf(headers), body);
      request = read;
      record(read);
      return read;
    }

    void reply(int status, String body, String... replyHeaders) throws IOException {
      if (status / 100 == 2 && request != null) {
        recordTaken(request);
      }
      StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " whatever\r\n");
      for (int i = 0; i < replyHeaders.length; i += 2) {
        head.append(replyHeaders[i]).append(": ").append(replyHeaders[i + 1]).append("\r\n");
      }
      int length = body.getBytes(StandardCharsets.UTF_8).length;
      write(head + "Content-Length: " + length + "\r\n\r\n" + body);
    }

    void write(String bytes) throws IOException {
      connection.getOutputStream().write(bytes.getBytes(StandardCharsets.UTF_8));
      connection.getOutputStream().flush();
    }

    void close() throws IOException {
      connection.close();
    }

    /** Closes with a reset in place of an orderly end. */
    void reset() throws IOException {
      connection.setSoLinger(true, 0);
      connection.close();
    }
  }
}

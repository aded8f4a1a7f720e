package dev.pgetl.testkit.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TcpProxyTest {
  private final EchoServer server = new EchoServer();
  private final TcpProxy proxy = TcpProxy.to("localhost", server.port());

  TcpProxyTest() throws IOException {}

  @AfterEach
  void close() throws IOException {
    proxy.close();
    server.close();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String receive(Socket socket, int length) throws IOException {
    return new String(socket.getInputStream().readNBytes(length), StandardCharsets.US_ASCII);
  }

  private static void assertSilent(Socket socket) throws IOException {
    socket.setSoTimeout(100);
    assertThatThrownBy(() -> receive(socket, 1)).isInstanceOf(SocketTimeoutException.class);
    socket.setSoTimeout(10_000);
  }

  private static void assertCut(Socket socket) {
    assertThatThrownBy(
            () -> {
              if (socket.getInputStream().read() < 0) {
                throw new IOException("closed");
              }
            })
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(SocketTimeoutException.class);
  }

  @Test
  void redirectsNewConnectionsOnly() throws IOException {
    try (EchoServer other = new EchoServer();
        Socket before = connect()) {
      send(before, "a");
      assertThat(receive(before, 1)).isEqualTo("a");
      server.close();
      proxy.redirect("localhost", other.port());
      try (Socket after = connect()) {
        send(before, "b");
        send(after, "c");
        assertThat(receive(before, 1)).isEqualTo("b");
        assertThat(receive(after, 1)).isEqualTo("c");
      }
    }
  }

  @Test
  void passesBytesAndTheEndOfTheStream() throws IOException {
    byte[] bytes = new byte[300_000];
    new Random(1).nextBytes(bytes);
    try (Socket socket = connect()) {
      CompletableFuture<Void> writer =
          CompletableFuture.runAsync(
              () -> {
                try {
                  socket.getOutputStream().write(bytes);
                  socket.shutdownOutput();
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      assertThat(socket.getInputStream().readAllBytes()).isEqualTo(bytes);
      assertThat(writer).succeedsWithin(Duration.ofSeconds(10));
    }
    Awaitility.await().until(() -> proxy.openConnections() == 0);
    assertThat(proxy.acceptedConnections()).isEqualTo(1);
  }

  @Test
  void cutsWhatIsOpenAndTakesNewConnections() throws IOException {
    try (Socket first = connect()) {
      send(first, "a");
      assertThat(receive(first, 1)).isEqualTo("a");
      assertThat(proxy.openConnections()).isEqualTo(1);
      proxy.cut();
      assertCut(first);
    }
    try (Socket second = connect()) {
      send(second, "b");
      assertThat(receive(second, 1)).isEqualTo("b");
    }
  }

  @Test
  void refusesUntilHealed() throws IOException {
    proxy.refuse();
    try (Socket socket = connect()) {
      assertCut(socket);
    }
    proxy.heal();
    try (Socket socket = connect()) {
      send(socket, "a");
      assertThat(receive(socket, 1)).isEqualTo("a");
    }
  }

  @Test
  void stallsWithoutLosingAnything() throws IOException {
    try (Socket socket = connect()) {
      proxy.stall();
      send(socket, "abc");
      assertSilent(socket);
      proxy.heal();
      assertThat(receive(socket, 3)).isEqualTo("abc");
    }
  }

  @Test
  void aHalfOpenConnectionLosesEverythingAndStaysSo() throws IOException {
    try (Socket socket = connect()) {
      send(socket, "a");
      assertThat(receive(socket, 1)).isEqualTo("a");
      proxy.halfOpen();
      send(socket, "b");
      assertSilent(socket);
      proxy.heal();
      send(socket, "c");
      assertSilent(socket);
      assertThat(proxy.openConnections()).isEqualTo(1);
      proxy.cut();
      assertCut(socket);
    }
  }

  @Test
  void delaysAndThrottles() throws IOException {
    try (Socket socket = connect()) {
      proxy.delay(Duration.ofMillis(50));
      long begin = System.nanoTime();
      send(socket, "a");
      receive(socket, 1);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(100));

      proxy.heal();
      proxy.throttle(1000);
      begin = System.nanoTime();
      send(socket, "x".repeat(100));
      receive(socket, 100);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(190));
    }
  }

  @Test
  void endsEverythingWhenClosed() throws IOException {
    try (Socket socket = connect()) {
      send(socket, "a");
      receive(socket, 1);
      proxy.close();
      assertCut(socket);
      assertThatThrownBy(this::connect).isInstanceOf(IOException.class);
    }
  }
}

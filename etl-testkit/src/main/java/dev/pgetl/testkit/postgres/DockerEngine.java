package dev.pgetl.testkit.postgres;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Checks quickly whether Testcontainers would find a Docker engine; Testcontainers itself takes
 * many seconds to notice that there is none.
 */
final class DockerEngine {
  private static final String PING = "GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n";
  private static final int LIMIT_SECONDS = 2;

  private DockerEngine() {}

  static boolean answers(Map<String, String> environment) {
    return hasTestcontainers() && addresses(environment).anyMatch(DockerEngine::answersInTime);
  }

  private static boolean hasTestcontainers() {
    try {
      Class.forName(
          "org.testcontainers.postgresql.PostgreSQLContainer",
          false,
          DockerEngine.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException ignored) {
      return false;
    }
  }

  private static Stream<SocketAddress> addresses(Map<String, String> environment) {
    String host = environment.getOrDefault("DOCKER_HOST", "");
    if (host.startsWith("tcp://")) {
      URI uri = URI.create(host);
      return Stream.of(
          new InetSocketAddress(uri.getHost(), uri.getPort() < 0 ? 2375 : uri.getPort()));
    }
    Stream<String> sockets =
        host.startsWith("unix://")
            ? Stream.of(host.substring("unix://".length()))
            : Stream.of(
                "/var/run/docker.sock",
                environment.getOrDefault("XDG_RUNTIME_DIR", "/run") + "/docker.sock",
                System.getProperty("user.home") + "/.docker/run/docker.sock");
    return sockets.map(Path::of).filter(Files::exists).map(UnixDomainSocketAddress::of);
  }

  private static boolean answersInTime(SocketAddress address) {
    CompletableFuture<Boolean> answer = CompletableFuture.supplyAsync(() -> answers(address));
    try {
      return answer.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException ignored) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Any HTTP answer counts: an engine behind TLS refuses the request, but it is there. */
  private static boolean answers(SocketAddress address) {
    try (SocketChannel channel = open(address)) {
      channel.connect(address);
      channel.write(StandardCharsets.US_ASCII.encode(PING));
      ByteBuffer answer = ByteBuffer.allocate(5);
      while (answer.hasRemaining() && channel.read(answer) >= 0) {}
      return new String(answer.array(), StandardCharsets.US_ASCII).equals("HTTP/");
    } catch (IOException ignored) {
      return false;
    }
  }

  private static SocketChannel open(SocketAddress address) throws IOException {
    return address instanceof UnixDomainSocketAddress
        ? SocketChannel.open(StandardProtocolFamily.UNIX)
        : SocketChannel.open();
  }
}

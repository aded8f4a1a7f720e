package dev.pgetl.testkit.postgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Scanner;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds a port that stays free while its server is stopped: the system gives outgoing connections
 * ports from a range of their own, and one of these would keep the server from starting again. So
 * the port is below that range, at random, because other processes look for ports as well.
 */
final class ServerPort {
  private static final Path OUTGOING = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
  private static final int LOWEST = 10_000;
  private static final int ATTEMPTS = 100;

  private ServerPort() {}

  /** {@return a port that nothing listens on} */
  static int free() throws IOException {
    int end = firstOutgoing();
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, end);
      if (isFree(port)) {
        return port;
      }
    }
    throw new IOException("found no free port from " + LOWEST + " to " + end);
  }

  /** {@return the first port that outgoing connections get} */
  static int firstOutgoing() throws IOException {
    if (!Files.isReadable(OUTGOING)) {
      return 32_768;
    }
    // A buffer of its own: the kernel answers the first read of such a file, and no second.
    try (Scanner numbers = new Scanner(Files.newBufferedReader(OUTGOING))) {
      int first = numbers.nextInt();
      return first > LOWEST + 1_000 ? first : 65_536;
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}

package dev.pgetl.testkit.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ServerPortTest {
  @Test
  void noOutgoingConnectionTakesThePortOfAStoppedServer() throws IOException {
    int first = ServerPort.firstOutgoing();
    assertThat(ServerPort.free()).isLessThan(first);
    InetAddress local = InetAddress.getLoopbackAddress();
    try (ServerSocket listener = new ServerSocket(0, 200, local)) {
      assertThat(IntStream.range(0, 100).map(i -> portOfAConnection(local, listener)))
          .allSatisfy(port -> assertThat(port).isGreaterThanOrEqualTo(first));
    }
  }

  private static int portOfAConnection(InetAddress local, ServerSocket listener) {
    try (Socket socket = new Socket(local, listener.getLocalPort())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("connect", e);
    }
  }
}

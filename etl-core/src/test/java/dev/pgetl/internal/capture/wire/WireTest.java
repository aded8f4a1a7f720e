package dev.pgetl.internal.capture.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WireTest {
  private final Set<Wire> uncut = new HashSet<>();
  private final Wire wire =
      new Wire(System::nanoTime, uncut, Duration.ZERO, Duration.ofSeconds(30), null);

  @Test
  void closesItsSocketWhenItIsCut() throws IOException {
    WireSocket socket = wire.newSocket();
    wire.cut();
    assertThat(socket.isClosed()).isTrue();
    assertThat(uncut).isEmpty();
  }

  /** Who closes the source while the driver resolves a name finds no socket to close. */
  @Test
  void opensNoSocketAfterItWasCut() {
    wire.cut();
    assertThatThrownBy(wire::newSocket).isInstanceOf(SocketException.class);
  }

  @Test
  void letsTheDriverCancelWhatRunsOnACutConnection() throws IOException {
    wire.newSocket();
    wire.seal();
    wire.cut();
    try (WireSocket cancelling = wire.newSocket()) {
      assertThat(cancelling.isClosed()).isFalse();
    }
  }
}

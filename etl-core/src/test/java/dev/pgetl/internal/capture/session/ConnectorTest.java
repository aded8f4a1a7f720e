package dev.pgetl.internal.capture.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.session.SessionSettings.Purpose;
import dev.pgetl.internal.platform.Platform;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ConnectorTest {
  /** An address of one link says on which of the machine's networks it is. */
  @Test
  void anAddressMayNameItsNetwork() throws Exception {
    byte[] address = new byte[16];
    address[15] = 1;
    InetAddress local = InetAddress.getByAddress(address);
    NetworkInterface network = NetworkInterface.getByInetAddress(local);
    assumeThat(network).as("a network with IPv6").isNotNull();
    try (ServerSocket server = new ServerSocket(0, 1, local)) {
      FutureTask<Boolean> reached = new FutureTask<>(() -> hangUp(server));
      new Thread(reached, "server").start();
      PgConnectionConfig config =
          PgConnectionConfig.builder("::1%" + network.getName(), "shop", "etl")
              .port(server.getLocalPort())
              .build();
      try (Connector connector =
          new Connector(config, new SessionSettings(config, "it"), Platform.jvm())) {
        assertThatExceptionOfType(EtlException.class)
            .isThrownBy(() -> connector.open(Purpose.CONTROL, "test"))
            .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE));
      }
      assertThat(reached.get(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static boolean hangUp(ServerSocket server) throws IOException {
    server.setSoTimeout(30_000);
    server.accept().close();
    return true;
  }
}

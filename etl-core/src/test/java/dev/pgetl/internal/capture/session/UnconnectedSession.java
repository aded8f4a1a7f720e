package dev.pgetl.internal.capture.session;

import dev.pgetl.internal.capture.wire.Wire;
import dev.pgetl.internal.capture.wire.WireSocketFactory;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** A session whose socket leads nowhere, and whose driver has no warnings. */
public final class UnconnectedSession {
  private UnconnectedSession() {}

  public static Session open() throws IOException, SQLException {
    Wire wire =
        new Wire(System::nanoTime, new HashSet<>(), Duration.ZERO, Duration.ofSeconds(30), null);
    new WireSocketFactory(wire.key()).createSocket();
    return new Session(driver(), wire, Duration.ofSeconds(30));
  }

  private static Connection driver() {
    return (Connection)
        Proxy.newProxyInstance(
            UnconnectedSession.class.getClassLoader(),
            new Class<?>[] {Connection.class, PGConnection.class},
            (proxy, method, arguments) -> answer(proxy, method.getName()));
  }

  private static @Nullable Object answer(Object proxy, String method) {
    return switch (method) {
      case "unwrap" -> proxy;
      case "getBackendPID" -> 1;
      default -> null;
    };
  }
}

package dev.pgetl.internal.connect;

import dev.pgetl.config.TlsConfig.ChannelBinding;
import java.io.IOException;
import java.net.Socket;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;
import org.postgresql.ssl.PGjdbcHostnameVerifier;

/**
 * The encryption of one connection: makes its sockets, and checks the name in the server's
 * certificate, wherever the connection goes.
 *
 * <p>The driver takes a socket factory only as a class name and a string. So a link has a key,
 * under which the objects that the driver makes find it again. Thread-safe.
 */
public final class TlsLink implements AutoCloseable {
  private static final Map<String, TlsLink> BY_KEY = new ConcurrentHashMap<>();
  private static final AtomicLong LAST_KEY = new AtomicLong();

  private final String key = Long.toString(LAST_KEY.incrementAndGet());
  private final SSLSocketFactory sockets;
  private final String serverName;
  private volatile boolean nameRefused;
  private volatile @Nullable Socket last;

  /**
   * Creates a link, known under its key until it is closed.
   *
   * @param sockets makes encrypted sockets
   * @param serverName what the server's certificate must name
   */
  private TlsLink(SSLSocketFactory sockets, String serverName) {
    this.sockets = sockets;
    this.serverName = serverName;
    BY_KEY.put(key, this);
  }

  /** {@return the encryption of a connection; null if it is not encrypted} */
  public static @Nullable TlsLink of(Login login) {
    SSLSocketFactory sockets = login.sockets();
    return sockets == null ? null : new TlsLink(sockets, login.host().name());
  }

  static TlsLink ofKey(String key) {
    return Objects.requireNonNull(BY_KEY.get(key), "no link of that key");
  }

  /** Makes the driver encrypt a connection that way, or not at all. */
  public static void addTo(Properties properties, @Nullable TlsLink link, ChannelBinding binding) {
    if (link == null) {
      PGProperty.SSL_MODE.set(properties, "disable");
      return;
    }
    PGProperty.SSL_MODE.set(properties, "verify-full");
    PGProperty.SSL_FACTORY.set(properties, TlsSockets.class.getName());
    PGProperty.SSL_FACTORY_ARG.set(properties, link.key);
    PGProperty.SSL_HOSTNAME_VERIFIER.set(properties, ServerNameVerifier.class.getName());
    if (binding == ChannelBinding.REQUIRE) { // the oldest drivers do not know the property
      PGProperty.CHANNEL_BINDING.set(properties, "require");
    }
  }

  /** Names the server to TLS, which sends the name to proxies that go by it. */
  Socket encrypt(Socket plain, int port) throws IOException {
    Socket encrypted = sockets.createSocket(plain, serverName, port, true);
    last = encrypted;
    return encrypted;
  }

  boolean verify(SSLSession session) {
    String name = serverName.contains(":") ? "[" + serverName + "]" : serverName;
    boolean verified = PGjdbcHostnameVerifier.INSTANCE.verify(name, session);
    nameRefused = !verified;
    return verified;
  }

  /** {@return whether the server's certificate names another server} */
  public boolean nameRefused() {
    return nameRefused;
  }

  /** {@return what is wrong then, as part of a sentence} */
  public String refusal() {
    return "the server's certificate does not name " + serverName;
  }

  /** {@return the socket that was made last; null if there is none} */
  public @Nullable Socket socket() {
    return last;
  }

  /** Forgets the key: the driver makes no more sockets. Idempotent. */
  @Override
  public void close() {
    BY_KEY.remove(key);
  }
}

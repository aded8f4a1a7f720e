package dev.pgetl.internal.connect;

import java.util.Objects;
import java.util.Properties;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SSLSession;
import org.postgresql.PGProperty;

/**
 * Checks the name in a server's certificate as the driver does, but for the name of the {@link
 * TlsLink}: the driver knows only where it connects to. Public because the driver makes it by its
 * name.
 */
public final class ServerNameVerifier implements HostnameVerifier {
  private final TlsLink link;

  /**
   * Creates the verifier.
   *
   * @param properties those of the connection, with the key of its link
   */
  public ServerNameVerifier(Properties properties) {
    link =
        TlsLink.ofKey(
            Objects.requireNonNull(PGProperty.SSL_FACTORY_ARG.getOrDefault(properties), "key"));
  }

  @Override
  public boolean verify(String address, SSLSession session) {
    return link.verify(session);
  }
}

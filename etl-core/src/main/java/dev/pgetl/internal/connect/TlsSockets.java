package dev.pgetl.internal.connect;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Puts TLS on the sockets of one {@link TlsLink}. Public because the driver makes the factory by
 * its name, with the link's key as argument; it only puts TLS on sockets that are connected.
 */
public final class TlsSockets extends SSLSocketFactory {
  private final TlsLink link;

  /**
   * Creates the factory.
   *
   * @param linkKey the key of a link of this process
   */
  public TlsSockets(String linkKey) {
    link = TlsLink.ofKey(linkKey);
  }

  @Override
  public Socket createSocket(Socket socket, String host, int port, boolean autoClose)
      throws IOException {
    return link.encrypt(socket, port);
  }

  @Override
  public String[] getDefaultCipherSuites() {
    throw new UnsupportedOperationException();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
    throw new UnsupportedOperationException();
  }
}

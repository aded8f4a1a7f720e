package dev.pgetl.internal.capture.wire;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Puts TLS on the socket of one {@link Wire}, trusting the authorities of the configuration and no
 * other. The driver checks the host name. Public because the driver makes the factory by its name,
 * with the wire's key as argument; it only puts TLS on sockets that are connected.
 */
public final class TrustedTlsFactory extends SSLSocketFactory {
  private final Wire wire;

  /**
   * Creates the factory.
   *
   * @param wireKey the key of a wire of this process
   */
  public TrustedTlsFactory(String wireKey) {
    wire = Wire.ofKey(wireKey);
  }

  @Override
  public Socket createSocket(Socket socket, String host, int port, boolean autoClose)
      throws IOException {
    return wire.encrypt(socket, host, port);
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

package dev.pgetl.internal.capture.wire;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/**
 * Makes the sockets of one {@link Wire}. Public because the driver makes the factory by its name,
 * with the wire's key as argument; it takes unconnected sockets only.
 */
public final class WireSocketFactory extends SocketFactory {
  private final Wire wire;

  /**
   * Creates the factory.
   *
   * @param wireKey the key of a wire of this process
   */
  public WireSocketFactory(String wireKey) {
    wire = Wire.ofKey(wireKey);
  }

  @Override
  public Socket createSocket() throws IOException {
    return wire.newSocket();
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

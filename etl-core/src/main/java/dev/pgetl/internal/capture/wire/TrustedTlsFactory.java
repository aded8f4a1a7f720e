package dev.pgetl.internal.capture.wire;

import dev.pgetl.config.TlsConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

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

  /**
   * {@return what makes encrypted sockets that trust as configured}
   *
   * @param config an enabled configuration
   * @throws EtlException if its certificates cannot be read
   */
  public static SSLSocketFactory socketFactory(TlsConfig config) {
    try {
      if (config.trustedRootCerts().isBlank()) {
        return SSLContext.getDefault().getSocketFactory();
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(keyStore(config.trustedRootCerts()));
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException | IOException e) {
      throw new EtlException(
              ErrorKind.CONFIGURATION, "read the certificates of tls.trustedRootCerts failed", e)
          .withFix("It must hold X.509 certificates as PEM text, one behind the other");
    }
  }

  private static KeyStore keyStore(String pem) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    byte[] bytes = pem.getBytes(StandardCharsets.US_ASCII);
    for (Certificate certificate :
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(bytes))) {
      store.setCertificateEntry("root" + store.size(), certificate);
    }
    return store;
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

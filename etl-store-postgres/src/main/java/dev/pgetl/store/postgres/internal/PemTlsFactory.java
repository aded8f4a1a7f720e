package dev.pgetl.store.postgres.internal;

import dev.pgetl.config.TlsConfig;
import org.postgresql.ssl.WrappedFactory;

/**
 * Creates encrypted sockets that trust only the authorities given as PEM text. The driver creates
 * it by its name, with the text as argument, and checks the host name.
 */
public final class PemTlsFactory extends WrappedFactory {

  /**
   * Creates the factory.
   *
   * @param pem certificates one behind the other
   */
  public PemTlsFactory(String pem) {
    factory = TlsConfig.trusting(pem).sslContext().getSocketFactory();
  }
}

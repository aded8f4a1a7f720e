package dev.pgetl.store.postgres.internal;

import dev.pgetl.config.TlsConfig;
import org.postgresql.ssl.WrappedFactory;

/**
 * Makes encrypted sockets that trust the authorities given as PEM text and no other. The driver
 * makes it by its name, with the text as argument, and checks the host name.
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

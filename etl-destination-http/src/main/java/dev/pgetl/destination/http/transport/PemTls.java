package dev.pgetl.destination.http.transport;

import dev.pgetl.config.ClientCertificate;
import dev.pgetl.config.PemCertificates;
import dev.pgetl.config.Secret;
import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** Creates a TLS context from certificates and a key in PEM. */
public final class PemTls {
  private PemTls() {}

  /**
   * {@return a context with the given trust and identity}
   *
   * @param trustedRootCerts whom to trust, empty for those the JVM trusts
   * @param certificateChain the certificate to show, its issuers behind it; empty for none
   * @param privateKey its key; null for none
   * @throws GeneralSecurityException if the text holds no usable certificate or key; its message
   *     contains no part of them
   */
  public static SSLContext context(
      String trustedRootCerts, String certificateChain, @Nullable Secret privateKey)
      throws GeneralSecurityException {
    TrustManager[] trust =
        trustedRootCerts.isBlank() ? null : PemCertificates.trustManagers(trustedRootCerts);
    KeyManager[] identity =
        privateKey == null
            ? null
            : ClientCertificate.of(certificateChain, privateKey).keyManagers();
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(identity, trust, null);
    return context;
  }
}

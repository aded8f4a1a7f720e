package dev.pgetl.config;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.security.GeneralSecurityException;
import java.util.Objects;
import javax.net.ssl.SSLContext;

/**
 * Whether connections to Postgres are encrypted. Encrypted ones always verify the server's
 * certificate and host name.
 *
 * @param enabled whether to encrypt; if not, no attempt is made
 * @param trustedRootCerts certificates of the authorities to trust, PEM text; empty for those the
 *     JVM trusts
 */
public record TlsConfig(boolean enabled, String trustedRootCerts) {
  /** No encryption. */
  public static final TlsConfig DISABLED = new TlsConfig(false, "");

  public TlsConfig {
    Objects.requireNonNull(trustedRootCerts, "trustedRootCerts");
    if (!trustedRootCerts.isBlank() && !trustedRootCerts.contains("-----BEGIN CERTIFICATE-----")) {
      throw new IllegalArgumentException(
          "trustedRootCerts holds no PEM certificate (-----BEGIN CERTIFICATE-----)");
    }
  }

  /**
   * {@return encryption, trusting the given authorities}
   *
   * @param trustedRootCerts PEM text; empty for those the JVM trusts
   */
  public static TlsConfig trusting(String trustedRootCerts) {
    return new TlsConfig(true, trustedRootCerts);
  }

  /**
   * {@return a context that trusts as configured} It does not check host names: its caller does.
   *
   * @throws EtlException of kind {@link ErrorKind#CONFIGURATION} if a certificate cannot be read
   */
  public SSLContext sslContext() {
    try {
      if (trustedRootCerts.isBlank()) {
        return SSLContext.getDefault();
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, PemCertificates.trustManagers(trustedRootCerts), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new EtlException(
              ErrorKind.CONFIGURATION, "read the certificates of tls.trustedRootCerts failed", e)
          .withFix("It must hold X.509 certificates as PEM text, one behind the other");
    }
  }

  @Override
  public String toString() {
    return enabled
        ? "TlsConfig[verify-full, " + (trustedRootCerts.isBlank() ? "JVM" : "own") + " trust]"
        : "TlsConfig[off]";
  }
}

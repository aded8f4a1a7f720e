package dev.pgetl.config;

import java.util.Objects;

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

  /**
   * Checks that certificates look like PEM.
   *
   * @param enabled whether to encrypt
   * @param trustedRootCerts PEM text or empty
   */
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

  @Override
  public String toString() {
    return enabled
        ? "TlsConfig[verify-full, " + (trustedRootCerts.isBlank() ? "JVM" : "own") + " trust]"
        : "TlsConfig[off]";
  }
}

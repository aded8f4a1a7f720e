package dev.pgetl.config;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.settings.JdbcUrl;
import java.security.GeneralSecurityException;
import java.util.Objects;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whether connections to Postgres are encrypted. Encrypted ones always verify the server's
 * certificate and host name.
 *
 * @param enabled whether to encrypt; if not, no attempt is made
 * @param trustedRootCerts certificates of the authorities to trust, PEM text; empty for those the
 *     JVM trusts
 * @param clientCertificate gives the certificate that is shown to the server; null for none
 * @param channelBinding whether the login is bound to the encrypted connection
 */
public record TlsConfig(
    boolean enabled,
    String trustedRootCerts,
    ClientCertificate.@Nullable Source clientCertificate,
    ChannelBinding channelBinding) {

  /** Whether a login proves that the server it talks to is the one that ends the encryption. */
  public enum ChannelBinding {
    /** If the server offers it. */
    PREFER,
    /**
     * Always: a login in any other way than {@code scram-sha-256} is refused. Needs version 42.7.12
     * of the JDBC driver; earlier ones can be made to log in without it (CVE-2025-49146,
     * CVE-2026-54291).
     */
    REQUIRE
  }

  /** No encryption. */
  public static final TlsConfig DISABLED = new TlsConfig(false, "");

  public TlsConfig {
    Objects.requireNonNull(trustedRootCerts, "trustedRootCerts");
    Objects.requireNonNull(channelBinding, "channelBinding");
    if (!trustedRootCerts.isBlank() && !trustedRootCerts.contains("-----BEGIN CERTIFICATE-----")) {
      throw new IllegalArgumentException(
          "trustedRootCerts holds no PEM certificate (-----BEGIN CERTIFICATE-----)");
    }
    if (!enabled && (clientCertificate != null || channelBinding == ChannelBinding.REQUIRE)) {
      throw new IllegalArgumentException(
          "a client certificate and channel binding need encryption; begin with"
              + " TlsConfig.trusting");
    }
  }

  /**
   * Creates a configuration without a client certificate that prefers channel binding.
   *
   * @param enabled whether to encrypt
   * @param trustedRootCerts PEM text; empty for those the JVM trusts
   */
  public TlsConfig(boolean enabled, String trustedRootCerts) {
    this(enabled, trustedRootCerts, null, ChannelBinding.PREFER);
  }

  /**
   * {@return encryption, trusting the given authorities}
   *
   * @param trustedRootCerts PEM text; empty for those the JVM trusts
   */
  public static TlsConfig trusting(String trustedRootCerts) {
    return new TlsConfig(true, trustedRootCerts);
  }

  static TlsConfig of(JdbcUrl url) {
    TlsConfig tls = url.isEncrypted() ? trusting("") : DISABLED;
    return url.requiresChannelBinding() ? tls.withChannelBinding(ChannelBinding.REQUIRE) : tls;
  }

  /**
   * {@return the same, showing a certificate to the server}
   *
   * @param certificate shown to servers that ask for one
   */
  public TlsConfig withClientCertificate(ClientCertificate certificate) {
    return withClientCertificateFrom(new Fixed(Objects.requireNonNull(certificate, "certificate")));
  }

  /**
   * {@return the same, showing a certificate that may be another one for each connection}
   *
   * @param source asked before every connection, for example {@code () ->
   *     ClientCertificate.ofFiles(chain, key)}
   */
  public TlsConfig withClientCertificateFrom(ClientCertificate.Source source) {
    return new TlsConfig(
        enabled, trustedRootCerts, Objects.requireNonNull(source, "source"), channelBinding);
  }

  /**
   * {@return the same with or without the demand that the login is bound to the connection}
   *
   * @param binding whether it has to be
   */
  public TlsConfig withChannelBinding(ChannelBinding binding) {
    return new TlsConfig(enabled, trustedRootCerts, clientCertificate, binding);
  }

  /** {@return whether the client certificate may be another one for each connection} */
  public boolean asksForCertificate() {
    return clientCertificate != null && !(clientCertificate instanceof Fixed);
  }

  /**
   * {@return a context that trusts as configured} It does not check host names: its caller does.
   *
   * @param shown the certificate that it shows; null for none
   * @throws EtlException of kind {@link ErrorKind#CONFIGURATION} if a certificate or key cannot be
   *     read
   */
  public SSLContext sslContext(@Nullable ClientCertificate shown) {
    TrustManager[] trust = trustManagers();
    try {
      if (trust == null && shown == null) {
        return SSLContext.getDefault();
      }
      KeyManager[] identity = shown == null ? null : shown.keyManagers();
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(identity, trust, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new EtlException(
              ErrorKind.CONFIGURATION,
              "read the client certificate of tls failed: " + e.getMessage(),
              e)
          .withFix("It must be an X.509 certificate as PEM text, with its private key");
    }
  }

  private TrustManager @Nullable [] trustManagers() {
    try {
      return trustedRootCerts.isBlank() ? null : PemCertificates.trustManagers(trustedRootCerts);
    } catch (GeneralSecurityException e) {
      throw new EtlException(
              ErrorKind.CONFIGURATION, "read the certificates of tls.trustedRootCerts failed", e)
          .withFix("It must hold X.509 certificates as PEM text, one behind the other");
    }
  }

  @Override
  public String toString() {
    return enabled
        ? "TlsConfig[verify-full, "
            + (trustedRootCerts.isBlank() ? "JVM" : "own")
            + " trust"
            + (clientCertificate == null ? "" : ", client certificate")
            + (channelBinding == ChannelBinding.REQUIRE ? ", channel binding" : "")
            + "]"
        : "TlsConfig[off]";
  }

  /** A certificate that stays the same. */
  private record Fixed(ClientCertificate get) implements ClientCertificate.Source {}
}

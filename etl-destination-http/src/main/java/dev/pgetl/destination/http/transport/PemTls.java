package dev.pgetl.destination.http.transport;

import dev.pgetl.config.PemCertificates;
import dev.pgetl.config.Secret;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** Creates a TLS context from certificates and a key in PEM. */
public final class PemTls {
  private static final Pattern PRIVATE_KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
  private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA");
  private static final char[] NO_PASSWORD = new char[0];

  private PemTls() {}

  /**
   * {@return a context with the given trust and identity}
   *
   * @param trustedRootCerts whom to trust, empty for those the JVM trusts
   * @param certificateChain the certificate to show, its issuers behind it; empty for none
   * @param privateKey its key in PKCS #8; null for none
   * @throws GeneralSecurityException if the text holds no usable certificate or key; its message
   *     contains no part of them
   */
  public static SSLContext context(
      String trustedRootCerts, String certificateChain, @Nullable Secret privateKey)
      throws GeneralSecurityException {
    TrustManager[] trust =
        trustedRootCerts.isBlank() ? null : PemCertificates.trustManagers(trustedRootCerts);
    KeyManager[] identity = privateKey == null ? null : keyManagers(certificateChain, privateKey);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(identity, trust, null);
    return context;
  }

  private static KeyManager[] keyManagers(String chain, Secret key)
      throws GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try {
      store.load(null, NO_PASSWORD);
    } catch (IOException e) {
      throw new IllegalStateException("a key store that is not read from anywhere failed", e);
    }
    store.setKeyEntry(
        "client",
        privateKey(key),
        NO_PASSWORD,
        PemCertificates.read(chain).toArray(Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  /** The JDK does not read the algorithm from the key, so each is tried. */
  private static PrivateKey privateKey(Secret pem) throws GeneralSecurityException {
    Matcher key = PRIVATE_KEY.matcher(pem.reveal());
    if (!key.find()) {
      throw new InvalidKeySpecException(
          "there is no unencrypted PKCS #8 key (-----BEGIN PRIVATE KEY-----)");
    }
    byte[] encoded = Base64.getMimeDecoder().decode(key.group(1));
    for (String algorithm : KEY_ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
      } catch (InvalidKeySpecException ignored) {
        // the next one
      }
    }
    throw new InvalidKeySpecException("the key is none of " + KEY_ALGORITHMS);
  }
}

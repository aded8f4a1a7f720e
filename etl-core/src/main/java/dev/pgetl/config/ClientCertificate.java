package dev.pgetl.config;

import dev.pgetl.internal.pem.PrivateKeyPem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.spec.InvalidKeySpecException;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;

/**
 * A certificate to show to a server, and its private key.
 *
 * @param chain the certificate as PEM text, those of its issuers behind it
 * @param key the private key as PEM text: PKCS #8, encrypted or not, PKCS #1 (RSA) or SEC 1 (EC)
 * @param keyPassword what the key is encrypted with; ignored if it is not
 */
public record ClientCertificate(String chain, Secret key, Secret keyPassword) {
  private static final char[] NO_PASSWORD = new char[0];

  public ClientCertificate {
    Objects.requireNonNull(chain, "chain");
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(keyPassword, "keyPassword");
  }

  /**
   * {@return a certificate whose key is not encrypted}
   *
   * @param chain PEM text
   * @param key PEM text
   */
  public static ClientCertificate of(String chain, Secret key) {
    return new ClientCertificate(chain, key, Secret.of(""));
  }

  /**
   * {@return a certificate whose key is not encrypted, from two files as they are now}
   *
   * @param chain PEM file
   * @param key PEM file
   * @throws IOException if one cannot be read
   */
  public static ClientCertificate ofFiles(Path chain, Path key) throws IOException {
    return of(Files.readString(chain), Secret.of(Files.readString(key)));
  }

  /**
   * {@return the same certificate, whose key is encrypted}
   *
   * @param password what the key is encrypted with
   */
  public ClientCertificate withKeyPassword(Secret password) {
    return new ClientCertificate(chain, key, password);
  }

  /**
   * {@return what shows the certificate in a TLS handshake}
   *
   * @throws GeneralSecurityException if certificate or key cannot be read, or do not belong
   *     together; its message contains no part of them
   */
  public KeyManager[] keyManagers() throws GeneralSecurityException {
    PrivateKey privateKey = PrivateKeyPem.read(key.reveal(), keyPassword.reveal());
    List<Certificate> certificates = PemCertificates.read(chain);
    requireMatch(privateKey, certificates.get(0));
    KeyStore store = KeyStore.getInstance("PKCS12");
    try {
      store.load(null, NO_PASSWORD);
    } catch (IOException e) {
      throw new IllegalStateException("a key store that is not read from anywhere failed", e);
    }
    store.setKeyEntry("client", privateKey, NO_PASSWORD, certificates.toArray(Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  /** While certificates are replaced, one file may be new and the other one old. */
  private static void requireMatch(PrivateKey key, Certificate certificate)
      throws GeneralSecurityException {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          case "EdDSA" -> "EdDSA";
          default -> "";
        };
    if (algorithm.isEmpty()) {
      return;
    }
    boolean matches =
        certificate.getPublicKey().getAlgorithm().equals(key.getAlgorithm())
            && isSignedBy(key, certificate, algorithm);
    if (!matches) {
      throw new InvalidKeySpecException("the private key is not the key of the certificate");
    }
  }

  private static boolean isSignedBy(PrivateKey key, Certificate certificate, String algorithm)
      throws GeneralSecurityException {
    byte[] message = certificate.getEncoded();
    Signature signer = Signature.getInstance(algorithm);
    signer.initSign(key);
    signer.update(message);
    Signature verifier = Signature.getInstance(algorithm);
    verifier.initVerify(certificate.getPublicKey());
    verifier.update(message);
    return verifier.verify(signer.sign());
  }

  /** {@return a text without the key} */
  @Override
  public String toString() {
    return "ClientCertificate[redacted]";
  }

  /**
   * Gives a certificate that is replaced from time to time.
   *
   * <p><b>Threads, failures.</b> As with {@link Credentials.Source}: asked before every connection
   * that is encrypted, on the thread that connects; what it throws is retried. So is a certificate
   * that cannot be read: its files may be in the middle of being replaced.
   */
  @FunctionalInterface
  public interface Source {
    /**
     * {@return the certificate for the next connection}
     *
     * @throws Exception if there is none at the moment
     */
    ClientCertificate get() throws Exception;
  }
}

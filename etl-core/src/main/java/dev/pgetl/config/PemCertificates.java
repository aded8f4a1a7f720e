package dev.pgetl.config;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * Reads X.509 certificates from PEM text, one behind the other. The messages of its exceptions
 * repeat nothing of the text, which may be a key by mistake.
 */
public final class PemCertificates {
  private static final String BEGIN = "-----BEGIN CERTIFICATE-----";

  private PemCertificates() {}

  /**
   * {@return the certificates, in their order; at least one}
   *
   * @param pem the text
   * @throws CertificateException if it holds no certificate, or one that cannot be read
   */
  public static List<Certificate> read(String pem) throws CertificateException {
    if (!pem.contains(BEGIN)) {
      throw new CertificateException("there is no certificate (" + BEGIN + ")");
    }
    InputStream text = new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    try {
      return List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(text));
    } catch (CertificateException e) {
      throw new CertificateException("a certificate cannot be read");
    }
  }

  /**
   * {@return trust in the authorities whose certificates these are, and in no other}
   *
   * @param pem the certificates
   * @throws GeneralSecurityException if the text holds no certificate, or one that cannot be read
   */
  public static TrustManager[] trustManagers(String pem) throws GeneralSecurityException {
    KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
    try {
      authorities.load(null, null);
    } catch (IOException e) {
      throw new IllegalStateException("a key store that is not read from anywhere failed", e);
    }
    for (Certificate certificate : read(pem)) {
      authorities.setCertificateEntry("root" + authorities.size(), certificate);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(authorities);
    return trust.getTrustManagers();
  }
}

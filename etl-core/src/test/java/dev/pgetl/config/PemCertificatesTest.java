package dev.pgetl.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;

/** {@link PemCertificates}, and the trust that {@link TlsConfig} makes of it. */
class PemCertificatesTest {
  private static final String ONE =
      """
      -----BEGIN CERTIFICATE-----
      MIIBSTCB8KADAgECAgkAxDbl4MB/J+YwCgYIKoZIzj0EAwIwGDEWMBQGA1UEAxMN
      YXV0aG9yaXR5IG9uZTAgFw0yNjExMjgxOTQ5MzVaGA8yMTI2MTEwNDE5NDkzNVow
      GDEWMBQGA1UEAxMNYXV0aG9yaXR5IG9uZTBZMBMGByqGSM49AgEGCCqGSM49AwEH
      A0IABIf6MYxit60HnHEUMjrPcRlj1LkBh9UvVdECG6ZUCCnxzX/9iUV+/NIgr9Xj
      2iRrTYRehEpoP/OPbEIUqwfIiy2jITAfMB0GA1UdDgQWBBQqazqHvn81gQ8C63oR
      o6IdsnUIGDAKBggqhkjOPQQDAgNIADBFAiEA+e/28E74tm776w4neXUvMlHHX0cr
      4Pi/W0jWF/5Jhn8CIFqV7asMvh0jSpD1+0XuBxcgWRLVk3J+Tivhb9cS5+57
      -----END CERTIFICATE-----
      """;
  private static final String TWO =
      """
      -----BEGIN CERTIFICATE-----
      MIIBRzCB76ADAgECAggVtEJMINHhqzAKBggqhkjOPQQDAjAYMRYwFAYDVQQDEw1h
      dXRob3JpdHkgdHdvMCAXDTI2MTEyODE5NDkzOVoYDzIxMjYxMTA0MTk0OTM5WjAY
      MRYwFAYDVQQDEw1hdXRob3JpdHkgdHdvMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
      QgAE/dSAxuyTT1l8Oxbyd5/NW6Few/uAGXAB+FaqWshJsxSAC5ZHFSVwxg/m45LS
      a3/xGLGZ4+iL7XhPv4dE+9t5VKMhMB8wHQYDVR0OBBYEFNG399yZV++qYOOdlvwE
      D4+qMbdIMAoGCCqGSM49BAMCA0cAMEQCIEAhgoDYGxHP6VuiHOmqjA7FhL5/14hv
      r1sQUXXNBf0AAiBN2kxGxrCkkC+16x/cKrJ0/E507ton2NJVP2uDAjfVPg==
      -----END CERTIFICATE-----
      """;
  private static final String BROKEN = "-----BEGIN CERTIFICATE-----canary-----END CERTIFICATE-----";

  private static List<String> names(Stream<? extends Certificate> certificates) {
    return certificates
        .map(each -> ((X509Certificate) each).getSubjectX500Principal().getName())
        .toList();
  }

  @Test
  void readsOneBehindTheOther() throws CertificateException {
    assertThat(names(PemCertificates.read(ONE + "a comment\n" + TWO).stream()))
        .containsExactly("CN=authority one", "CN=authority two");
  }

  @Test
  void trustsTheAuthoritiesGivenAndNoOther() throws GeneralSecurityException {
    assertThat(PemCertificates.trustManagers(ONE + TWO))
        .singleElement()
        .isInstanceOfSatisfying(
            X509TrustManager.class,
            trust ->
                assertThat(names(Stream.of(trust.getAcceptedIssuers())))
                    .containsExactlyInAnyOrder("CN=authority one", "CN=authority two"));
  }

  @Test
  void refusesOtherTextWithoutRepeatingIt() {
    assertThatExceptionOfType(CertificateException.class)
        .isThrownBy(() -> PemCertificates.read("canary"))
        .withMessage("there is no certificate (-----BEGIN CERTIFICATE-----)");
    assertThatExceptionOfType(CertificateException.class)
        .isThrownBy(() -> PemCertificates.read(BROKEN))
        .withMessage("a certificate cannot be read")
        .withNoCause();
  }

  @Test
  void aConfigurationTrustsItsOwnAuthoritiesOrThoseOfTheJvm() throws GeneralSecurityException {
    assertThat(TlsConfig.trusting("").sslContext(null)).isSameAs(SSLContext.getDefault());
    assertThat(TlsConfig.trusting(ONE).sslContext(null)).isNotSameAs(SSLContext.getDefault());
  }

  @Test
  void aConfigurationWithBrokenCertificatesSaysWhichSettingItIs() {
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> TlsConfig.trusting(BROKEN).sslContext(null))
        .withMessageContaining("tls.trustedRootCerts")
        .withMessageNotContaining("canary")
        .returns(ErrorKind.CONFIGURATION, EtlException::kind);
  }
}

package dev.pgetl.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

/** {@link Secret} and {@link TlsConfig}: what is kept, and what is shown of it. */
class CredentialsTest {
  private static final String PEM =
      "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

  @Test
  void aSecretIsRevealedOnlyWhenAsked() {
    assertThat(Secret.of("s3cret").reveal()).isEqualTo("s3cret");
    assertThat(Secret.of("s3cret")).hasToString("Secret[redacted]");
  }

  @Test
  void secretsAreEqualIfTheirValuesAre() {
    assertThat(Secret.of("a"))
        .isEqualTo(Secret.of("a"))
        .hasSameHashCodeAs(Secret.of("a"))
        .isNotEqualTo(Secret.of("b"))
        .isNotEqualTo("a");
  }

  @Test
  void trustsTheAuthoritiesGivenOrThoseOfTheJvm() {
    assertThat(TlsConfig.trusting(PEM)).hasToString("TlsConfig[verify-full, own trust]");
    assertThat(TlsConfig.trusting("")).hasToString("TlsConfig[verify-full, JVM trust]");
    assertThat(TlsConfig.DISABLED).hasToString("TlsConfig[off]");
  }

  @Test
  void aCertificateAndChannelBindingNeedEncryption() {
    TlsConfig tls = TlsConfig.trusting("").withChannelBinding(TlsConfig.ChannelBinding.REQUIRE);

    assertThat(tls).hasToString("TlsConfig[verify-full, JVM trust, channel binding]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TlsConfig.DISABLED.withChannelBinding(TlsConfig.ChannelBinding.REQUIRE))
        .withMessageContaining("need encryption");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                TlsConfig.DISABLED.withClientCertificate(
                    ClientCertificate.of("chain", Secret.of("key"))))
        .withMessageContaining("need encryption");
  }

  @Test
  void onlyACertificateFromASourceMayChange() {
    ClientCertificate certificate = ClientCertificate.of("chain", Secret.of("key"));
    TlsConfig tls = TlsConfig.trusting("");

    assertThat(tls.asksForCertificate()).isFalse();
    assertThat(tls.withClientCertificate(certificate).asksForCertificate()).isFalse();
    assertThat(tls.withClientCertificateFrom(() -> certificate).asksForCertificate()).isTrue();
    assertThat(tls.withClientCertificate(certificate))
        .isEqualTo(tls.withClientCertificate(ClientCertificate.of("chain", Secret.of("key"))))
        .isNotEqualTo(tls);
  }

  @Test
  void refusesCertificatesThatAreNotPem() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TlsConfig.trusting("/etc/ssl/root.crt"))
        .withMessageContaining("PEM")
        .withMessageNotContaining("/etc/ssl");
  }
}

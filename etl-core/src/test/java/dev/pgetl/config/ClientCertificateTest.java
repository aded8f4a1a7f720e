package dev.pgetl.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Objects;
import javax.net.ssl.X509KeyManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link ClientCertificate}, and what {@link TlsConfig} does with one. */
class ClientCertificateTest {
  private static String resource(String name) {
    try (InputStream file =
        ClientCertificateTest.class.getResourceAsStream("/dev/pgetl/internal/pem/" + name)) {
      return new String(
          Objects.requireNonNull(file, name).readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ClientCertificate certificate(String chain, String key) {
    return ClientCertificate.of(resource(chain), Secret.of(resource(key)));
  }

  @ParameterizedTest
  @CsvSource({"ec.crt, ec.pem, EC", "rsa.crt, rsa.pem, RSA", "ed25519.crt, ed25519.pem, EdDSA"})
  void showsACertificateWithItsKey(String chain, String key, String algorithm)
      throws GeneralSecurityException {
    assertThat(certificate(chain, key).keyManagers())
        .singleElement()
        .isInstanceOfSatisfying(
            X509KeyManager.class,
            manager -> {
              assertThat(manager.getPrivateKey("client").getAlgorithm()).isEqualTo(algorithm);
              assertThat(manager.getCertificateChain("client")).hasSize(1);
            });
  }

  @Test
  void decryptsTheKey() throws GeneralSecurityException {
    ClientCertificate encrypted =
        certificate("ec.crt", "ec-encrypted.pem").withKeyPassword(Secret.of("changeit"));
    assertThat(encrypted.keyManagers()).hasSize(1);
  }

  /** While files are replaced, one may be new and the other one old. */
  @ParameterizedTest
  @CsvSource({"rsa.crt, ec.pem", "ec.crt, rsa.pem", "ed25519.crt, ec.pem"})
  void refusesTheKeyOfAnotherCertificate(String chain, String key) {
    assertThatExceptionOfType(GeneralSecurityException.class)
        .isThrownBy(certificate(chain, key)::keyManagers)
        .withMessage("the private key is not the key of the certificate");
  }

  @Test
  void readsFilesAsTheyAre(@TempDir Path folder) throws IOException {
    Path chain = Files.writeString(folder.resolve("client.crt"), "chain");
    Path key = Files.writeString(folder.resolve("client.key"), "key");
    assertThat(ClientCertificate.ofFiles(chain, key))
        .isEqualTo(ClientCertificate.of("chain", Secret.of("key")));
  }

  @Test
  void aConfigurationSaysWhatIsWrongWithACertificateAndRepeatsNothing() {
    TlsConfig tls = TlsConfig.trusting("");
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> tls.sslContext(ClientCertificate.of("canary", Secret.of("canary"))))
        .withMessageContaining("client certificate")
        .withMessageContaining("there is no private key")
        .withMessageNotContaining("canary")
        .returns(ErrorKind.CONFIGURATION, EtlException::kind);
  }

  @Test
  void showsNothingOfItself() {
    ClientCertificate secret =
        new ClientCertificate("chain", Secret.of("canary"), Secret.of("canary"));
    assertThat(secret.toString()).doesNotContain("canary", "chain");
    assertThat(TlsConfig.trusting("").withClientCertificate(secret))
        .hasToString("TlsConfig[verify-full, JVM trust, client certificate]");
  }
}

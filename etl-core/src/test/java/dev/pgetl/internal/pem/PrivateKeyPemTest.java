package dev.pgetl.internal.pem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys as OpenSSL writes them; the resources were made by it. */
class PrivateKeyPemTest {
  private static final String PASSWORD = "changeit";

  private static String pem(String name) {
    try (InputStream file = PrivateKeyPemTest.class.getResourceAsStream(name + ".pem")) {
      return new String(
          Objects.requireNonNull(file, name).readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static PrivateKey read(String name) throws GeneralSecurityException {
    return PrivateKeyPem.read(pem(name), "");
  }

  @ParameterizedTest
  @CsvSource({"ec-pkcs8, EC", "rsa-pkcs8, RSA", "ed25519, EdDSA"})
  void readsPkcs8(String name, String algorithm) throws GeneralSecurityException {
    assertThat(read(name).getAlgorithm()).isEqualTo(algorithm);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ec", "ec-curve-in-front"})
  void readsAKeyOfSec1(String name) throws GeneralSecurityException {
    ECPrivateKey key = (ECPrivateKey) read(name);
    ECPrivateKey same = (ECPrivateKey) read("ec-pkcs8");
    assertThat(key.getS()).isEqualTo(same.getS());
    assertThat(key.getParams()).hasToString(same.getParams().toString());
  }

  @Test
  void readsAKeyOfPkcs1() throws GeneralSecurityException {
    assertThat(read("rsa")).isEqualTo(read("rsa-pkcs8"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ec-encrypted", "ec-encrypted-old"})
  void decryptsAKey(String name) throws GeneralSecurityException {
    assertThat(PrivateKeyPem.read(pem(name), PASSWORD)).isEqualTo(read("ec-pkcs8"));
  }

  @Test
  void ignoresThePasswordOfAKeyThatIsNotEncrypted() throws GeneralSecurityException {
    assertThat(PrivateKeyPem.read(pem("rsa-pkcs8"), PASSWORD)).isEqualTo(read("rsa-pkcs8"));
  }

  @Test
  void findsTheKeyAmongCertificates() throws GeneralSecurityException {
    String around = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    assertThat(PrivateKeyPem.read(around + pem("ec-pkcs8") + around, ""))
        .isEqualTo(read("ec-pkcs8"));
  }

  @ParameterizedTest
  @CsvSource({
    "ec-encrypted, '', the key is encrypted and no password was given",
    "ec-encrypted, canary, the password of the key is wrong",
    "ec-encrypted-old, canary, the password of the key is wrong",
    "ec-encrypted-scrypt, changeit, the encryption of the key cannot be read",
    "ec-encrypted-openssl, changeit, the old format of OpenSSL",
    "x25519, '', the key is none of"
  })
  void saysWhatIsWrongWithAKey(String name, String password, String problem) {
    assertRefused(pem(name), password, problem);
  }

  @Test
  void saysWhichFormatsCannotBeRead() {
    assertRefused(
        "-----BEGIN OPENSSH PRIVATE KEY-----\nY2FuYXJ5\n-----END OPENSSH PRIVATE KEY-----",
        "",
        "OPENSSH PRIVATE KEY cannot be read; convert it with openssl pkcs8 -topk8");
    assertRefused("canary", "", "there is no private key (-----BEGIN PRIVATE KEY-----)");
    String curve = pem("ec-curve-in-front");
    assertRefused(
        curve.substring(curve.indexOf("-----BEGIN EC PRIVATE")), "", "does not name its curve");
  }

  private static void assertRefused(String pem, String password, String problem) {
    assertThatExceptionOfType(InvalidKeySpecException.class)
        .isThrownBy(() -> PrivateKeyPem.read(pem, password))
        .withMessageContaining(problem)
        .withMessageNotContaining("canary")
        .withMessageNotContaining("Y2FuYXJ5")
        .withNoCause();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ec", "rsa", "rsa-pkcs8", "ec-encrypted"})
  void aKeyThatWasCutOffIsRefused(String name) {
    String pem = pem(name);
    String label = pem.substring("-----BEGIN ".length(), pem.indexOf("-----\n"));
    String text = pem.substring(pem.indexOf('\n'), pem.indexOf("-----END"));
    byte[] whole = Base64.getMimeDecoder().decode(text);
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      String cut =
          "-----BEGIN %s-----\n%s\n-----END %s-----\n"
              .formatted(label, Base64.getEncoder().encodeToString(part), label);
      assertThatExceptionOfType(InvalidKeySpecException.class)
          .isThrownBy(() -> PrivateKeyPem.read(cut, PASSWORD));
    }
  }

  @Test
  void lengthsOfAllSizesAreWrittenAsTheyAreRead() {
    for (int length : new int[] {0, 1, 127, 128, 255, 256, 65_535, 65_536}) {
      byte[] content = new byte[length];
      byte[] sequence = Der.element(Der.SEQUENCE, Der.element(Der.OCTETS, content));
      assertThatCode(() -> assertThat(Der.find(sequence, Der.OCTETS)).isEqualTo(content))
          .doesNotThrowAnyException();
    }
  }
}

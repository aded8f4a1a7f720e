package dev.pgetl.testkit.postgres;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a server stores of a password for SCRAM. Postgres hashes a password 4096 times, so that it
 * is hard to guess, and whoever connects has to do the same. For the password of a test server,
 * which everybody knows, once is enough; tests open thousands of connections.
 */
final class ScramVerifier {
  private static final int ITERATIONS = 1;
  private static final int SALT_BYTES = 16;
  private static final int KEY_BITS = 256;
  private static final String HMAC = "HmacSHA256";

  private ScramVerifier() {}

  /** The form in which {@code ALTER ROLE … PASSWORD} takes a password that is hashed already. */
  static String of(String password) {
    byte[] salt = new byte[SALT_BYTES];
    new SecureRandom().nextBytes(salt);
    try {
      byte[] salted =
          SecretKeyFactory.getInstance("PBKDF2With" + HMAC)
              .generateSecret(new PBEKeySpec(password.toCharArray(), salt, ITERATIONS, KEY_BITS))
              .getEncoded();
      byte[] storedKey = MessageDigest.getInstance("SHA-256").digest(key(salted, "Client Key"));
      return "SCRAM-SHA-256$%d:%s$%s:%s"
          .formatted(
              ITERATIONS, base64(salt), base64(storedKey), base64(key(salted, "Server Key")));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no SCRAM-SHA-256", e);
    }
  }

  private static byte[] key(byte[] salted, String purpose) throws GeneralSecurityException {
    Mac mac = Mac.getInstance(HMAC);
    mac.init(new SecretKeySpec(salted, HMAC));
    return mac.doFinal(purpose.getBytes(StandardCharsets.US_ASCII));
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}

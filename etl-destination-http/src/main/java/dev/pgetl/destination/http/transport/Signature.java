package dev.pgetl.destination.http.transport;

import dev.pgetl.config.Secret;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs requests according to Standard Webhooks, so that a receiver can verify them with an
 * existing library: HMAC-SHA256 over the message's id, the time and the body as sent.
 */
final class Signature {
  private static final String ALGORITHM = "HmacSHA256";
  private static final String KEY_PREFIX = "whsec_";

  private Signature() {}

  /** {@return the headers that sign a request} */
  static Map<String, String> headers(Secret secret, String id, Instant time, RequestBody body) {
    String timestamp = Long.toString(time.getEpochSecond());
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key(secret));
      mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
      body.forEachPiece(mac::update);
      return Map.of(
          "webhook-id", id,
          "webhook-timestamp", timestamp,
          "webhook-signature", "v1," + Base64.getEncoder().encodeToString(mac.doFinal()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC-SHA256 is not available", e);
    }
  }

  /** A key in the form of the standard is base64 behind its prefix; any other is used unchanged. */
  private static SecretKeySpec key(Secret secret) {
    String text = secret.reveal();
    try {
      byte[] bytes =
          text.startsWith(KEY_PREFIX)
              ? Base64.getDecoder().decode(text.substring(KEY_PREFIX.length()))
              : text.getBytes(StandardCharsets.UTF_8);
      return new SecretKeySpec(bytes, ALGORITHM);
    } catch (IllegalArgumentException e) {
      throw new EtlException(
          ErrorKind.DESTINATION_AUTHENTICATION,
          "the signing key is empty, or not base64 behind " + KEY_PREFIX);
    }
  }
}

package dev.pgetl.destination.http.transport;

import dev.pgetl.config.Secret;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The suppliers of credentials; called for each attempt, so that credentials may rotate.
 * Thread-safe if its sources are.
 */
public final class Credentials {
  private final Supplier<Map<String, String>> headers;
  private final @Nullable Supplier<Secret> bearerToken;
  private final @Nullable Supplier<Secret> signingKey;

  /**
   * Creates the sources.
   *
   * @param headers headers of the user's own
   * @param bearerToken token of the {@code Authorization} header
   * @param signingKey key of the signature
   */
  public Credentials(
      Supplier<Map<String, String>> headers,
      @Nullable Supplier<Secret> bearerToken,
      @Nullable Supplier<Secret> signingKey) {
    this.headers = headers;
    this.bearerToken = bearerToken;
    this.signingKey = signingKey;
  }

  /** {@return the current headers} */
  SentHeaders headers() {
    Map<String, String> all = new HashMap<>(ask(headers));
    if (bearerToken != null) {
      String token = ask(bearerToken).reveal();
      if (token.isBlank()) {
        throw new EtlException(ErrorKind.DESTINATION_AUTHENTICATION, "the bearer token is empty")
            .withFix("Check what the supplier given to bearerToken reads");
      }
      all.put("Authorization", "Bearer " + token);
    }
    return new SentHeaders(all);
  }

  /** {@return the current key, null if requests are not signed} */
  @Nullable Secret signingKey() {
    return signingKey == null ? null : ask(signingKey);
  }

  /**
   * Calls a supplier. Its exception may contain a credential, so only its type and stack are passed
   * on.
   */
  private static <T> T ask(Supplier<T> source) {
    try {
      return source.get();
    } catch (EtlException e) {
      throw e;
    } catch (RuntimeException e) {
      EtlException failure =
          new EtlException(
                  ErrorKind.DESTINATION_AUTHENTICATION,
                  "the supplier of credentials threw " + e.getClass().getName())
              .withRetry(RetryDirective.TIMED);
      failure.setStackTrace(e.getStackTrace());
      throw failure;
    }
  }
}

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
 * Where the credentials of an attempt come from; asked anew for each, so that they may rotate.
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

  /** {@return the headers that hold now} */
  SentHeaders headers() {
    Map<String, String> all = new HashMap<>(ask(headers));
    if (bearerToken != null) {
      all.put("Authorization", "Bearer " + ask(bearerToken).reveal());
    }
    return new SentHeaders(all);
  }

  /** {@return the key that holds now, null if requests are not signed} */
  @Nullable Secret signingKey() {
    return signingKey == null ? null : ask(signingKey);
  }

  /**
   * Asks a source. What it throws may have a credential in its text, so only its type and place are
   * passed on.
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

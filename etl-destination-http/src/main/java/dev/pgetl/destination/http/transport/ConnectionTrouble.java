package dev.pgetl.destination.http.transport;

import dev.pgetl.destination.http.transport.Outcome.Unanswered;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.security.GeneralSecurityException;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import javax.crypto.BadPaddingException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Describes failures below HTTP. It omits texts of exceptions that may quote received or sent data.
 */
final class ConnectionTrouble {
  private static final String ALERT = "Received fatal alert: ";

  /** Those that another attempt does not change; a missing certificate may be any of the first. */
  private static final Set<String> LASTING_ALERTS =
      Set.of(
          "handshake_failure",
          "access_denied",
          "protocol_version",
          "insufficient_security",
          "bad_certificate",
          "unsupported_certificate",
          "certificate_revoked",
          "certificate_expired",
          "certificate_unknown",
          "certificate_required",
          "unknown_ca");

  private ConnectionTrouble() {}

  /**
   * {@return the failure in words}
   *
   * @param thrown what the client threw
   * @param sent whether all of the request had been sent
   */
  static Unanswered describe(ExecutionException thrown, boolean sent) {
    Throwable trouble = unwrap(thrown);
    if (has(trouble, UnresolvedAddressException.class) != null) {
      return new Unanswered("the host name is not known", null, false, false);
    }
    if (trouble instanceof ConnectException || trouble instanceof HttpTimeoutException) {
      return new Unanswered("no connection", trouble, false, false);
    }
    if (trouble instanceof SSLException) {
      return new Unanswered("TLS failed", trouble, isDistrust(trouble), sent);
    }
    boolean harmless =
        trouble instanceof SocketException || trouble instanceof ClosedChannelException;
    return new Unanswered(
        "the connection broke before the answer was complete ("
            + trouble.getClass().getSimpleName()
            + ")",
        harmless ? trouble : null,
        false,
        sent);
  }

  private static Throwable unwrap(Throwable thrown) {
    Throwable current = thrown;
    while ((current instanceof ExecutionException || current instanceof CompletionException)
        && current.getCause() != null) {
      current = current.getCause();
    }
    return current;
  }

  /**
   * One side refused the other's certificate, or its protocols. An interrupted handshake is a lost
   * connection, and so is one that a gateway breaks off for reasons of its own.
   */
  private static boolean isDistrust(Throwable trouble) {
    String message = String.valueOf(trouble.getMessage());
    int alert = message.indexOf(ALERT);
    return alert < 0
        ? has(trouble, GeneralSecurityException.class) != null
            && has(trouble, BadPaddingException.class) == null
        : LASTING_ALERTS.contains(message.substring(alert + ALERT.length()).strip());
  }

  private static @Nullable Throwable has(Throwable thrown, Class<? extends Throwable> type) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (type.isInstance(t)) {
        return t;
      }
    }
    return null;
  }
}

package dev.pgetl.internal.connect;

import dev.pgetl.config.ClientCertificate;
import dev.pgetl.config.Credentials;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PgHost;
import dev.pgetl.config.TlsConfig;
import dev.pgetl.config.TlsConfig.ChannelBinding;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import java.io.EOFException;
import java.net.ConnectException;
import java.net.SocketException;
import java.sql.SQLException;
import java.util.Objects;
import java.util.concurrent.Callable;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes the logins of connections: asks the sources of credentials and certificates, if there are
 * any. Immutable. No caller may hold a lock that others need: sources take as long as they want.
 */
public final class LoginSource {
  private static final String CUT_OFF =
      "If that remains so, check tls.clientCertificate: a server that refuses it may just close the"
          + " connection, and says why in its log";

  private final PgConnectionConfig config;
  private final ErrorKind unavailable;
  private final @Nullable SSLSocketFactory sameForAll;

  /**
   * Creates it; asks for nothing that may change.
   *
   * @param unavailable the kind of a source's failure
   * @throws EtlException of kind {@link ErrorKind#CONFIGURATION} if certificates that do not change
   *     cannot be read, or the driver is too old for what is required
   */
  public LoginSource(PgConnectionConfig config, ErrorKind unavailable) {
    this.config = config;
    this.unavailable = unavailable;
    TlsConfig tls = config.tls();
    if (tls.channelBinding() == ChannelBinding.REQUIRE) {
      DriverVersion.present().checkChannelBinding();
    }
    this.sameForAll = tls.enabled() ? sameForAll(tls) : null;
  }

  /** Reads whom to trust in either case. */
  private @Nullable SSLSocketFactory sameForAll(TlsConfig tls) {
    if (tls.asksForCertificate()) {
      tls.sslContext(null);
      return null;
    }
    return tls.sslContext(certificate(tls)).getSocketFactory();
  }

  /**
   * {@return what the next connection logs in with}
   *
   * @param host where it goes
   * @throws EtlException if a source fails
   */
  public Login ask(PgHost host) {
    Credentials credentials = ask("credentials", () -> config.credentials().get(host));
    return new Login(host, credentials, sockets());
  }

  private @Nullable SSLSocketFactory sockets() {
    TlsConfig tls = config.tls();
    if (!tls.asksForCertificate()) {
      return sameForAll;
    }
    ClientCertificate shown = certificate(tls);
    try {
      return tls.sslContext(shown).getSocketFactory();
    } catch (EtlException e) { // its files may be in the middle of being replaced
      throw new EtlException(unavailable, e.summary(), e).withFix(e.fix());
    }
  }

  private @Nullable ClientCertificate certificate(TlsConfig tls) {
    ClientCertificate.Source source = tls.clientCertificate();
    return source == null ? null : ask("client certificate", source::get);
  }

  /** The text of what a source throws may hold anything, so only the log of the cause shows it. */
  @SuppressWarnings("IllegalCatch") // whatever a source throws
  private <T> T ask(String what, Callable<T> source) {
    String doing = "ask for the " + what;
    try {
      return Objects.requireNonNull(source.call(), "the source gave none");
    } catch (EtlException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EtlException(unavailable, doing + " ended: the thread was interrupted", e);
    } catch (Exception e) {
      throw new EtlException(
          unavailable, doing + " failed: the source threw " + e.getClass().getName(), e);
    }
  }

  /**
   * {@return the failure of a connect, with what is known of the login} If the server has refused
   * what a source gave, it is retried: the source may give something else the next time.
   *
   * @param failure what the connect fails with
   * @param error what the driver threw
   */
  public EtlException explained(EtlException failure, SQLException error) {
    boolean certificates = config.tls().asksForCertificate();
    if (config.tls().clientCertificate() != null && isCutOff(error)) {
      return failure.withFix(CUT_OFF);
    }
    boolean refused =
        String.valueOf(error.getSQLState()).startsWith("28")
            ? config.asksForCredentials() || certificates
            : certificates && isAlert(error);
    return refused ? failure.withRetry(RetryDirective.TIMED) : failure;
  }

  /** The connection was there and broke: with TLS 1.3 a refused certificate can look like that. */
  private static boolean isCutOff(SQLException error) {
    Throwable last = error;
    while (last.getCause() != null) {
      last = last.getCause();
    }
    return last instanceof EOFException
        || (last instanceof SocketException && !(last instanceof ConnectException));
  }

  /** {@return whether the server has ended the TLS handshake, of what the client showed} */
  public static boolean isAlert(SQLException error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLException) {
        return String.valueOf(cause.getMessage()).contains("Received fatal alert");
      }
    }
    return false;
  }
}

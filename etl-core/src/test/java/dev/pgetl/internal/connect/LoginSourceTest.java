package dev.pgetl.internal.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.config.ClientCertificate;
import dev.pgetl.config.Credentials;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PgHost;
import dev.pgetl.config.Secret;
import dev.pgetl.config.TlsConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoginSourceTest {
  private static final PgHost HOST = PgHost.of("db", 5432);
  private static final ClientCertificate UNREADABLE =
      ClientCertificate.of("canary", Secret.of("canary"));

  private static PgConnectionConfig.Builder config() {
    return PgConnectionConfig.builder("db", "shop", "etl");
  }

  private static LoginSource logins(PgConnectionConfig.Builder config) {
    return new LoginSource(config.build(), ErrorKind.SOURCE_UNAVAILABLE);
  }

  private static EtlException failure(Callable<String> password) {
    LoginSource logins = logins(config().passwordFrom(password));
    return catchThrowableOfType(EtlException.class, () -> logins.ask(HOST));
  }

  @Test
  void asksAgainForEachConnection() {
    AtomicInteger asked = new AtomicInteger();
    LoginSource logins = logins(config().passwordFrom(() -> "token-" + asked.incrementAndGet()));
    assertThat(logins.ask(HOST).credentials()).isEqualTo(Credentials.of("etl", "token-1"));
    assertThat(logins.ask(HOST).credentials()).isEqualTo(Credentials.of("etl", "token-2"));
  }

  @Test
  void namesTheHostToTheSource() {
    LoginSource logins = logins(config().credentialsFrom(to -> Credentials.of("etl", to.name())));
    assertThat(logins.ask(HOST).credentials().password().reveal()).isEqualTo("db");
  }

  @Test
  void whatASourceThrowsIsRetried() {
    IOException thrown = new IOException("canary");
    EtlException failure =
        failure(
            () -> {
              throw thrown;
            });
    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE);
    assertThat(failure.retry()).isEqualTo(RetryDirective.TIMED);
    assertThat(failure)
        .hasMessage("ask for the credentials failed: the source threw java.io.IOException")
        .hasCause(thrown);
  }

  @Test
  @SuppressWarnings("NullAway") // what a source without NullAway may do
  void aSourceThatGivesNothingIsRetried() {
    assertThat(failure(() -> null).retry()).isEqualTo(RetryDirective.TIMED);
  }

  @Test
  void aSourceMayDecideWhatFollows() {
    EtlException denied = new EtlException(ErrorKind.SOURCE_AUTHENTICATION, "denied for good");
    assertThat(
            failure(
                () -> {
                  throw denied;
                }))
        .isSameAs(denied);
  }

  @Test
  void anInterruptedSourceLeavesTheThreadInterrupted() {
    EtlException failure =
        failure(
            () -> {
              throw new InterruptedException();
            });
    assertThat(Thread.interrupted()).isTrue();
    assertThat(failure).hasMessageContaining("interrupted");
  }

  @Test
  void certificatesThatDoNotChangeAreReadAtOnce() {
    PgConnectionConfig.Builder config =
        config().tls(TlsConfig.trusting("").withClientCertificate(UNREADABLE));
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> logins(config))
        .returns(ErrorKind.CONFIGURATION, EtlException::kind);
  }

  /** Its files may be in the middle of being replaced. */
  @Test
  void aCertificateOfASourceThatCannotBeReadIsRetried() {
    LoginSource logins =
        logins(config().tls(TlsConfig.trusting("").withClientCertificateFrom(() -> UNREADABLE)));
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> logins.ask(HOST))
        .withMessageNotContaining("canary")
        .returns(ErrorKind.SOURCE_UNAVAILABLE, EtlException::kind);
  }

  @ParameterizedTest
  @CsvSource({
    "28P01, password, TIMED",
    "28000, certificate, TIMED",
    "28P01, nothing, MANUAL",
    "08004, password, MANUAL",
    "alert, certificate, TIMED",
    "alert, password, MANUAL"
  })
  void aRefusedLoginIsRetriedIfItMayBeAnotherOneNextTime(
      String error, String changes, RetryDirective retry) {
    TlsConfig tls = TlsConfig.trusting("");
    PgConnectionConfig.Builder config =
        switch (changes) {
          case "password" -> config().tls(tls).passwordFrom(() -> "token");
          case "certificate" -> config().tls(tls.withClientCertificateFrom(() -> UNREADABLE));
          default -> config().tls(tls);
        };
    SQLException refusal =
        error.equals("alert")
            ? new SQLException(
                "SSL error", "08006", new SSLHandshakeException("Received fatal alert: unknown_ca"))
            : new SQLException("no", error);
    EtlException failure = new EtlException(ErrorKind.SOURCE_AUTHENTICATION, "connect failed");
    assertThat(logins(config).explained(failure, refusal).retry()).isEqualTo(retry);
  }

  /** With TLS 1.3 the server may be gone before the client has read why. */
  @Test
  void aConnectionThatIsCutOffMayBeARefusedCertificate() {
    SQLException cut = new SQLException("no", "08006", new SocketException("Broken pipe"));
    SQLException away = new SQLException("no", "08001", new ConnectException("refused"));
    EtlException failure = new EtlException(ErrorKind.SOURCE_UNAVAILABLE, "connect failed");
    PgConnectionConfig.Builder shown =
        config().tls(TlsConfig.trusting("").withClientCertificateFrom(() -> UNREADABLE));
    assertThat(logins(shown).explained(failure, cut))
        .hasMessageContaining("check tls.clientCertificate")
        .returns(RetryDirective.TIMED, EtlException::retry);
    assertThat(logins(shown).explained(failure, away)).isSameAs(failure);
    assertThat(logins(config()).explained(failure, cut)).isSameAs(failure);
  }
}

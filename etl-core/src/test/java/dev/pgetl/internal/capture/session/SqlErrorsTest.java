package dev.pgetl.internal.capture.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.SQLException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

class SqlErrorsTest {
  @ParameterizedTest
  @CsvSource({
    "08001, SOURCE_UNAVAILABLE",
    "08006, SOURCE_UNAVAILABLE",
    "08004, SOURCE_AUTHENTICATION",
    "08P01, SOURCE_CONFIGURATION",
    "57P01, SOURCE_UNAVAILABLE",
    "57P03, SOURCE_UNAVAILABLE",
    "57P04, SOURCE_CONFIGURATION",
    "57014, SOURCE_UNAVAILABLE",
    "28P01, SOURCE_AUTHENTICATION",
    "28000, SOURCE_AUTHENTICATION",
    "3D000, SOURCE_CONFIGURATION",
    "42501, SOURCE_PERMISSION",
    "53300, SOURCE_BUSY",
    "53400, SOURCE_BUSY",
    "55P03, SOURCE_BUSY",
    "55006, SLOT_IN_USE",
    "22021, SOURCE_DATA",
    "22P02, SOURCE_DATA",
    "22P05, SOURCE_DATA",
    "54000, SOURCE_DATA",
    "53200, SOURCE_FAILED",
    "XX000, SOURCE_FAILED",
    "42P01, SOURCE_FAILED"
  })
  void kindsFollowTheSqlState(String state, ErrorKind kind) {
    assertThat(SqlErrors.failure("do it", server(state, "text", "")).kind()).isEqualTo(kind);
  }

  @Test
  void theMessageSaysWhatWasDoneAndWhatTheServerSaid() {
    EtlException failure =
        SqlErrors.failure("copy table t", server("42501", "permission denied for table t", "x"));
    assertThat(failure)
        .hasMessage("copy table t failed: permission denied for table t (SQLSTATE 42501)");
  }

  @ParameterizedTest
  @CsvSource({"22P02", "22021", "23505", "P0001", "38000"})
  void valuesInMessagesAreNotRepeated(String state) {
    EtlException failure = SqlErrors.failure("do it", server(state, "bad value secret", "secret"));
    assertThat(failure).hasMessageContaining(state).hasMessageNotContaining("secret");
    assertThat(failure.getCause()).isNull();
  }

  @Test
  void knownFailuresSayWhatToDo() {
    assertThat(fix("53200", "out of shared memory")).contains("max_locks_per_transaction");
    assertThat(fix("54000", "string buffer too large")).contains("binary(true)");
    EtlException tooLarge =
        SqlErrors.failure(
            "do it", server("XX000", "invalid memory alloc request size 1073741824", ""));
    assertThat(tooLarge.kind()).isEqualTo(ErrorKind.SOURCE_DATA);
    assertThat(tooLarge.fix()).contains("column list");
    assertThat(fix("22021", "x")).contains("not UTF-8").contains("name of a schema, table");
    assertThat(fix("22P05", "x")).contains("UTF-8 has no characters");
    assertThat(fix("XX000", "another")).isEmpty();
  }

  @Test
  void theServersAdviceIsKeptWhereItsMessageIs() {
    assertThat(SqlErrors.failure("do it", hinted("0A000")).fix()).isEqualTo("do that");
    assertThat(SqlErrors.failure("do it", hinted("23505")).fix()).isEmpty();
  }

  private static String fix(String state, String message) {
    return SqlErrors.failure("do it", server(state, message, "")).fix();
  }

  private static PSQLException hinted(String state) {
    return new PSQLException(new ServerErrorMessage("SERROR\0C" + state + "\0Mtext\0Hdo that\0\0"));
  }

  @Test
  void aBrokenConnectionSaysHow() {
    PSQLException error =
        new PSQLException("An I/O error", PSQLState.CONNECTION_FAILURE, new EOFException());
    assertThat(SqlErrors.failure("do it", error))
        .hasMessageContaining("An I/O error")
        .hasMessageContaining("EOFException");
    assertThat(SqlErrors.isConnectionLost(error)).isTrue();
    assertThat(SqlErrors.isConnectionLost(server("42501", "no", ""))).isFalse();
  }

  @Test
  void aTlsFailureIsAMatterOfAuthentication() {
    PSQLException error =
        new PSQLException(
            "SSL error", PSQLState.CONNECTION_FAILURE, new SSLHandshakeException("no trust"));
    EtlException failure = SqlErrors.failure("connect", error);
    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_AUTHENTICATION);
    assertThat(failure.fix()).contains("trustedRootCerts");
  }

  @Test
  void aTlsHandshakeThatIsCutOffIsALostConnection() throws Exception {
    IOException cut;
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client =
            SSLSocketFactory.getDefault()
                .createSocket(server.getInetAddress(), server.getLocalPort())) {
      try (Socket accepted = server.accept()) {
        accepted.shutdownOutput();
        cut = catchThrowableOfType(IOException.class, ((SSLSocket) client)::startHandshake);
      }
    }
    assertThat(cut).isInstanceOf(SSLException.class);
    PSQLException error = new PSQLException("SSL error", PSQLState.CONNECTION_FAILURE, cut);
    assertThat(SqlErrors.failure("connect", error).kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE);
  }

  @Test
  void anErrorWithoutSqlStateIsToldAsItIs() {
    assertThat(SqlErrors.failure("do it", new SQLException("odd"))).hasMessage("do it failed: odd");
  }

  private static PSQLException server(String state, String message, String detail) {
    return new PSQLException(
        new ServerErrorMessage("SERROR\0C" + state + "\0M" + message + "\0D" + detail + "\0"),
        false);
  }
}

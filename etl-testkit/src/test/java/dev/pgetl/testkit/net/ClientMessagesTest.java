package dev.pgetl.testkit.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ClientMessagesTest {
  private static final String SSL_REQUEST = "0000000804d2162f";
  private static final String STARTUP = "000000090003000000";
  private static final String QUERY = "51000000067800";
  private static final String OTHER_COPY_DATA = "640000000572";
  private static final String STATUS = "640000002672" + "00".repeat(33);
  private static final String TLS_HELLO = "16030100050100000100";

  private final ByteArrayOutputStream passed = new ByteArrayOutputStream();
  private int statusMessages;

  private void read(String hex) throws IOException {
    ClientMessages messages =
        new ClientMessages(new ByteArrayInputStream(HexFormat.of().parseHex(hex)));
    for (Piece piece = messages.next(); !piece.isEnd(); piece = messages.next()) {
      if (piece.isStatusMessage()) {
        statusMessages++;
      } else {
        passed.write(piece.bytes(), 0, piece.length());
      }
    }
  }

  private void assertPassed(String hex) {
    assertThat(HexFormat.of().formatHex(passed.toByteArray())).isEqualTo(hex);
  }

  @Test
  void findsStatusMessagesBetweenOthers() throws IOException {
    read(SSL_REQUEST + STARTUP + QUERY + STATUS + OTHER_COPY_DATA + STATUS + QUERY);
    assertThat(statusMessages).isEqualTo(2);
    assertPassed(SSL_REQUEST + STARTUP + QUERY + OTHER_COPY_DATA + QUERY);
  }

  @Test
  void passesLongMessagesInPieces() throws IOException {
    String longMessage = "64000186a4" + "72".repeat(100_000);
    read(STARTUP + longMessage + STATUS);
    assertThat(statusMessages).isEqualTo(1);
    assertPassed(STARTUP + longMessage);
  }

  @Test
  void passesTlsAndOtherProtocolsAsTheyAre() throws IOException {
    read(SSL_REQUEST + TLS_HELLO + STATUS);
    assertThat(statusMessages).isZero();
    assertPassed(SSL_REQUEST + TLS_HELLO + STATUS);
  }

  @Test
  void passesWhatIsCutOff() throws IOException {
    read(STARTUP + "6400");
    assertPassed(STARTUP + "6400");
  }
}

package dev.pgetl.internal.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.catalog.LockReport;
import dev.pgetl.internal.capture.catalog.SlotCatalog;
import dev.pgetl.internal.capture.session.Connector;
import dev.pgetl.internal.capture.session.ControlSession;
import dev.pgetl.internal.capture.session.Session;
import dev.pgetl.internal.capture.session.SessionSettings;
import dev.pgetl.internal.capture.session.UnconnectedSession;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.wal.Lsn;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.copy.CopyDual;

/** The messages of a replication stream, and what is none. */
class CopyDualStreamTest {
  private static final byte[] KEEPALIVE =
      ByteBuffer.allocate(18).put((byte) 'k').putLong(0x200).putLong(7).put((byte) 1).array();
  private static final byte[] DATA =
      ByteBuffer.allocate(27)
          .put((byte) 'w')
          .putLong(0x100)
          .putLong(0x300)
          .putLong(8)
          .put(new byte[] {'I', 'x'})
          .array();

  private final PgConnectionConfig config = PgConnectionConfig.builder("h", "d", "u").build();
  private final ByteArrayOutputStream answers = new ByteArrayOutputStream();
  private byte[] message = {};
  private Session session;
  private CopyDualStream stream;

  @BeforeEach
  void open() throws Exception {
    session = UnconnectedSession.open();
    Feedback feedback = new Feedback(answers, () -> 0, config, new Lsn(0x100), 0);
    stream =
        new CopyDualStream(
            session, copy(), slots(), "s", "pub", ValueFormat.TEXT, feedback, () -> 0);
  }

  @AfterEach
  void close() {
    session.abort();
  }

  private CopyDual copy() {
    return (CopyDual)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {CopyDual.class},
            (proxy, method, arguments) -> message);
  }

  private SlotCatalog slots() {
    ControlSession control =
        new ControlSession(
            new Connector(config, new SessionSettings(config, "it"), Platform.jvm()));
    return new SlotCatalog(control, new LockReport(control), "pgetl/it/", () -> 0);
  }

  @Test
  void dataIsWhatFollowsItsHeader() {
    message = DATA;
    assertThat(stream.poll(0)).isEqualTo(WalStream.Input.DATA);
    int end = stream.offset() + stream.length();
    assertThat(Arrays.copyOfRange(stream.bytes(), stream.offset(), end)).containsExactly('I', 'x');
    assertThat(stream.walEnd()).isEqualTo(0x300);
    assertThat(stream.serverClockMicros()).isEqualTo(8);
  }

  @Test
  void aKeepaliveThatAsksIsAnswered() {
    message = KEEPALIVE;
    assertThat(stream.poll(0)).isEqualTo(WalStream.Input.KEEPALIVE);
    assertThat(stream.walEnd()).isEqualTo(0x200);
    assertThat(answers.size()).isPositive();
  }

  @Test
  void everyTruncationIsRefused() {
    for (byte[] whole : new byte[][] {KEEPALIVE, Arrays.copyOf(DATA, 25)}) {
      for (int length = 0; length < whole.length; length++) {
        message = Arrays.copyOf(whole, length);
        assertRefused();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(chars = {'K', 'W', 'd', 'r', 'z', 0})
  void everyOtherTypeIsRefused(char type) {
    message = DATA.clone();
    message[0] = (byte) type;
    assertRefused();
  }

  private void assertRefused() {
    EtlException refused = catchThrowableOfType(EtlException.class, () -> stream.poll(0));
    assertThat(refused.kind()).isEqualTo(ErrorKind.SOURCE_PROTOCOL);
    assertThat(refused.summary()).contains("slot s", message.length + " bytes");
  }
}

package dev.pgetl.internal.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.sun.management.ThreadMXBean;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever a server sends becomes events or an {@link EtlException} of kind {@code
 * SOURCE_PROTOCOL}, in memory that is bounded by what was sent.
 *
 * <p>The build replays the inputs beside this class and a few valid streams; {@code JAZZER_FUZZ=1}
 * searches for more.
 */
class PgOutputDecoderFuzzTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** The exception, and what the test itself needs. */
  private static final long FIXED_ALLOCATION = 64 << 10;

  private static final long ALLOCATION_PER_BYTE = 200;

  @MethodSource("validStreams")
  @FuzzTest(maxDuration = "10m")
  void anyBytesGiveEventsOrATypedError(byte[] input) {
    check(input, DecoderSession::new);
  }

  @MethodSource("validStreams")
  @FuzzTest(maxDuration = "10m")
  void anyBytesGiveEventsOrATypedErrorInBinaryFormat(byte[] input) {
    check(input, DecoderSession::inBinary);
  }

  private static void check(byte[] input, Supplier<DecoderSession> sessions) {
    long limit = FIXED_ALLOCATION + ALLOCATION_PER_BYTE * input.length;
    DecoderSession session = session(sessions);

    if (allocatedBy(() -> decode(input, session.decoder())) > limit) {
      DecoderSession again = session(sessions); // the first time a class may have been loaded
      assertThat(allocatedBy(() -> decode(input, again.decoder()))).isLessThan(limit);
    }

    session.events().forEach(PgOutputDecoderFuzzTest::readOrRefuse);
  }

  private static long allocatedBy(Runnable decoding) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    decoding.run();
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  private static DecoderSession session(Supplier<DecoderSession> sessions) {
    return sessions.get().acceptingMessages("", "p");
  }

  /** The input is messages, each behind two bytes that say how long it is. */
  private static void decode(byte[] input, PgOutputDecoder decoder) {
    try {
      int at = 0;
      while (at + 2 <= input.length) {
        int length = ((input[at] & 0xFF) << 8) | (input[at + 1] & 0xFF);
        at += 2;
        length = Math.min(length, input.length - at);
        decoder.decode(input, at, length);
        at += length;
      }
    } catch (EtlException e) {
      assertThat(e.kind())
          .isEqualTo(
              e.getMessage().startsWith(DecoderSession.NOT_READ)
                  ? ErrorKind.SOURCE_DATA
                  : ErrorKind.SOURCE_PROTOCOL);
    }
  }

  /** What is no text is refused when it is read, not before. */
  private static void readOrRefuse(Event event) {
    try {
      readWhole(event);
    } catch (EtlException e) {
      assertThat(e.kind()).isEqualTo(ErrorKind.SOURCE_DATA);
    }
  }

  /** Every column lies inside the message. */
  private static void readWhole(Event event) {
    if (event instanceof Event.Insert insert) {
      DecoderSession.cells(insert.row());
    } else if (event instanceof Event.Update update) {
      DecoderSession.cells(update.row());
    } else if (event instanceof Event.Delete delete) {
      DecoderSession.cells(delete.oldRow().row());
    } else if (event instanceof Event.Message message) {
      assertThat(message.text()).isNotNull();
    }
  }

  static Stream<Arguments> validStreams() {
    return LongStream.range(0, 50)
        .mapToObj(
            seed -> {
              boolean binary = seed % 2 == 1;
              RandomWal wal = new RandomWal(new SplittableRandom(seed), binary);
              return Arguments.of(
                  Named.of((binary ? "binary " : "") + "history " + seed, framed(wal)));
            });
  }

  private static byte[] framed(RandomWal wal) {
    ByteArrayOutputStream framed = new ByteArrayOutputStream();
    for (byte[] message : wal.messages(0)) {
      framed.write(message.length >> 8);
      framed.write(message.length);
      framed.writeBytes(message);
    }
    return framed.toByteArray();
  }
}

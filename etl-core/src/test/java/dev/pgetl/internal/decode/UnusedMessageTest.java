package dev.pgetl.internal.decode;

import static dev.pgetl.internal.decode.DecoderSession.assertRejected;
import static dev.pgetl.internal.decode.PgOutputBytes.begin;
import static dev.pgetl.internal.decode.PgOutputBytes.commit;
import static dev.pgetl.internal.decode.PgOutputBytes.insert;
import static dev.pgetl.internal.decode.PgOutputBytes.relation;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.event.Event;
import dev.pgetl.internal.decode.PgOutputBytes.WireColumn;
import org.junit.jupiter.api.Test;

/** Messages that are nothing to us, and those that must not come. */
class UnusedMessageTest {
  private static final byte[] TABLE = relation(7, "t", 'd', WireColumn.key("id"));
  private static final byte[] ORIGIN = PgOutputBytes.of('O').int64(0x50).string("upstream").bytes();
  private static final byte[] TYPE =
      PgOutputBytes.of('Y').int32(16822).string("").string("int4").bytes();
  private static final byte[] STREAM_ABORT = PgOutputBytes.of('A').int32(900).int32(901).bytes();

  @Test
  void originTypeAndStrayStreamAbortChangeNothing() {
    DecoderSession plain =
        new DecoderSession()
            .decode(begin(0x100), TABLE, insert(7, "1"), commit(0x100, 0x130))
            .decode(begin(0x130), insert(7, "2"), commit(0x130, 0x160));

    DecoderSession mixed =
        new DecoderSession()
            .decode(STREAM_ABORT, begin(0x100), ORIGIN, TYPE, TABLE, STREAM_ABORT, insert(7, "1"))
            .decode(TYPE, commit(0x100, 0x130), STREAM_ABORT, ORIGIN)
            .decode(begin(0x130), insert(7, "2"), commit(0x130, 0x160));

    assertThat(mixed.kinds()).isEqualTo(plain.kinds());
    assertThat(mixed.events().stream().map(Event::sequence))
        .containsExactlyElementsOf(plain.events().stream().map(Event::sequence).toList());
    assertThat(mixed.boundaries()).isEqualTo(plain.boundaries());
  }

  @Test
  void everyOtherKindIsRefused() {
    for (int kind = 0; kind < 256; kind++) {
      if ("BCRIUDTMOYA".indexOf(kind) < 0) {
        assertRejected(PgOutputBytes.of((char) kind).int64(0).bytes());
        assertRejected(PgOutputBytes.of((char) kind).int64(0).bytes(), begin(0x100));
      }
    }
  }

  @Test
  void nothingIsRefused() {
    assertRejected(new byte[0]);
  }
}

package dev.pgetl.internal.decode;

import static dev.pgetl.internal.decode.DecoderSession.assertRejected;
import static dev.pgetl.internal.decode.DecoderSession.assertTakesNothingButTheWhole;
import static dev.pgetl.internal.decode.DecoderSession.cells;
import static dev.pgetl.internal.decode.PgOutputBytes.begin;
import static dev.pgetl.internal.decode.PgOutputBytes.delete;
import static dev.pgetl.internal.decode.PgOutputBytes.relation;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.event.Event;
import dev.pgetl.event.Event.OldRowKind;
import dev.pgetl.internal.decode.PgOutputBytes.WireColumn;
import org.junit.jupiter.api.Test;

class DeleteMessageTest {
  private static final byte[] BEGIN = begin(0x100);
  private static final byte[] TABLE =
      relation(7, "t", 'd', WireColumn.text("a"), WireColumn.key("id"), WireColumn.key("part"));

  private static final byte[] WHOLE =
      relation(7, "t", 'f', WireColumn.text("a"), WireColumn.key("id"), WireColumn.key("part"));

  private static Event.Delete decoded(PgOutputBytes message) {
    return new DecoderSession().decode(BEGIN, TABLE, message.bytes()).only(Event.Delete.class);
  }

  @Test
  void givesTheKeyWithoutColumnsThatAreNotPartOfIt() {
    Event.Delete delete = decoded(delete(7).int8('K').tuple(null, "1", "2"));

    assertThat(delete.oldRow().kind()).isEqualTo(OldRowKind.KEY);
    assertThat(cells(delete.oldRow().row())).containsExactly("(absent)", "1", "2");
  }

  @Test
  void givesTheWholeOldRow() {
    for (char kind : new char[] {'O', 'K'}) {
      Event.Delete delete =
          new DecoderSession()
              .decode(BEGIN, WHOLE, delete(7).int8(kind).tuple(null, "1", "2").bytes())
              .only(Event.Delete.class);

      assertThat(delete.oldRow().kind()).isEqualTo(OldRowKind.FULL);
      assertThat(cells(delete.oldRow().row())).containsExactly("(null)", "1", "2");
    }
  }

  /** As the root of partitions says that have another identity. */
  @Test
  void givesEveryValueThatWasSentWhateverTheTableSays() {
    for (char kind : new char[] {'O', 'K'}) {
      Event.Delete delete = decoded(delete(7).int8(kind).tuple("a", "1", null));

      assertThat(delete.oldRow().kind()).isEqualTo(OldRowKind.KEY);
      assertThat(cells(delete.oldRow().row())).containsExactly("a", "1", "(absent)");
    }
  }

  @Test
  void isSkippedIfTheTableIsNotCarried() {
    DecoderSession session =
        new DecoderSession()
            .accepting(8)
            .decode(BEGIN, TABLE, delete(7).int8('K').tuple(null, "1", "2").bytes());

    assertThat(session.events()).isEmpty();
  }

  @Test
  void isRefusedWithoutAnOldRow() {
    assertRejected(delete(7).int8('N').tuple("a", "1", "2").bytes(), BEGIN, TABLE);
  }

  @Test
  void isRefusedWithAnotherNumberOfColumns() {
    assertRejected(delete(7).int8('K').tuple(null, "1").bytes(), BEGIN, TABLE);
  }

  @Test
  void isRefusedOutsideATransaction() {
    assertRejected(delete(7).int8('K').tuple(null, "1", "2").bytes(), TABLE);
  }

  @Test
  void isRefusedUnlessWhole() {
    assertTakesNothingButTheWhole(delete(7).int8('K').tuple(null, "1", "2").bytes(), BEGIN, TABLE);
    assertTakesNothingButTheWhole(delete(7).int8('O').tuple("a", "1", "2").bytes(), BEGIN, TABLE);
  }
}

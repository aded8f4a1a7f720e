package dev.pgetl.internal.decode;

import static dev.pgetl.internal.decode.DecoderSession.assertRejected;
import static dev.pgetl.internal.decode.DecoderSession.assertTakesNothingButTheWhole;
import static dev.pgetl.internal.decode.DecoderSession.cells;
import static dev.pgetl.internal.decode.PgOutputBytes.UNCHANGED;
import static dev.pgetl.internal.decode.PgOutputBytes.begin;
import static dev.pgetl.internal.decode.PgOutputBytes.insert;
import static dev.pgetl.internal.decode.PgOutputBytes.relation;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.event.Event;
import dev.pgetl.internal.decode.PgOutputBytes.WireColumn;
import dev.pgetl.schema.TableId;
import org.junit.jupiter.api.Test;

class InsertMessageTest {
  private static final byte[] BEGIN = begin(0x100);
  private static final byte[] TABLE =
      relation(7, "t", 'd', WireColumn.key("id"), WireColumn.text("a"), WireColumn.text("b"));

  @Test
  void givesTheNewRow() {
    Event.Insert insert =
        new DecoderSession()
            .decode(BEGIN, TABLE, insert(7, "1", null, "grün"))
            .only(Event.Insert.class);

    assertThat(insert.table().id()).isEqualTo(new TableId(7));
    assertThat(insert.row().table()).isSameAs(insert.table());
    assertThat(cells(insert.row())).containsExactly("1", "(null)", "grün");
  }

  @Test
  void tellsAnEmptyTextFromNull() {
    Event.Insert insert =
        new DecoderSession()
            .decode(BEGIN, TABLE, insert(7, "1", "", null))
            .only(Event.Insert.class);

    assertThat(cells(insert.row())).containsExactly("1", "", "(null)");
  }

  @Test
  void readsAMessageInTheMiddleOfABuffer() {
    byte[] message = insert(7, "1", "a", "b");
    byte[] buffer = new byte[message.length + 20];
    System.arraycopy(message, 0, buffer, 13, message.length);
    DecoderSession session = new DecoderSession().decode(BEGIN, TABLE);

    session.decoder().decode(buffer, 13, message.length);

    assertThat(cells(session.only(Event.Insert.class).row())).containsExactly("1", "a", "b");
  }

  /** The server makes one of an update that moves a row into a row filter. */
  @Test
  void reportsAValueThatWasNotSent() {
    byte[] message = insert(7, "1", UNCHANGED, null);

    DecoderSession session = new DecoderSession().decode(BEGIN, TABLE, message);

    assertThat(cells(session.only(Event.Insert.class).row()))
        .containsExactly("1", "(absent)", "(null)");
    assertThat(session.asked()).endsWith("incomplete 7 a");
  }

  @Test
  void readsOidsUnsigned() {
    byte[] table = relation(0xFFFFFFF0L, "t", 'd', WireColumn.key("id"));

    DecoderSession session = new DecoderSession().decode(BEGIN, table, insert(0xFFFFFFF0L, "1"));

    assertThat(session.only(Event.Insert.class).table().id()).isEqualTo(new TableId(0xFFFFFFF0L));
  }

  @Test
  void countsAtLeastTheBytesOfItsMessage() {
    byte[] message = insert(7, "1", "x".repeat(1000), null);

    DecoderSession session = new DecoderSession().decode(BEGIN, TABLE, message);

    assertThat(session.sizeOf(session.only(Event.Insert.class)))
        .isBetween(message.length, message.length + 500);
  }

  @Test
  void givesATableWithoutColumns() {
    byte[] table = relation(7, "t", 'd');

    Event.Insert insert =
        new DecoderSession().decode(BEGIN, table, insert(7)).only(Event.Insert.class);

    assertThat(insert.row().table().columnCount()).isZero();
  }

  @Test
  void isSkippedIfTheTableIsNotCarried() {
    DecoderSession session =
        new DecoderSession().accepting(8).decode(BEGIN, TABLE, insert(7, "1", "a", "b"));

    assertThat(session.events()).isEmpty();
    assertThat(session.asked()).containsExactly("7@0/100");
  }

  @Test
  void isRefusedWithAnotherNumberOfColumns() {
    assertRejected(insert(7, "1", "a"), BEGIN, TABLE);
    assertRejected(insert(7, "1", "a", "b", "c"), BEGIN, TABLE);
    assertRejected(insert(7), BEGIN, TABLE);
  }

  @Test
  void isRefusedWithAColumnOfUnknownKind() {
    byte[] binary =
        PgOutputBytes.of('I')
            .int32(7)
            .int8('N')
            .int16(3)
            .int8('b')
            .int32(0)
            .int8('n')
            .int8('n')
            .bytes();

    assertRejected(binary, BEGIN, TABLE);
  }

  @Test
  void isRefusedWithATextOfNegativeLength() {
    byte[] message =
        PgOutputBytes.of('I')
            .int32(7)
            .int8('N')
            .int16(3)
            .int8('n')
            .int8('n')
            .int8('t')
            .int32(-1)
            .bytes();

    assertRejected(message, BEGIN, TABLE);
  }

  @Test
  void isRefusedWithATextThatIsLongerThanTheMessage() {
    byte[] message =
        PgOutputBytes.of('I')
            .int32(7)
            .int8('N')
            .int16(3)
            .int8('n')
            .int8('n')
            .int8('t')
            .int32(Integer.MAX_VALUE)
            .raw(new byte[100])
            .bytes();

    assertRejected(message, BEGIN, TABLE);
  }

  @Test
  void isRefusedWithAnOldRow() {
    assertRejected(
        PgOutputBytes.of('I').int32(7).int8('O').tuple("1", "a", "b").bytes(), BEGIN, TABLE);
  }

  @Test
  void isRefusedIfTheTableWasNotDescribed() {
    assertRejected(insert(8, "1", "a", "b"), BEGIN, TABLE);
  }

  @Test
  void isRefusedOutsideATransaction() {
    assertRejected(insert(7, "1", "a", "b"), TABLE);
  }

  @Test
  void isRefusedUnlessWhole() {
    assertTakesNothingButTheWhole(insert(7, "1", null, "text"), BEGIN, TABLE);
  }
}

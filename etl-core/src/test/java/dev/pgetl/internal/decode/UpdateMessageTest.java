package dev.pgetl.internal.decode;

import static dev.pgetl.internal.decode.DecoderSession.assertRejected;
import static dev.pgetl.internal.decode.DecoderSession.assertTakesNothingButTheWhole;
import static dev.pgetl.internal.decode.DecoderSession.cells;
import static dev.pgetl.internal.decode.PgOutputBytes.UNCHANGED;
import static dev.pgetl.internal.decode.PgOutputBytes.begin;
import static dev.pgetl.internal.decode.PgOutputBytes.relation;
import static dev.pgetl.internal.decode.PgOutputBytes.update;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.event.Event;
import dev.pgetl.event.Event.OldRow;
import dev.pgetl.event.Event.OldRowKind;
import dev.pgetl.internal.decode.PgOutputBytes.WireColumn;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class UpdateMessageTest {
  private static final byte[] BEGIN = begin(0x100);
  private static final byte[] TABLE =
      relation(7, "t", 'd', WireColumn.key("id"), WireColumn.text("a"), WireColumn.text("b"));

  private static final byte[] WHOLE =
      relation(7, "t", 'f', WireColumn.key("id"), WireColumn.key("a"), WireColumn.key("b"));

  private static Event.Update decoded(PgOutputBytes message) {
    return new DecoderSession().decode(BEGIN, TABLE, message.bytes()).only(Event.Update.class);
  }

  private static Event.Update decodedWhole(PgOutputBytes message) {
    return new DecoderSession().decode(BEGIN, WHOLE, message.bytes()).only(Event.Update.class);
  }

  private static OldRow oldRow(Event.Update update) {
    return Objects.requireNonNull(update.oldRow());
  }

  @Test
  void givesTheNewRow() {
    Event.Update update = decoded(update(7).int8('N').tuple("1", "a", null));

    assertThat(cells(update.row())).containsExactly("1", "a", "(null)");
    assertThat(update.oldRow()).isNull();
  }

  @Test
  void givesTheOldKeyWithoutColumnsThatAreNotPartOfIt() {
    Event.Update update =
        decoded(update(7).int8('K').tuple("1", null, null).int8('N').tuple("2", "a", "b"));

    assertThat(oldRow(update).kind()).isEqualTo(OldRowKind.KEY);
    assertThat(cells(oldRow(update).row())).containsExactly("1", "(absent)", "(absent)");
    assertThat(cells(update.row())).containsExactly("2", "a", "b");
  }

  @Test
  void givesTheWholeOldRow() {
    Event.Update update =
        decodedWhole(update(7).int8('O').tuple("1", null, "b").int8('N').tuple("1", "a", null));

    assertThat(oldRow(update).kind()).isEqualTo(OldRowKind.FULL);
    assertThat(cells(oldRow(update).row())).containsExactly("1", "(null)", "b");
    assertThat(cells(update.row())).containsExactly("1", "a", "(null)");
  }

  @Test
  void leavesAnUnchangedValueAbsentThatIsNotKnown() {
    Event.Update update = decoded(update(7).int8('N').tuple("1", UNCHANGED, null));

    assertThat(cells(update.row())).containsExactly("1", "(absent)", "(null)");
  }

  @Test
  void fillsAnUnchangedValueFromTheWholeOldRow() {
    Event.Update update =
        decoded(
            update(7).int8('O').tuple("1", "toasted", "b").int8('N').tuple("2", UNCHANGED, "c"));

    assertThat(cells(update.row())).containsExactly("2", "toasted", "c");
  }

  @Test
  void leavesAnUnchangedValueAbsentThatIsNotPartOfTheOldKey() {
    Event.Update update =
        decoded(update(7).int8('K').tuple("1", null, null).int8('N').tuple("2", UNCHANGED, "b"));

    assertThat(cells(update.row())).containsExactly("2", "(absent)", "b");
  }

  @Test
  void fillsAnUnchangedKeyColumnFromTheOldKey() {
    Event.Update update =
        decoded(update(7).int8('K').tuple("long", null, null).int8('N').tuple(UNCHANGED, "a", "b"));

    assertThat(cells(update.row())).containsExactly("long", "a", "b");
  }

  @Test
  void doesNotTakeNullFromTheOldRowForAValue() {
    Event.Update update =
        decoded(update(7).int8('O').tuple("1", "a", "b").int8('N').tuple("1", null, "b"));

    assertThat(cells(update.row())).containsExactly("1", "(null)", "b");
  }

  @Test
  void isSkippedIfTheTableIsNotCarried() {
    DecoderSession session =
        new DecoderSession()
            .accepting(8)
            .decode(BEGIN, TABLE, update(7).int8('N').tuple("1", "a", "b").bytes());

    assertThat(session.events()).isEmpty();
  }

  @Test
  void isRefusedWithoutANewRow() {
    assertRejected(update(7).int8('O').tuple("1", "a", "b").bytes(), BEGIN, TABLE);
    assertRejected(
        update(7).int8('O').tuple("1", "a", "b").int8('O').tuple("1", "a", "b").bytes(),
        BEGIN,
        TABLE);
    assertRejected(update(7).int8('X').tuple("1", "a", "b").bytes(), BEGIN, TABLE);
  }

  @Test
  void isRefusedWithAnotherNumberOfColumns() {
    assertRejected(update(7).int8('N').tuple("1", "a").bytes(), BEGIN, TABLE);
    assertRejected(
        update(7).int8('O').tuple("1", "a").int8('N').tuple("1", "a", "b").bytes(), BEGIN, TABLE);
    assertRejected(
        update(7).int8('K').tuple("1", "a", "b", "c").int8('N').tuple("1", "a", "b").bytes(),
        BEGIN,
        TABLE);
  }

  @Test
  void isRefusedOutsideATransaction() {
    assertRejected(update(7).int8('N').tuple("1", "a", "b").bytes(), TABLE);
  }

  @Test
  void isRefusedUnlessWhole() {
    assertTakesNothingButTheWhole(
        update(7).int8('N').tuple("1", UNCHANGED, "b").bytes(), BEGIN, TABLE);
    assertTakesNothingButTheWhole(
        update(7).int8('O').tuple("1", "a", null).int8('N').tuple("1", UNCHANGED, "b").bytes(),
        BEGIN,
        TABLE);
    assertTakesNothingButTheWhole(
        update(7).int8('K').tuple("1", null, null).int8('N').tuple("2", "a", "b").bytes(),
        BEGIN,
        TABLE);
  }
}

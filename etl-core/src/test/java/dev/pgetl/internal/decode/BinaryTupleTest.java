package dev.pgetl.internal.decode;

import static dev.pgetl.internal.decode.DecoderSession.assertRejected;
import static dev.pgetl.internal.decode.DecoderSession.cells;
import static dev.pgetl.internal.decode.PgOutputBytes.UNCHANGED;
import static dev.pgetl.internal.decode.PgOutputBytes.begin;
import static dev.pgetl.internal.decode.PgOutputBytes.commit;
import static dev.pgetl.internal.decode.PgOutputBytes.delete;
import static dev.pgetl.internal.decode.PgOutputBytes.insert;
import static dev.pgetl.internal.decode.PgOutputBytes.relation;
import static dev.pgetl.internal.decode.PgOutputBytes.truncate;
import static dev.pgetl.internal.decode.PgOutputBytes.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.Event.OldRow;
import dev.pgetl.internal.decode.PgOutputBytes.WireColumn;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Rows of a stream that was asked for values in binary format. */
class BinaryTupleTest {
  private static final long POINT = 600;
  private static final byte[] BEGIN = begin(0x100);
  private static final byte[] TABLE =
      relation(7, "t", 'd', WireColumn.key("id"), WireColumn.text("a"), WireColumn.text("b"));
  private static final byte[] WHOLE =
      relation(
          7,
          "t",
          'f',
          WireColumn.key("id"),
          new WireColumn("a", 25, -1, true),
          new WireColumn("b", 25, -1, true));
  private static final byte[] UNREAD =
      relation(8, "places", 'd', WireColumn.key("id"), new WireColumn("p", POINT, -1, false));

  private static DecoderSession decoded(PgOutputBytes message) {
    return DecoderSession.inBinary().decode(BEGIN, TABLE, message.bytes());
  }

  @Test
  void givesValuesOfBothFormatsInOneRow() {
    PgOutputBytes message =
        PgOutputBytes.of('I')
            .int32(7)
            .int8('N')
            .int16(3)
            .int8('b')
            .int32(4)
            .int32(-5)
            .int8('t')
            .int32(2)
            .int8('x')
            .int8('y')
            .int8('n');

    Event.Insert insert = decoded(message).only(Event.Insert.class);

    assertThat(cells(insert.row())).containsExactly("-5", "xy", "(null)");
    assertThat(insert.row().getInt(0)).isEqualTo(-5);
  }

  @Test
  void givesEmptyValues() {
    PgOutputBytes message = PgOutputBytes.of('I').int32(7).int8('N').binaryTuple(1, "", null);

    assertThat(cells(decoded(message).only(Event.Insert.class).row()))
        .containsExactly("1", "", "(null)");
  }

  @Test
  void givesTheOldKeyWithoutColumnsThatAreNotPartOfIt() {
    Event.Update update =
        decoded(update(7).int8('K').binaryTuple(1, null, null).int8('N').binaryTuple(2, "a", "b"))
            .only(Event.Update.class);

    assertThat(cells(oldRow(update).row())).containsExactly("1", "(absent)", "(absent)");
    assertThat(cells(update.row())).containsExactly("2", "a", "b");
  }

  @Test
  void fillsAnUnchangedValueFromTheWholeOldRow() {
    Event.Update update =
        DecoderSession.inBinary()
            .decode(
                BEGIN,
                WHOLE,
                update(7)
                    .int8('O')
                    .binaryTuple(1, "toasted", null)
                    .int8('N')
                    .binaryTuple(UNCHANGED, UNCHANGED, UNCHANGED)
                    .bytes())
            .only(Event.Update.class);

    assertThat(cells(update.row())).containsExactly("1", "toasted", "(null)");
    assertThat(update.row().getInt(0)).isEqualTo(1);
  }

  @Test
  void givesTheOldRowOfADelete() {
    Event.Delete delete =
        decoded(delete(7).int8('K').binaryTuple(70_000, null, null)).only(Event.Delete.class);

    assertThat(cells(delete.oldRow().row())).containsExactly("70000", "(absent)", "(absent)");
  }

  @Test
  void isRefusedUnlessItWasAskedFor() {
    byte[] message = PgOutputBytes.of('I').int32(7).int8('N').binaryTuple(1, "a", "b").bytes();

    DecoderSession.inBinary().decode(BEGIN, TABLE, message);
    assertRejected(message, BEGIN, TABLE);
  }

  @Test
  void isRefusedUnlessWhole() {
    byte[] message =
        update(7)
            .int8('O')
            .binaryTuple(1, "ab", null)
            .int8('N')
            .binaryTuple(2, UNCHANGED, "c")
            .bytes();
    DecoderSession.inBinary().decode(BEGIN, TABLE, message);
    for (int length = 0; length < message.length; length++) {
      assertRefused(Arrays.copyOf(message, length));
    }
    assertRefused(Arrays.copyOf(message, message.length + 1));
  }

  @Test
  void isRefusedWithAValueOfImpossibleLength() {
    for (int length : new int[] {-1, Integer.MIN_VALUE, 5, Integer.MAX_VALUE}) {
      assertRefused(
          PgOutputBytes.of('I')
              .int32(7)
              .int8('N')
              .int16(3)
              .int8('n')
              .int8('n')
              .int8('b')
              .int32(length)
              .int32(0)
              .bytes());
    }
  }

  private static void assertRefused(byte[] message) {
    DecoderSession session = DecoderSession.inBinary().decode(BEGIN, TABLE);
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> session.decode(message))
        .returns(ErrorKind.SOURCE_PROTOCOL, EtlException::kind);
  }

  /** Before anything of it is stored or given. */
  @Test
  void aTableThatIsNotReadInBinaryEndsTheSession() {
    for (byte[] change : new byte[][] {insert(8, "1", "(1,2)"), truncate(0, 7, 8)}) {
      DecoderSession session = DecoderSession.inBinary().decode(BEGIN, TABLE, UNREAD);

      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(() -> session.decode(change))
          .returns(ErrorKind.SOURCE_DATA, EtlException::kind)
          .withMessage("not in binary: p (point)");
      assertThat(session.all(Event.Insert.class)).isEmpty();
      assertThat(session.all(Event.Relation.class))
          .noneMatch(relation -> relation.table().id().oid() == 8);
      assertThat(session.introduced()).doesNotContain(8L);
    }
  }

  @Test
  void aTableTheStreamDoesNotCarryMayHaveAnyTypes() {
    DecoderSession session =
        DecoderSession.inBinary()
            .accepting(7)
            .decode(BEGIN, TABLE, UNREAD, insert(8, "1", "(1,2)"))
            .decode(PgOutputBytes.of('I').int32(7).int8('N').binaryTuple(1, "a", "b").bytes())
            .decode(commit(0x100, 0x130));

    assertThat(session.kinds()).containsExactly("Begin", "Relation", "Insert", "Commit");
    assertThat(session.ordinals()).containsExactly(0L, 3L, 4L, 6L);
  }

  @Test
  void aTableThatIsOnlyDescribedMayHaveAnyTypes() {
    assertThat(DecoderSession.inBinary().decode(BEGIN, UNREAD).events()).isEmpty();
  }

  private static OldRow oldRow(Event.Update update) {
    return Objects.requireNonNull(update.oldRow());
  }
}

package dev.pgetl.internal.decode;

import static dev.pgetl.internal.decode.PgOutputBytes.begin;
import static dev.pgetl.internal.decode.PgOutputBytes.commit;
import static dev.pgetl.internal.decode.PgOutputBytes.delete;
import static dev.pgetl.internal.decode.PgOutputBytes.insert;
import static dev.pgetl.internal.decode.PgOutputBytes.relation;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.event.Event;
import dev.pgetl.internal.decode.PgOutputBytes.WireColumn;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a table's version becomes an event. */
class AnnouncementTest {
  private static final WireColumn ID = WireColumn.key("id");
  private static final byte[] ONE = relation(7, "t", 'd', ID);
  private static final byte[] TWO = relation(7, "t", 'd', ID, WireColumn.text("a"));
  private static final byte[] OTHER = relation(8, "u", 'd', ID);

  /** Version ONE as a copy at a position stores it, with what only the catalogue knows. */
  private static TableSchema copied(long at) {
    ColumnSchema id =
        ColumnSchema.builder("id", PgType.base(23, "int4"))
            .inReplicaIdentity(true)
            .attributeNumber(1)
            .nullable(false)
            .primaryKeyOrdinal(1)
            .build();
    return TableSchema.builder(new TableId(7), new TableName("public", "t"))
        .snapshotLsn(new Lsn(at))
        .columns(List.of(id))
        .build();
  }

  @Test
  void aTableIsAnnouncedBeforeItsFirstChange() {
    DecoderSession session =
        new DecoderSession()
            .decode(begin(0x100), ONE, OTHER, insert(8, "1"), insert(7, "1"), insert(7, "2"));

    assertThat(session.kinds())
        .containsExactly("Begin", "Relation", "Insert", "Relation", "Insert", "Insert");
    assertThat(session.ordinals()).containsExactly(0L, 1L, 2L, 3L, 4L, 6L);
    assertThat(session.all(Event.Relation.class))
        .extracting(relation -> relation.table().id().oid())
        .containsExactly(8L, 7L);
  }

  @Test
  void aVersionHoldsFromBehindTheStartOfItsCommit() {
    DecoderSession session = new DecoderSession().decode(begin(0x100), ONE, insert(7, "1"));

    assertThat(session.only(Event.Relation.class).table().snapshotLsn()).isEqualTo(new Lsn(0x101));
  }

  @Test
  void rowsHaveTheVersionThatWasAnnounced() {
    DecoderSession session = new DecoderSession().decode(begin(0x100), ONE, insert(7, "1"));

    assertThat(session.only(Event.Insert.class).table())
        .isSameAs(session.only(Event.Relation.class).table());
  }

  @Test
  void aTableTheDestinationKnowsIsNotAnnounced() {
    TableSchema known = copied(0x80);

    DecoderSession session =
        new DecoderSession().knowing(known).decode(begin(0x100), ONE, insert(7, "1"));

    assertThat(session.kinds()).containsExactly("Begin", "Insert");
    assertThat(session.only(Event.Insert.class).table()).isSameAs(known);
  }

  @Test
  void aVersionOfALaterTransactionIsNotTheOneBefore() {
    DecoderSession session =
        new DecoderSession()
            .knowing(copied(0x101))
            .decode(begin(0x100), ONE, insert(7, "1"), commit(0x100, 0x130));

    assertThat(session.kinds()).containsExactly("Begin", "Relation", "Insert", "Commit");
  }

  @Test
  void theSameDescriptionAgainIsNoNewVersion() {
    DecoderSession session =
        new DecoderSession()
            .decode(begin(0x100), ONE, insert(7, "1"), ONE, insert(7, "2"), commit(0x100, 0x130))
            .decode(begin(0x130), ONE, insert(7, "3"), commit(0x130, 0x160));

    assertThat(session.all(Event.Relation.class)).hasSize(1);
  }

  @Test
  void everyDifferenceTheStreamShowsIsANewVersion() {
    List<byte[]> different =
        List.of(
            relation(7, "renamed", 'd', ID),
            relation(7, "t", 'f', ID),
            relation(7, "t", 'd', WireColumn.key("key")),
            relation(7, "t", 'd', new WireColumn("id", 20, -1, true)),
            relation(7, "t", 'd', new WireColumn("id", 23, 5, true)),
            relation(7, "t", 'd', new WireColumn("id", 23, -1, false)),
            PgOutputBytes.of('R')
                .int32(7)
                .string("elsewhere")
                .string("t")
                .int8('d')
                .int16(1)
                .int8(1)
                .string("id")
                .int32(23)
                .int32(-1)
                .bytes());
    for (byte[] next : different) {
      DecoderSession session =
          new DecoderSession()
              .knowing(copied(0x80))
              .decode(begin(0x100), ONE, insert(7, "1"), next, insert(7, "2"));
      assertThat(session.kinds()).containsExactly("Begin", "Insert", "Relation", "Insert");
    }
  }

  @Test
  void severalVersionsInOneTransactionAreAnnouncedWhereTheyBegin() {
    DecoderSession session =
        new DecoderSession()
            .knowing(copied(0x80))
            .decode(begin(0x100), ONE, insert(7, "1"), TWO, insert(7, "2", "x"))
            .decode(insert(7, "3", "y"), ONE, insert(7, "4"), commit(0x100, 0x130));

    assertThat(session.kinds())
        .containsExactly(
            "Begin", "Insert", "Relation", "Insert", "Insert", "Relation", "Insert", "Commit");
    assertThat(session.ordinals()).containsExactly(0L, 2L, 3L, 4L, 6L, 7L, 8L, 10L);
    assertThat(session.all(Event.Insert.class))
        .extracting(insert -> insert.table().columnCount())
        .containsExactly(1, 2, 2, 1);
  }

  @Test
  void aVersionThatNoRowHadIsNotAnnounced() {
    DecoderSession session =
        new DecoderSession().decode(begin(0x100), ONE, insert(7, "1"), TWO, ONE, insert(7, "2"));

    assertThat(session.all(Event.Relation.class)).hasSize(1);
  }

  @Test
  void aReplayAnnouncesTheSame() {
    byte[][] transaction = {begin(0x100), TWO, insert(7, "1", "a"), commit(0x100, 0x130)};
    DecoderSession first = new DecoderSession().knowing(copied(0x80)).decode(transaction);
    TableSchema introduced = first.only(Event.Relation.class).table();

    DecoderSession again =
        new DecoderSession().knowing(copied(0x80)).knowing(introduced).decode(transaction);

    assertThat(again.kinds()).isEqualTo(first.kinds());
    assertThat(again.ordinals()).isEqualTo(first.ordinals());
    assertThat(again.only(Event.Relation.class).table()).isEqualTo(introduced);
  }

  @Test
  void anotherSessionGoesOnWithTheVersionOfTheOneBefore() {
    TableSchema introduced =
        new DecoderSession()
            .decode(begin(0x100), ONE, insert(7, "1"), commit(0x100, 0x130))
            .only(Event.Relation.class)
            .table();

    DecoderSession next =
        new DecoderSession(new Lsn(0x130))
            .knowing(introduced)
            .decode(begin(0x130), ONE, insert(7, "2"), commit(0x130, 0x160));

    assertThat(next.kinds()).containsExactly("Begin", "Insert", "Commit");
    assertThat(next.only(Event.Insert.class).table()).isSameAs(introduced);
  }

  @Test
  void aTableIsAskedForOncePerTransaction() {
    DecoderSession session =
        new DecoderSession()
            .decode(begin(0x100), ONE, OTHER, insert(7, "1"), insert(8, "1"), insert(7, "2"))
            .decode(delete(7).int8('K').tuple("1").bytes(), commit(0x100, 0x130))
            .decode(begin(0x130), insert(7, "3"), commit(0x130, 0x160));

    assertThat(session.asked()).containsExactly("7@0/100", "8@0/100", "7@0/130");
  }

  @Test
  void whatWasDecidedForATransactionHoldsUntilItsEnd() {
    DecoderSession session =
        new DecoderSession().accepting().decode(begin(0x100), ONE, insert(7, "1"));

    session.accepting(7).decode(insert(7, "2"), commit(0x100, 0x130));

    assertThat(session.events()).isEmpty();
  }

  @Test
  void aTableThatIsHandedOverGoesOnWithTheVersionItsOwnStreamLeft() {
    DecoderSession session =
        new DecoderSession()
            .accepting()
            .decode(begin(0x100), ONE, insert(7, "1"), commit(0x100, 0x130));

    session
        .knowing(copied(0x80))
        .accepting(7)
        .decode(begin(0x130), insert(7, "2"), commit(0x130, 0x160));

    assertThat(session.kinds()).containsExactly("Begin", "Insert", "Commit");
  }

  @Test
  void aTableThatLeftAndCameBackIsLookedUpAgain() {
    DecoderSession session =
        new DecoderSession().decode(begin(0x100), ONE, insert(7, "1"), commit(0x100, 0x130));
    session.accepting().decode(begin(0x130), TWO, insert(7, "2", "a"), commit(0x130, 0x160));
    TableSchema copiedAgain = twoColumns(0x158);

    session
        .knowing(copiedAgain)
        .accepting(7)
        .decode(begin(0x160), insert(7, "3", "b"), commit(0x160, 0x190));

    assertThat(session.all(Event.Relation.class)).hasSize(1);
    assertThat(session.all(Event.Insert.class)).last().returns(copiedAgain, Event.Insert::table);
  }

  /** The stream was asked before it left and after it came back, and not in between. */
  @Test
  void whatWasAnnouncedIsForgottenWhenTheTableChangesHandsBetweenTwoTransactions() {
    DecoderSession session =
        new DecoderSession().decode(begin(0x100), ONE, insert(7, "1"), commit(0x100, 0x130));
    TableSchema copiedAgain = copied(0x158);

    session
        .knowing(copiedAgain)
        .nextGeneration()
        .decode(begin(0x160), insert(7, "2"), commit(0x160, 0x190));

    assertThat(session.all(Event.Relation.class)).hasSize(1);
    assertThat(session.all(Event.Insert.class)).last().returns(copiedAgain, Event.Insert::table);
  }

  @Test
  void aTableThatChangedHandsIsAnnouncedAgainUnlessItsCopyHadTheSameVersion() {
    DecoderSession session =
        new DecoderSession().decode(begin(0x100), TWO, insert(7, "1", "a"), commit(0x100, 0x130));

    session
        .knowing(copied(0x158))
        .nextGeneration()
        .decode(begin(0x160), insert(7, "2", "b"), commit(0x160, 0x190));

    assertThat(session.kinds())
        .containsExactly(
            "Begin", "Relation", "Insert", "Commit", "Begin", "Relation", "Insert", "Commit");
  }

  /** Postgres describes a table again when its key or a not-null constraint has changed. */
  @Test
  void whatOnlyTheCatalogueSaysIsANewVersionWhenTheTableIsDescribedAgain() {
    TableSchema nullable = described(0x80, true);
    DecoderSession session = new DecoderSession().knowing(nullable).completing(wire -> nullable);
    session.decode(begin(0x100), ONE, insert(7, "1"), commit(0x100, 0x130));
    assertThat(session.kinds()).containsExactly("Begin", "Insert", "Commit");

    session
        .completing(wire -> described(wire.snapshotLsn().value(), false))
        .decode(begin(0x130), insert(7, "2"), ONE, insert(7, "3"), insert(7, "4"), ONE)
        .decode(insert(7, "5"), commit(0x130, 0x160));

    assertThat(session.kinds().subList(3, 9))
        .containsExactly("Begin", "Insert", "Relation", "Insert", "Insert", "Insert");
    assertThat(session.all(Event.Insert.class))
        .extracting(insert -> insert.table().column(0).nullable())
        .containsExactly(true, true, false, false, false);
  }

  private static TableSchema described(long at, boolean nullable) {
    TableSchema copied = copied(at);
    return copied.toBuilder()
        .columns(List.of(copied.column(0).toBuilder().nullable(nullable).build()))
        .build();
  }

  private static TableSchema twoColumns(long at) {
    ColumnSchema a = ColumnSchema.builder("a", PgType.base(25, "text")).attributeNumber(2).build();
    TableSchema one = copied(at);
    return one.toBuilder().columns(List.of(one.column(0), a)).build();
  }
}

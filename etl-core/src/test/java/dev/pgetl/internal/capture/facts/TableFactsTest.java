package dev.pgetl.internal.capture.facts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.internal.capture.facts.ColumnFacts.Default;
import dev.pgetl.schema.BuiltinTypes;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.PgType.Field;
import dev.pgetl.schema.PgType.Kind;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What of the catalogue completes a description of transaction 100, of a table with the columns
 * {@code a}, {@code b} and {@code c}. Parts of the catalogue are of transaction 50 or of 150.
 */
class TableFactsTest {
  private static final long XID = 100;
  private static final long EARLIER = 50;
  private static final long LATER = 150;
  private static final Moment READ = new Moment(200, Set.of());
  private static final long ADDR = 70_000;
  private static final PgType INT4 = BuiltinTypes.named("int4");

  private static ColumnFacts column(String name, int number, boolean notNull, long writtenBy) {
    return new ColumnFacts(name, INT4.oid(), -1, number, notNull, Default.NONE, false, writtenBy);
  }

  private static final List<ColumnFacts> ABC =
      List.of(
          column("a", 1, true, EARLIER),
          column("b", 2, true, EARLIER),
          column("c", 3, false, EARLIER));

  private static TableFacts facts(List<ColumnFacts> columns, long keyWrittenBy, Integer... key) {
    return new TableFacts(READ, columns, new Dated<>(List.of(key), keyWrittenBy), Map.of(), null);
  }

  /** The stream describes columns of type int4, and marks some. */
  private static TableSchema wire(ReplicaIdentity identity, String marked, String... names) {
    return TableSchema.builder(new TableId(7), new TableName("public", "t"))
        .replicaIdentity(identity)
        .columns(
            List.of(names).stream()
                .map(
                    name ->
                        ColumnSchema.builder(name, INT4)
                            .inReplicaIdentity(marked.contains(name))
                            .build())
                .toList())
        .build();
  }

  private static TableSchema full(String... names) {
    return wire(ReplicaIdentity.FULL, "abc", names);
  }

  private static TableSchema before(TableSchema wire, Integer... key) {
    return facts(ABC, EARLIER, key).complete(wire, null, XID);
  }

  private static List<String> key(
      TableFacts facts, TableSchema wire, @Nullable TableSchema before) {
    return facts.complete(wire, before, XID).primaryKey().stream().map(ColumnSchema::name).toList();
  }

  @Test
  void givesNumbersNullabilityAndKey() {
    TableSchema version = facts(ABC, EARLIER, 2, 1).complete(full("a", "b", "c"), null, XID);

    assertThat(version.columns())
        .extracting(each -> each.attributeNumber() + " " + each.nullable())
        .containsExactly("1 false", "2 false", "3 true");
    assertThat(version.primaryKey()).extracting(ColumnSchema::name).containsExactly("b", "a");
  }

  @Test
  void underTheDefaultIdentityTheKeyIsWhatTheStreamMarks() {
    TableFacts moved = facts(ABC, EARLIER, 2);

    assertThat(key(moved, wire(ReplicaIdentity.DEFAULT, "b", "a", "b", "c"), null))
        .containsExactly("b");
    assertThat(key(moved, wire(ReplicaIdentity.DEFAULT, "a", "a", "b", "c"), null)).isEmpty();
    assertThat(key(moved, wire(ReplicaIdentity.DEFAULT, "ab", "a", "b", "c"), null)).isEmpty();
    assertThat(key(moved, wire(ReplicaIdentity.DEFAULT, "", "a", "b", "c"), null)).isEmpty();
  }

  /** A commit that waits for a standby may wait for longer than the stream can. */
  @Test
  void whatATransactionDidThatDoesNotShowIsReported() {
    TableSchema old = before(full("a", "b", "c"));
    TableFacts unseen =
        new TableFacts(new Moment(200, Set.of(XID)), ABC, Dated.always(List.of()), Map.of(), null);

    assertThat(unseen.complete(full("a", "b", "c", "x"), old, XID).difference())
        .hasValueSatisfying(reason -> assertThat(reason).contains("its column x was added"));
    assertThat(unseen.complete(full("a", "b", "c"), old, XID).difference()).isEmpty();
    assertThat(TableFacts.NONE.complete(full("a", "b", "c", "x"), old, XID).difference()).isEmpty();
  }

  /** What became of rows that were there is not known, whatever was done to the column later. */
  @Test
  void aColumnThatTheCatalogueNoLongerDescribesIsReported() {
    TableSchema old = before(full("a", "b", "c"));
    TableFacts later =
        facts(
            List.of(
                column("a", 1, true, EARLIER), column("b", 2, true, EARLIER),
                column("c", 3, false, EARLIER), column("y", 4, false, LATER)),
            EARLIER);

    assertThat(later.complete(full("a", "b", "c", "x"), old, XID).difference())
        .hasValueSatisfying(
            reason -> assertThat(reason).contains("its column x was added or chan"));
    assertThat(later.complete(full("a", "b", "c"), old, XID).difference()).isEmpty();
    assertThat(later.complete(full("a", "b", "c", "x"), null, XID).difference()).isEmpty();
  }

  @Test
  void aKeyOfTheFutureIsNotTaken() {
    TableFacts moved = facts(ABC, LATER, 2);

    for (ReplicaIdentity identity : List.of(ReplicaIdentity.FULL, ReplicaIdentity.INDEX)) {
      TableSchema wire = wire(identity, "abc", "a", "b", "c");
      assertThat(key(moved, wire, null)).isEmpty();
      assertThat(key(moved, wire, before(wire, 1))).isEmpty();
      assertThat(key(moved, wire, before(wire, 2))).containsExactly("b");
    }
    TableSchema marked = wire(ReplicaIdentity.DEFAULT, "a", "a", "b", "c");
    assertThat(key(moved, marked, before(marked, 1))).containsExactly("a");
    assertThat(key(moved, marked, null)).isEmpty();
  }

  @Test
  void aKeyWithAColumnThatIsNotPublishedIsNone() {
    assertThat(key(facts(ABC, EARLIER, 1, 2), full("a", "c"), null)).isEmpty();
  }

  @Test
  void nullabilityOfTheFutureIsNotTaken() {
    TableSchema old = before(full("a", "b", "c"));
    List<ColumnFacts> altered =
        List.of(
            column("a", 1, false, LATER), column("b", 2, true, LATER), column("c", 3, true, LATER));

    assertThat(facts(altered, EARLIER).complete(full("a", "b", "c"), old, XID).columns())
        .extracting(ColumnSchema::nullable)
        .containsExactly(true, false, true);
    assertThat(facts(altered, EARLIER).complete(full("a", "b", "c"), null, XID).columns())
        .extracting(ColumnSchema::nullable)
        .containsOnly(true);
    assertThat(facts(altered, EARLIER).complete(full("a", "b", "c"), old, LATER).columns())
        .extracting(ColumnSchema::nullable)
        .containsExactly(true, false, false);
  }

  @Test
  void aColumnThatTheFutureRenamesOrReplacesStaysWhatItWas() {
    TableSchema old = before(full("a", "b", "c"), 1);
    TableFacts future =
        facts(List.of(column("x", 1, true, LATER), column("b", 4, false, LATER)), EARLIER, 1);

    assertThat(future.complete(full("a", "b", "c"), old, XID)).isEqualTo(old);
  }

  @Test
  void aColumnThatWasReplacedBeforeIsAnother() {
    TableSchema old = before(full("a", "b", "c"));
    TableFacts replaced =
        facts(
            List.of(
                column("a", 1, true, EARLIER),
                column("c", 3, false, EARLIER),
                column("b", 4, true, EARLIER)),
            EARLIER);

    assertThat(replaced.complete(full("a", "c", "b"), old, XID).columns())
        .extracting(ColumnSchema::attributeNumber)
        .containsExactly(1, 3, 4);
  }

  @Test
  void nothingIsTakenOfColumnsThatHaveTradedNames() {
    TableFacts traded =
        facts(List.of(column("b", 1, true, LATER), column("a", 2, true, LATER)), EARLIER, 1);

    assertThat(traded.complete(full("a", "b"), null, XID)).isEqualTo(full("a", "b"));
  }

  @Test
  void aTableThatIsGoneIsWhatItWas() {
    TableSchema old = before(full("a", "b", "c"), 1);

    assertThat(TableFacts.NONE.complete(full("a", "b", "c"), old, XID)).isEqualTo(old);
    assertThat(TableFacts.NONE.complete(full("a"), null, XID)).isEqualTo(full("a"));
  }

  @Test
  void theFieldsOfATypeAreThoseOfTheTransaction() {
    PgType old = addr("street");
    PgType altered = addr("town");
    TableSchema wire = typed(PgType.unknown(ADDR));

    assertThat(typed(altered, EARLIER).complete(wire, typed(old), XID)).isEqualTo(typed(altered));
    assertThat(typed(altered, LATER).complete(wire, typed(old), XID)).isEqualTo(typed(old));
    assertThat(typed(altered, LATER).complete(wire, null, XID)).isEqualTo(wire);
  }

  @Test
  void rowsOfPartitionsAreIdentifiedAsThePartitionsDo() {
    TableSchema root = wire(ReplicaIdentity.FULL, "abc", "a", "b", "c");
    LeafIdentity one = new LeafIdentity(ReplicaIdentity.DEFAULT, List.of("a"), List.of("a"));
    LeafIdentity other = new LeafIdentity(ReplicaIdentity.INDEX, List.of("b"), List.of("a"));

    TableSchema alike = identified(one.common(one)).complete(root, null, XID);
    assertThat(alike.replicaIdentity()).isEqualTo(ReplicaIdentity.DEFAULT);
    assertThat(alike.identityColumns()).extracting(ColumnSchema::name).containsExactly("a");
    assertThat(alike.primaryKey()).extracting(ColumnSchema::name).containsExactly("a");

    TableSchema mixed = identified(one.common(other)).complete(root, null, XID);
    assertThat(mixed.replicaIdentity()).isEqualTo(ReplicaIdentity.DEFAULT);
    assertThat(mixed.identityColumns()).isEmpty();
    assertThat(mixed.primaryKey()).isEmpty();
  }

  /** Nulls of an old row that has only a key would count as values. */
  @Test
  void anIdentityOfTheFutureMakesNoOldRowWhole() {
    TableSchema root = wire(ReplicaIdentity.FULL, "abc", "a", "b", "c");
    LeafIdentity full = new LeafIdentity(ReplicaIdentity.FULL, List.of(), List.of("a"));
    LeafIdentity byKey = new LeafIdentity(ReplicaIdentity.DEFAULT, List.of("a"), List.of("a"));
    TableSchema wasByKey = identified(byKey).complete(root, null, XID);
    TableSchema wasFull = identified(full).complete(root, null, XID);

    assertThat(identified(full, LATER).isAhead(XID)).isTrue();
    assertThat(identified(full, LATER).complete(root, wasByKey, XID)).isEqualTo(wasByKey);
    assertThat(identified(full, LATER).complete(root, wasByKey, LATER)).isEqualTo(wasFull);
    assertThat(identified(byKey, LATER).complete(root, wasFull, XID)).isEqualTo(wasByKey);
    assertThat(identified(full, LATER).complete(root, wasFull, XID)).isEqualTo(wasByKey);
    TableSchema first = identified(full, LATER).complete(root, null, XID);
    assertThat(first.replicaIdentity()).isEqualTo(ReplicaIdentity.DEFAULT);
    assertThat(first.identityColumns()).isEmpty();
  }

  /** Without a key there is no other identity under which the server lets rows be updated. */
  @Test
  void rowsThatNeverHadAKeyStayWhole() {
    TableSchema root = wire(ReplicaIdentity.FULL, "abc", "a", "b", "c");
    LeafIdentity full = new LeafIdentity(ReplicaIdentity.FULL, List.of(), List.of());
    TableSchema wasFull = identified(full).complete(root, null, XID);

    assertThat(identified(full, LATER).complete(root, wasFull, XID)).isEqualTo(wasFull);
  }

  @Test
  void ofAKeyThatLacksAColumnNothingIsMarked() {
    LeafIdentity full = new LeafIdentity(ReplicaIdentity.FULL, List.of(), List.of());
    LeafIdentity byIndex = new LeafIdentity(ReplicaIdentity.INDEX, List.of("a", "b"), List.of());
    TableSchema old = identified(byIndex).complete(full("a", "b", "c"), null, XID);

    TableSchema version = identified(full, LATER).complete(full("a", "c"), old, XID);
    assertThat(version.identityColumns()).isEmpty();
    assertThat(version.replicaIdentity()).isEqualTo(ReplicaIdentity.DEFAULT);
  }

  /** The catalogue may give the table a key that it did not have yet. */
  @Test
  void theStreamDecidesWhoseIdentityCounts() {
    LeafIdentity byKey = new LeafIdentity(ReplicaIdentity.DEFAULT, List.of("a"), List.of("a"));
    LeafIdentity other = new LeafIdentity(ReplicaIdentity.INDEX, List.of("b"), List.of("a"));

    assertThat(identified(byKey).complete(full("a", "b", "c"), null, XID).replicaIdentity())
        .isEqualTo(ReplicaIdentity.DEFAULT);
    TableSchema marked = wire(ReplicaIdentity.DEFAULT, "a", "a", "b", "c");
    assertThat(identified(other).complete(marked, null, XID).identityColumns())
        .extracting(ColumnSchema::name)
        .containsExactly("a");
  }

  /** Ids are used again: an old one may be the larger number. */
  @Test
  void transactionsAreComparedByTheirAge() {
    Moment read = new Moment(1_000, Set.of());
    long beforeTheWrap = 0xFFFF_FF00L;

    assertThat(read.isAfter(900, beforeTheWrap)).isTrue();
    assertThat(read.isAfter(beforeTheWrap, 900)).isFalse();
    assertThat(read.isAfter(900, 900)).isFalse();
    assertThat(read.isAfter(Dated.ALWAYS, 900)).isFalse();
  }

  @Test
  void aSnapshotShowsWhatHadEndedWhenItWasTaken() {
    Moment read = Moment.of("95:4294967400:4294967396,4294967398");

    assertThat(read).isEqualTo(new Moment(4_294_967_400L, Set.of(100L, 102L)));
    assertThat(read.shows(99)).isTrue();
    assertThat(read.shows(100)).isFalse();
    assertThat(read.shows(101)).isTrue();
    assertThat(read.shows(103)).isTrue();
    assertThat(read.shows(104)).isFalse();
    assertThat(read.shows(0xFFFF_FF00L)).isTrue();
    assertThat(Moment.of("7:7:").shows(6)).isTrue();
    assertThat(Moment.UNKNOWN.shows(6)).isFalse();
  }

  private static TableFacts identified(LeafIdentity leaves) {
    return identified(leaves, EARLIER);
  }

  private static TableFacts identified(LeafIdentity leaves, long writtenBy) {
    return new TableFacts(
        READ,
        ABC,
        new Dated<>(leaves.key(ABC), writtenBy),
        Map.of(),
        new Dated<>(leaves, writtenBy));
  }

  private static PgType addr(String field) {
    return new PgType(
        ADDR, "public", "addr", Kind.COMPOSITE, null, ',', List.of(new Field(field, INT4)));
  }

  private static TableSchema typed(PgType type) {
    return full().toBuilder().columns(List.of(ColumnSchema.of("a", type))).build();
  }

  private static TableFacts typed(PgType type, long writtenBy) {
    return new TableFacts(
        READ, List.of(), Dated.always(List.of()), Map.of(ADDR, new Dated<>(type, writtenBy)), null);
  }
}

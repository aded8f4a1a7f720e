package dev.pgetl.internal.range;

import static dev.pgetl.internal.range.RangeEvents.FULL;
import static dev.pgetl.internal.range.RangeEvents.OTHER;
import static dev.pgetl.internal.range.RangeEvents.VERSION;
import static dev.pgetl.internal.range.RangeEvents.delete;
import static dev.pgetl.internal.range.RangeEvents.insert;
import static dev.pgetl.internal.range.RangeEvents.key;
import static dev.pgetl.internal.range.RangeEvents.ranges;
import static dev.pgetl.internal.range.RangeEvents.relation;
import static dev.pgetl.internal.range.RangeEvents.row;
import static dev.pgetl.internal.range.RangeEvents.rowWithoutLarge;
import static dev.pgetl.internal.range.RangeEvents.transaction;
import static dev.pgetl.internal.range.RangeEvents.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.data.TableRow;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.Event.OldRow;
import dev.pgetl.event.Event.OldRowKind;
import dev.pgetl.schema.BuiltinTypes;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Situations in which a copy cannot be continued. None of them is silent. */
class StartOverTest {
  private static final String TRUNCATED = "it was truncated before all of its ranges were copied";
  private static final String CHANGED =
      "its columns were changed before all of its ranges were copied";
  private static final String MOVED =
      "a row moved from one range into another without a large value";
  private static final String NO_KEY = "a change does not name the key of its row";
  private static final String NO_ORDER = "the type of its key has another order by now";
  private static final String NO_COLUMN = "the column of its ranges is missing";
  private static final String NO_IDENTITY =
      "the column of its ranges is not in its replica identity";
  private static final String UNORDERED = "its ranges are not in the order of its key";
  private static final String NO_VALUE = "an end of its ranges is no value of its key";

  /** Keys below 10 are copied at position 100, those from 10 on at 300, those from 20 on at 200. */
  private static final CopyRanges THREE = ranges(100, 10, 300, 20, 200);

  /**
   * A stream whose last event cannot be delivered.
   *
   * @param version of the copied rows
   */
  private record Situation(
      String name, CopyRanges ranges, TableSchema version, List<Event> events, String reason) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Situation stream(String name, String reason, Event... events) {
    return new Situation(name, THREE, VERSION, List.of(events), reason);
  }

  private static Situation copy(
      String name, String reason, CopyRanges ranges, TableSchema version) {
    return new Situation(name, ranges, version, List.of(), reason);
  }

  static Stream<Situation> situations() {
    return Stream.of(truncated(), versions(), moved(), keys(), copies()).flatMap(List::stream);
  }

  private static List<Situation> truncated() {
    TableSchema renamed = VERSION.toBuilder().name(new TableName("archive", "orders")).build();
    Event cascading = new Event.Truncate(transaction(250), 1, List.of(OTHER, VERSION), true, false);
    Event restarting = new Event.Truncate(transaction(250), 1, List.of(VERSION), false, true);
    Event between = truncate(150);
    return List.of(
        stream("truncated at the slot", TRUNCATED, truncate(100)),
        stream("truncated behind the oldest range", TRUNCATED, truncate(101)),
        stream("truncated between the ranges", TRUNCATED, truncate(200)),
        stream("truncated just before the newest range", TRUNCATED, truncate(299)),
        stream("truncated with other tables", TRUNCATED, cascading),
        stream("truncated with its sequences", TRUNCATED, restarting),
        stream("truncated under another name", TRUNCATED, RangeEvents.truncate(250, renamed)),
        stream("filled and truncated", TRUNCATED, insert(250, row(5)), truncate(250)),
        stream("truncated after another table", TRUNCATED, otherTruncate(), truncate(250)),
        new Situation(
            "truncated before its only range", ranges(300), VERSION, List.of(between), TRUNCATED),
        new Situation(
            "truncated, all ranges newer",
            ranges(200, 0, 300),
            VERSION,
            List.of(between),
            TRUNCATED),
        new Situation(
            "truncated, the newest range first",
            ranges(300, 0, 100),
            VERSION,
            List.of(truncate(299)),
            TRUNCATED));
  }

  private static Event truncate(long commit) {
    return RangeEvents.truncate(commit, VERSION);
  }

  private static Event otherTruncate() {
    return RangeEvents.truncate(250, OTHER);
  }

  private static List<Situation> versions() {
    TableSchema renamed = VERSION.toBuilder().name(new TableName("archive", "orders")).build();
    TableSchema nothing = VERSION.toBuilder().replicaIdentity(ReplicaIdentity.NOTHING).build();
    List<ColumnSchema> fewer = VERSION.columns().subList(0, 3);
    List<ColumnSchema> more = new ArrayList<>(VERSION.columns());
    more.add(ColumnSchema.of("note", BuiltinTypes.named("text")));
    return List.of(
        stream("changed at the slot", CHANGED, relation(100, with(more))),
        stream("changed just before the newest range", CHANGED, relation(299, with(more))),
        stream("a column added", CHANGED, relation(250, with(more))),
        stream("a column dropped", CHANGED, relation(250, with(fewer))),
        stream("a column renamed", CHANGED, relation(250, with(3, c -> c.name("huge")))),
        stream("a column of another type", CHANGED, relation(250, with(3, c -> type(c, "bytea")))),
        stream("a column with a limit", CHANGED, relation(250, with(0, c -> c.modifier(104)))),
        stream("the key renamed", CHANGED, relation(250, with(1, c -> c.name("number")))),
        stream("the key of another type", CHANGED, relation(250, with(1, c -> type(c, "text")))),
        stream("the table renamed", CHANGED, relation(250, renamed)),
        stream("a replica identity of all columns", CHANGED, relation(250, FULL)),
        stream("no replica identity", CHANGED, relation(250, nothing)),
        stream("a row, then a version", CHANGED, insert(250, row(5)), relation(250, with(more))));
  }

  private static TableSchema with(List<ColumnSchema> columns) {
    return VERSION.toBuilder().columns(columns).build();
  }

  private static TableSchema with(int index, UnaryOperator<ColumnSchema.Builder> change) {
    List<ColumnSchema> columns = new ArrayList<>(VERSION.columns());
    columns.set(index, change.apply(columns.get(index).toBuilder()).build());
    return with(columns);
  }

  private static ColumnSchema.Builder type(ColumnSchema.Builder column, String type) {
    return column.type(BuiltinTypes.named(type));
  }

  private static List<Situation> moved() {
    TableRow noSmall = TableRow.of(VERSION, TableRow.NOT_SENT, 9, 0, "large");
    TableRow keyOnly = TableRow.of(VERSION, TableRow.NOT_SENT, 9, 0, TableRow.NOT_SENT);
    TableRow noPart = TableRow.of(VERSION, "small", 9, TableRow.NOT_SENT, "large");
    return List.of(
        stream("moved into an older range", MOVED, update(250, key(10), rowWithoutLarge(9))),
        stream("moved at the slot", MOVED, update(100, key(10), rowWithoutLarge(9))),
        stream("moved just before", MOVED, update(299, key(19), rowWithoutLarge(-1))),
        stream("moved upwards", MOVED, update(250, key(19), rowWithoutLarge(20))),
        stream("moved far", MOVED, update(150, key(99), rowWithoutLarge(-99))),
        stream(
            "moved, the oldest from the middle", MOVED, update(199, key(20), rowWithoutLarge(9))),
        stream("moved without a small value", MOVED, update(250, key(10), noSmall)),
        stream("moved without any value", MOVED, update(250, key(10), keyOnly)),
        stream("moved without a part of the key", MOVED, update(250, key(10), noPart)),
        stream("moved with all but one value", MOVED, update(250, full(10), rowWithoutLarge(9))),
        stream(
            "moved away and back",
            MOVED,
            update(250, key(9), rowWithoutLarge(10)),
            update(250, key(10), rowWithoutLarge(9))),
        stream(
            "inserted and moved",
            MOVED,
            insert(250, row(10)),
            update(250, key(10), rowWithoutLarge(9))),
        stream(
            "exchanged through a free key",
            MOVED,
            update(250, key(10), row(0)),
            update(250, key(9), rowWithoutLarge(10)),
            update(250, key(11), rowWithoutLarge(9))));
  }

  private static OldRow full(long id) {
    return new OldRow(OldRowKind.FULL, row(id));
  }

  private static List<Situation> keys() {
    TableRow absent = TableRow.of(VERSION, "s", TableRow.NOT_SENT, 0, "l");
    TableRow none = TableRow.of(VERSION, "s", null, 0, "l");
    OldRow oldAbsent = key(TableRow.of(VERSION, "s", TableRow.NOT_SENT, 0, TableRow.NOT_SENT));
    OldRow oldNull = key(TableRow.of(VERSION, "s", null, 0, TableRow.NOT_SENT));
    OldRow fullNull = new OldRow(OldRowKind.FULL, none);
    return List.of(
        stream("an insert without key", NO_KEY, insert(250, absent)),
        stream("an insert with a null key", NO_KEY, insert(250, none)),
        stream("an update without key and old row", NO_KEY, update(250, absent)),
        stream("an update with a null key, without old row", NO_KEY, update(250, none)),
        stream("an update without both keys", NO_KEY, update(250, oldAbsent, absent)),
        stream("an update without old key", NO_KEY, update(250, oldAbsent, row(9))),
        stream("an update with a null for the new key", NO_KEY, update(250, key(9), none)),
        stream("an update with a null for the old key", NO_KEY, update(250, oldNull, row(9))),
        stream("an update of all columns with null", NO_KEY, update(250, fullNull, row(9))),
        stream("a delete without key", NO_KEY, delete(250, oldAbsent)),
        stream("a delete with a null key", NO_KEY, delete(250, oldNull)),
        stream("a delete of all columns with null", NO_KEY, delete(250, fullNull)));
  }

  private static List<Situation> copies() {
    return List.of(
        copy("a key without order", NO_ORDER, THREE, with(1, c -> type(c, "json"))),
        copy("a key that is a range", NO_ORDER, THREE, with(1, c -> type(c, "int8range"))),
        copy("a key that was renamed", NO_COLUMN, THREE, with(1, c -> c.name("number"))),
        copy("a key that was dropped", NO_COLUMN, THREE, with(VERSION.columns().subList(2, 4))),
        copy(
            "a key outside the identity",
            NO_IDENTITY,
            THREE,
            with(1, c -> c.inReplicaIdentity(false))),
        copy("ends in the order of texts", UNORDERED, ranges(100, 10, 300, 9, 200), VERSION),
        copy("a range that is empty", UNORDERED, ranges(100, 10, 300, 10, 200), VERSION),
        copy("an end of another type", NO_VALUE, withEnd("ten"), VERSION),
        copy("an end that is too large", NO_VALUE, withEnd("9223372036854775808"), VERSION));
  }

  private static CopyRanges withEnd(String end) {
    return CopyRanges.again(THREE.origin(), RangeEvents.range(end, null), THREE.newest())
        .finished(1, THREE.newest(), 0, 0);
  }

  @ParameterizedTest
  @MethodSource
  void situations(Situation situation) {
    int events = situation.events.size();
    AtomicInteger decided = new AtomicInteger();

    EtlException failure =
        catchThrowableOfType(
            EtlException.class,
            () -> {
              RangeDecider decider = new RangeDecider(situation.ranges, situation.version);
              for (Event event : situation.events) {
                decided.incrementAndGet();
                Event unused = decider.decide(event);
              }
            });

    assertThat(failure).isNotNull();
    assertThat(decided).hasValue(events);
    assertThat(failure.kind()).isEqualTo(ErrorKind.SLOT_LOST);
    assertThat(failure)
        .hasMessage("the copy of table public.orders cannot be continued: " + situation.reason)
        .hasNoCause();
  }
}

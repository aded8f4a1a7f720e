package dev.pgetl.it.values;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pgetl.data.PgRange;
import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event.Insert;
import dev.pgetl.event.Event.Update;
import dev.pgetl.it.Scenario;
import dev.pgetl.schema.PgType;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.postgres.TestPostgres;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Values that need more than one row of a table to tell. */
class ValuesIT {

  /** S63: what a negative scale looks like. */
  @Test
  void tellsPrecisionAndNegativeScale() throws InterruptedException {
    assumeTrue(TestPostgres.shared().majorVersion() >= 15, "negative scales came with 15");
    try (Scenario scenario =
        Scenario.with(
                """
                create table amount(v numeric(10,-2)); create publication pub for table amount;
                insert into amount values (12345);
                """)
            .start()
            .awaitReady()) {
      TableRow row = scenario.destination().copiedRows("amount").get(0);
      int modifier = row.table().column(0).modifier() - 4;
      assertThat(modifier >> 16).as("precision").isEqualTo(10);
      assertThat(((modifier & 0x7FF) ^ 1024) - 1024).as("scale").isEqualTo(-2);
      assertThat(row.getBigDecimal(0)).isEqualTo("12300");
    }
  }

  /** S64. */
  @Test
  void keepsEveryByteOfText() throws InterruptedException {
    List<String> texts = new ArrayList<>();
    texts.addAll(List.of("\u000B", "\\.", "\\N", "\t", "\n", "\r", "\t\n\r", "\\", "\\\\", "🌍"));
    texts.addAll(List.of("\u0301", "\u0301\u0301a", "\uFFFF", "\\\n\\.\n", "\\x41\\101", ""));
    texts.add("\\".repeat(1 << 20));
    for (int shift = 0; shift < 4; shift++) {
      texts.add("x".repeat(shift) + "🌍".repeat(70_000));
    }
    String insert =
        texts.stream()
            .map(text -> "(" + RandomType.quoted(text) + ")")
            .collect(Collectors.joining(",", "insert into t(v) values ", ""));
    try (Scenario scenario =
        Scenario.with(
            """
            create table t(id int generated always as identity primary key, v text);
            create publication pub for table t;
            """)) {
      scenario.source().execute(insert);
      scenario.start().awaitReady();
      scenario.source().execute(insert);
      scenario.awaitApplied();

      assertThat(scenario.destination().copiedRows("t"))
          .extracting(row -> row.getString(1))
          .containsExactlyElementsOf(texts);
      assertThat(scenario.changes("t", Insert.class))
          .extracting(change -> change.row().getString(1))
          .containsExactlyElementsOf(texts);
    }
  }

  private static final String XT =
      """
      create extension if not exists citext; create extension if not exists hstore; create extension if not exists ltree; create extension if not exists cube;
      create type floatrange as range (subtype = float8);
      create table xt(id int primary key, a citext, b hstore, c ltree, d cube, e floatrange, f citext[], g tsvector, h xml, i pg_lsn, j int4multirange);
      create publication pub for table xt;
      """;

  private static final String XT_ROW =
      """
      insert into xt values (%d, 'MiXed', 'a=>1,b=>NULL,"c d"=>"e\\"f"', 'Top.Science', '(1,2),(3,4)', '[1.5,2.5)', array['X',null]::citext[], 'a:1 b:2', '<a/>', 'FFFFFFFF/FFFFFFFF', '{[1,3),[5,9)}');
      """;

  /** S65. */
  @Test
  void deliversTypesOfExtensions() throws InterruptedException {
    try (Scenario scenario = Scenario.with(XT + XT_ROW.formatted(1)).start().awaitReady()) {
      scenario.source().execute(XT_ROW.formatted(2));
      scenario.awaitApplied();

      List<@Nullable Object> copied = values(scenario.destination().copiedRows("xt").get(0));
      assertThat(copied.subList(1, 11)).isEqualTo(expectedOfXt());
      List<@Nullable Object> streamed = values(scenario.changes("xt", Insert.class).get(0).row());
      assertThat(streamed.subList(1, 11)).isEqualTo(expectedOfXt());
      assertThat(scenario.phase("xt")).isInstanceOf(Ready.class);
    }
  }

  private static List<@Nullable Object> expectedOfXt() {
    Map<String, @Nullable String> entries = new LinkedHashMap<>();
    entries.put("a", "1");
    entries.put("b", null);
    entries.put("c d", "e\"f");
    return List.of(
        "MiXed",
        entries,
        "Top.Science",
        "(1, 2),(3, 4)",
        PgRange.closedOpen(1.5, 2.5),
        Arrays.asList("X", null),
        "'a':1 'b':2",
        "<a/>",
        new Lsn(-1),
        List.of(PgRange.closedOpen(1, 3), PgRange.closedOpen(5, 9)));
  }

  /** S65: rows that were sent while the types were there, read when they are gone. */
  @Test
  void readsRowsWhoseTypesAreGone() throws InterruptedException {
    try (Scenario scenario = Scenario.with(XT).start().awaitReady()) {
      Hold hold = scenario.destination().on(Operation.EVENTS).once().hold();
      scenario.source().execute(XT_ROW.formatted(1));
      hold.awaitReached();
      scenario
          .source()
          .execute(
              XT_ROW.formatted(2)
                  + """
                  drop extension citext cascade; drop extension hstore cascade;
                  drop extension ltree cascade; drop extension cube cascade; drop type floatrange cascade;
                  insert into xt(id, h) values (3, '<b/>');
                  """);
      hold.release();
      scenario.awaitApplied();

      List<Insert> inserts = scenario.changes("xt", Insert.class);
      assertThat(values(inserts.get(0).row()).subList(1, 11)).isEqualTo(expectedOfXt());
      assertThat(values(inserts.get(1).row()).subList(1, 11)).isEqualTo(expectedOfXt());
      assertThat(inserts.get(2).row().toMap().toString())
          .isEqualTo("{id=3, g=null, h=<b/>, i=null, j=null}");
      assertThat(scenario.phase("xt")).isInstanceOf(Ready.class);
    }
  }

  /**
   * S65: the same with a pipeline that did not run. The stored version still says what the types of
   * its columns were; a column that it does not have comes as text if its type is gone.
   */
  @Test
  void readsAReplayOfRowsWhoseTypesAreGone() throws InterruptedException {
    try (Scenario scenario = Scenario.with(XT).start().awaitReady()) {
      scenario.stop();
      scenario
          .source()
          .execute(
              XT_ROW.formatted(1)
                  + "create type late as enum ('l'); alter table xt add column k late;"
                  + "insert into xt(id, f, k) values (2, '{Y}', 'l');"
                  + "drop extension citext cascade; drop type late cascade;");
      scenario.start().awaitReady().awaitApplied();

      List<Insert> inserts = scenario.changes("xt", Insert.class);
      assertThat(values(inserts.get(0).row()).subList(1, 11)).isEqualTo(expectedOfXt());
      TableRow unseen = inserts.get(1).row();
      assertThat(unseen.table().column(6).type().kind()).isEqualTo(PgType.Kind.ARRAY);
      assertThat(unseen.get("f")).isEqualTo(List.of("Y"));
      assertThat(unseen.table().column(11).type().kind()).isEqualTo(PgType.Kind.UNKNOWN);
      assertThat(unseen.get("k")).isEqualTo("l");
      assertThat(scenario.phase("xt")).isInstanceOf(Ready.class);
    }
  }

  private static final String ENUM_AND_DOMAIN =
      """
      create type st as enum ('a', 'b'); create domain dd as int check (value > 0);
      create table en(id int primary key, s st, x dd); create publication pub for table en;
      insert into en values (1, 'a', 1);
      """;

  /** S66. */
  @Test
  void followsEnumsAndDomains() throws InterruptedException {
    try (Scenario scenario = Scenario.with(ENUM_AND_DOMAIN).start().awaitReady()) {
      scenario
          .source()
          .execute(
              """
              alter type st add value 'c'; insert into en values (2, 'c', 2); alter type st rename value 'b' to 'bb'; insert into en values (3, 'bb', 3);
              create type st2 as enum ('z'); alter table en alter s type st2 using 'z'::st2; insert into en values (4, 'z', 4);
              alter domain dd drop constraint dd_check; insert into en values (5, 'z', -5);
              """);
      scenario.awaitApplied();
      scenario.stop();
      scenario
          .source()
          .execute(
              """
              alter table en alter x type int; drop domain dd; create domain dd as text;
              alter table en alter x type dd; insert into en values (6, 'z', 'six');
              alter table en alter s type text; drop type st2; insert into en values (7, 'y', 'seven');
              """);
      scenario.start().awaitReady().awaitApplied();

      assertThat(values(scenario.destination().copiedRows("en").get(0))).containsExactly(1, "a", 1);
      assertThat(scenario.changes("en", Insert.class))
          .extracting(insert -> values(insert.row()))
          .containsExactly(
              List.of(2, "c", 2),
              List.of(3, "bb", 3),
              List.of(4, "z", 4),
              List.of(5, "z", -5),
              List.of(6, "z", "six"),
              List.of(7, "y", "seven"));
      assertThat(scenario.phase("en")).isInstanceOf(Ready.class);
    }
  }

  /** S70. */
  @Test
  void deliversAThousandColumns() throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(
                """
                do $$ declare s text := 'create table wide(id int primary key'; begin for i in 1..1000 loop s := s || ', c' || i || ' int'; end loop; execute s || ')'; end $$;
                insert into wide(id) values (1); create publication pub for table wide;
                """)
            .start()
            .awaitReady()) {
      String all =
          IntStream.rangeClosed(1, 1000)
              .mapToObj(Integer::toString)
              .collect(Collectors.joining(","));
      scenario
          .source()
          .execute("update wide set c500 = 5; insert into wide values (2,%s)".formatted(all));
      scenario.awaitApplied();

      TableRow copied = scenario.destination().copiedRows("wide").get(0);
      assertThat(copied.columnCount()).isEqualTo(1001);
      assertThat(IntStream.rangeClosed(1, 1000).filter(i -> !copied.isNull(i))).isEmpty();
      TableRow updated = scenario.changes("wide", Update.class).get(0).row();
      assertThat(IntStream.rangeClosed(1, 1000).filter(i -> !updated.isNull(i)))
          .containsExactly(500);
      TableRow inserted = scenario.changes("wide", Insert.class).get(0).row();
      assertThat(IntStream.rangeClosed(1, 1000).filter(i -> inserted.getInt(i) != i)).isEmpty();
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "wide");
    }
  }

  private static List<@Nullable Object> values(TableRow row) {
    return new ArrayList<>(row.toMap().values());
  }
}

package dev.pgetl.it.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.event.Event.Insert;
import dev.pgetl.it.Scenario;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.destination.DeliveryAssert;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Types that are altered while tables use them, which the stream does not say. */
class AlteredTypeIT {
  private static final String TABLE =
      """
      create type addr as (street text, city text); create table other(street text, city text);
      create domain home as addr; create type holder as (inside addr); create type span as range (subtype = addr);
      create table t(id int primary key, plain addr, many addr[], named home, held holder, between_ span, row_ other);
      create publication pub for table t;
      """;

  private static final String INSERT =
      """
      insert into t values (%1$d, ('s%1$d','c'), array[('s','c')::addr], ('s','c'), row(('s','c')::addr), '["(s,c)","(s,c)"]', ('s','c'));
      """;

  private static final List<String> OLD = List.of("street", "city");

  /** What is done to both types, and the fields they have then. */
  private enum Alteration {
    RENAMED("street town", "rename %2$s city to town"),
    TRADED(
        "city street",
        "rename %2$s street to x",
        "rename %2$s city to street",
        "rename %2$s x to city"),
    REPLACED("city zip", "drop %2$s street", "add %2$s zip text");

    private final String fields;
    private final String sql;

    Alteration(String fields, String... steps) {
      this.fields = fields;
      StringBuilder all = new StringBuilder();
      for (String step : steps) {
        all.append(("alter %1$s " + step + ";").formatted("type addr", "attribute"));
        all.append(("alter %1$s " + step + ";").formatted("table other", "column"));
      }
      sql = all.toString();
    }

    private List<String> fields() {
      return List.of(fields.split(" "));
    }
  }

  @ParameterizedTest
  @EnumSource(Alteration.class)
  void aRestartSeesIt(Alteration alteration) throws InterruptedException {
    try (Scenario scenario = Scenario.with(TABLE).start().awaitReady()) {
      insert(scenario, 1);
      scenario.awaitApplied();
      scenario.stop();
      insert(scenario, 2);
      scenario.source().execute(alteration.sql);
      insert(scenario, 3);
      scenario.start();
      scenario.awaitApplied();

      assertThat(fields(scenario)).containsExactly(all(OLD), all(OLD), all(alteration.fields()));
      assertThat(scenario.versions(scenario.tableId("t"))).hasSize(1);
      DeliveryAssert.assertThat(scenario.destination()).deliveredOnceInOrder();
    }
  }

  @ParameterizedTest
  @EnumSource(Alteration.class)
  void anotherConnectionSeesIt(Alteration alteration) throws InterruptedException {
    try (Scenario scenario = Scenario.with(TABLE).start().awaitReady()) {
      insert(scenario, 1);
      scenario.awaitApplied();
      scenario.source().execute(alteration.sql);
      scenario
          .source()
          .execute(
              "select pg_terminate_backend(active_pid) from pg_replication_slots where active_pid is not null and database = current_database()");
      await()
          .atMost(Scenario.PATIENCE)
          .until(
              () ->
                  scenario
                      .source()
                      .value(
                          "select count(*) from pg_replication_slots where active_pid is not null and database = current_database()")
                      .equals("1"));
      insert(scenario, 2);
      scenario.awaitApplied();

      assertThat(fields(scenario)).containsExactly(all(OLD), all(alteration.fields()));
    }
  }

  @ParameterizedTest
  @EnumSource(Alteration.class)
  void aResyncSeesIt(Alteration alteration) throws InterruptedException {
    try (Scenario scenario = Scenario.with(TABLE).start().awaitReady()) {
      insert(scenario, 1);
      scenario.awaitApplied();
      scenario.source().execute(alteration.sql);
      scenario.pipeline().resync(scenario.tableId("t"));
      await().atMost(Scenario.PATIENCE).until(() -> scenario.destination().truncations("t") == 2);
      scenario.awaitReady("t");
      insert(scenario, 2);
      scenario.awaitApplied();

      assertThat(fields(scenario)).containsExactly(all(OLD), all(alteration.fields()));
      TableSchema copied = scenario.destination().copiedRows("t").get(0).table();
      assertThat(fields(copied)).isEqualTo(all(alteration.fields()));
      assertThat(scenario.versions(scenario.tableId("t"))).isEmpty();
    }
  }

  /** Until then the rows have the fields of before. */
  @ParameterizedTest
  @EnumSource(Alteration.class)
  void aRefreshSeesIt(Alteration alteration) throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(TABLE)
            .options(options -> options.publicationRefreshInterval(Duration.ofMillis(200)))
            .start()
            .awaitReady()) {
      insert(scenario, 1);
      scenario.awaitApplied();
      scenario.source().execute(alteration.sql);
      int[] last = {1};
      await()
          .atMost(Scenario.PATIENCE)
          .until(
              () -> {
                last[0]++;
                insert(scenario, last[0]);
                scenario.awaitApplied();
                return fields(scenario).get(last[0] - 1).equals(all(alteration.fields()));
              });

      assertThat(scenario.versions(scenario.tableId("t"))).hasSize(1);
    }
  }

  /** The advice of docs/types.md. */
  @Test
  void aChangeOfTheTableInTheSameTransactionShowsIt() throws InterruptedException {
    try (Scenario scenario = Scenario.with(TABLE).start().awaitReady()) {
      insert(scenario, 1);
      scenario.awaitApplied();
      scenario
          .source()
          .execute(
              "begin;"
                  + Alteration.TRADED.sql
                  + "alter table t alter plain set statistics -1; commit");
      insert(scenario, 2);
      scenario.awaitApplied();

      assertThat(fields(scenario)).containsExactly(all(OLD), all(Alteration.TRADED.fields()));
    }
  }

  /** The stream is behind: a version made then has the fields of then. */
  @Test
  void aVersionDoesNotHaveTheFieldsOfTheFuture() throws InterruptedException {
    try (Scenario scenario = Scenario.with(TABLE).start().awaitReady()) {
      scenario.stop();
      scenario
          .source()
          .execute(
              "alter table t add x int; create type late as (a int); alter table t add y late");
      insert(scenario, 1);
      scenario
          .source()
          .execute(Alteration.REPLACED.sql + "alter type late rename attribute a to b");
      insert(scenario, 2);
      scenario.start();
      scenario.awaitApplied();

      List<Insert> inserts = scenario.changes("t", Insert.class);
      assertThat(fields(scenario)).containsExactly(all(OLD), all(Alteration.REPLACED.fields()));
      assertThat(inserts.get(0).table().column(8).type().fields()).isEmpty();
      assertThat(inserts.get(1).table().column(8).type().fields())
          .extracting(field -> field.name())
          .containsExactly("b");
    }
  }

  /** Fields of another type do not fit the values: these are text then. */
  @ParameterizedTest
  @ValueSource(strings = {"drop attribute no, add attribute zip text", "add attribute more text"})
  void aValueThatDoesNotFitIsText(String change) throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(
                """
                create type addr as (street text, no int); create table t(id int primary key, a addr, l addr[]);
                create publication pub for table t;
                """)
            .start()
            .awaitReady()) {
      scenario.source().execute("insert into t values (1, ('s',1), array[('s',1)::addr])");
      scenario.awaitApplied();
      scenario.source().execute("alter type addr " + change);
      String value = change.startsWith("add") ? "('c',1,'z')" : "('c','z')";
      scenario
          .source()
          .execute("insert into t values (2, %1$s, array[%1$s::addr])".formatted(value));
      scenario.awaitApplied();

      Insert second = scenario.changes("t", Insert.class).get(1);
      String text = value.replace("'", "");
      assertThat(second.row().get(1)).isEqualTo(text);
      assertThat(second.row().get(2)).isEqualTo(List.of(text));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void namesOfTypesFollow(boolean restart) throws InterruptedException {
    try (Scenario scenario =
        Scenario.with(
                """
                create type mood as enum ('ok'); create domain small as int; create type span as range (subtype = small);
                create table t(id int primary key, a mood, b small, c span, d mood[]); create publication pub for table t; create schema s2;
                """)
            .options(options -> options.publicationRefreshInterval(Duration.ofMillis(200)))
            .start()
            .awaitReady()) {
      scenario.source().execute("insert into t values (1)");
      scenario.awaitApplied();
      scenario
          .source()
          .execute(
              """
              alter type mood rename to stimmung; alter type stimmung set schema s2; alter domain small rename to klein; alter type span rename to spanne;
              """);
      if (restart) {
        scenario.stop().start();
      }
      int[] last = {1};
      await()
          .atMost(Scenario.PATIENCE)
          .until(
              () -> {
                last[0]++;
                scenario.source().execute("insert into t values (%d)".formatted(last[0]));
                scenario.awaitApplied();
                return !scenario.versions(scenario.tableId("t")).isEmpty();
              });

      assertThat(scenario.versions(scenario.tableId("t")))
          .singleElement()
          .extracting(SchemaChangeIT::described)
          .isEqualTo(
              "id:int4:1 a:s2.stimmung:2 b:public.klein:3 c:public.spanne:4 d:s2._stimmung:5");
    }
  }

  private static void insert(Scenario scenario, int id) {
    String row = INSERT.formatted(id);
    boolean wide =
        scenario
            .source()
            .value(
                "select count(*) from pg_attribute where attrelid = 't'::regclass and attname = 'y'")
            .equals("1");
    scenario.source().execute(wide ? row.replace(");", ", 1, row(1));") : row);
  }

  /** {@return for each streamed row the fields of every column but the first} */
  private static List<List<List<String>>> fields(Scenario scenario) {
    return scenario.changes("t", Insert.class).stream()
        .map(insert -> fields(insert.table()))
        .toList();
  }

  private static List<List<String>> fields(TableSchema version) {
    List<List<String>> fields = new ArrayList<>();
    for (int i = 1; i < 7; i++) {
      var type = version.column(i).type();
      while (type.inner() != null) {
        type = type.inner();
      }
      if (type.name().equals("holder")) {
        type = type.fields().get(0).type();
      }
      fields.add(type.fields().stream().map(field -> field.name()).toList());
    }
    return fields;
  }

  private static List<List<String>> all(List<String> fields) {
    return List.of(fields, fields, fields, fields, fields, fields);
  }
}

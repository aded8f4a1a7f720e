package dev.pgetl.it.values;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.config.InvalidatedSlotBehavior;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.event.Event.Insert;
import dev.pgetl.it.Scenario;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.postgres.TestPostgres;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Databases in other encodings than UTF-8 (S67). */
class EncodingIT {
  private static final String SLOT = "pgetl_apply_it";

  @Test
  void convertsCharactersAndNames() throws InterruptedException {
    try (Scenario scenario =
        Scenario.on(TestPostgres.shared().createDatabase("encoding 'LATIN1' template template0"))) {
      scenario
          .source()
          .execute(
              """
              create type "größe" as enum ('groß', 'klein');
              create table "übersicht"(id int primary key, "straße" text, "maß" "größe");
              create publication pub for table "übersicht";
              insert into "übersicht" values (1, 'é ß', 'groß');
              """);
      scenario.start().awaitReady();
      scenario.source().execute("insert into \"übersicht\" values (2, 'é ß', 'groß')");
      scenario.awaitApplied();

      assertThat(scenario.destination().copiedRows("übersicht").get(0).toMap().toString())
          .isEqualTo("{id=1, straße=é ß, maß=groß}");
      assertThat(scenario.changes("übersicht", Insert.class).get(0).row().toMap().toString())
          .isEqualTo("{id=2, straße=é ß, maß=groß}");
      DeliveryAssert.assertThat(scenario.destination())
          .converged(scenario.source(), "\"übersicht\"");
    }
  }

  private static final String ANY_BYTES =
      """
      create table bad(id int primary key, v text); create table good(id int primary key, v text);
      create publication pub for table bad, good;
      """;

  private static Scenario anyBytes() {
    Scenario scenario =
        Scenario.on(
            TestPostgres.shared().createDatabase("encoding 'SQL_ASCII' template template0"));
    scenario.source().execute(ANY_BYTES);
    return scenario;
  }

  @Test
  void setsATableAsideWhoseRowsAreNoCharacters() throws InterruptedException {
    try (Scenario scenario = anyBytes()) {
      scenario
          .source()
          .execute(
              "insert into bad values (1, E'\\xff\\xfe'); insert into good values (1, 'fine');");
      scenario.start();
      scenario.awaitPhase("bad", Errored.class);
      scenario.awaitReady("good");
      scenario.source().execute("insert into good values (2, 'é')");
      scenario.awaitApplied();

      Errored errored = (Errored) scenario.phase("bad");
      assertThat(errored.reason()).contains("22021").contains("public.bad");
      assertThat(errored.solution()).contains("UTF-8");
      assertThat(errored.retryDirective()).isEqualTo(RetryDirective.MANUAL);
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "good");
      scenario.source().execute("update bad set v = 'mended'");
      scenario.pipeline().resync(scenario.tableId("bad"));
      scenario.awaitReady();
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "bad");
    }
  }

  /**
   * In the stream it is the server that fails, whatever follows in its WAL, and does not say at
   * which table: so here the others cannot go on, and the pipeline ends with what to do.
   */
  @Test
  void endsWhereTheServerCannotSendARow() throws InterruptedException {
    try (Scenario scenario = anyBytes().start().awaitReady()) {
      scenario
          .source()
          .execute(
              """
              insert into good values (1, 'fine'); insert into bad values (1, E'\\xff\\xfe');
              insert into good values (2, 'é');
              """);
      assertThatThrownBy(() -> scenario.pipeline().awaitTermination(Scenario.PATIENCE))
          .isInstanceOfSatisfying(
              EtlException.class,
              e -> {
                assertThat(e.kind()).isEqualTo(ErrorKind.SOURCE_DATA);
                assertThat(e).hasMessageContaining(SLOT).hasMessageContaining("22021");
                assertThat(e.fix())
                    .contains("UTF-8")
                    .contains("drop the slot")
                    .contains("RECREATE");
              });
      assertThat(scenario.destination().changes("good")).hasSizeLessThan(2);

      scenario.source().execute("update bad set v = 'mended'");
      scenario.source().query("select pg_drop_replication_slot('" + SLOT + "')");
      scenario
          .options(builder -> builder.invalidatedSlotBehavior(InvalidatedSlotBehavior.RECREATE))
          .start()
          .awaitReady();
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "good", "bad");
    }
  }

  /** The list of tables cannot be read, so the start ends with what to look for. */
  @ParameterizedTest
  @ValueSource(strings = {"table bad rename to", "table bad rename v to"})
  void refusesANameThatIsNoText(String rename) throws InterruptedException {
    try (Scenario scenario = anyBytes()) {
      scenario
          .source()
          .execute("insert into bad values (1, 'a'); insert into good values (1, 'b')");
      execute(scenario, "'alter " + rename + " %I', E'v\\xe9'");
      assertThatThrownBy(scenario::start)
          .isInstanceOfSatisfying(
              EtlException.class,
              e -> {
                assertThat(e.kind()).isEqualTo(ErrorKind.SOURCE_DATA);
                assertThat(e).hasMessageContaining("22021");
                assertThat(e.fix()).contains("name of a schema, table, column or type");
              });

      String back = rename.replace("bad rename to", "%I rename to bad").replace(" v ", " %I ");
      execute(scenario, "'alter " + (back.endsWith("bad") ? back : back + " v") + "', E'v\\xe9'");
      scenario.start().awaitReady();
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "good", "bad");
    }
  }

  /** Runs what {@code format} makes, in the server: no client can send such a name. */
  private static void execute(Scenario scenario, String format) {
    scenario.source().execute("do $$ begin execute format(" + format + "); end $$");
  }
}

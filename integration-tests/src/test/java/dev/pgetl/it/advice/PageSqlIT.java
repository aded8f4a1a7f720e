package dev.pgetl.it.advice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.it.Scenario;
import dev.pgetl.it.ServerSide;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.postgres.PostgresLayer;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.postgres.SlotState;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The SQL of the pages does what they say, for one pipeline and no other. */
class PageSqlIT {
  private static final String ROLE = "configure-postgres.md, The role, 1";
  private static final String PUBLICATION = "configure-postgres.md, The publication, 1";
  private static final String DISTANCE = "configure-postgres.md, WAL, 1";
  private static final String DROP_SLOTS = "configure-postgres.md, WAL, 2";
  private static final String DELETE_STATE = "operations.md, A damaged or lost state, 1";
  private static final String HELD = "troubleshooting.md, The first five minutes, 1";
  private static final String SET_ASIDE = "operations.md, A damaged or lost state, 2";

  /** Those that {@code FailoverIT} and {@code StandbySourceIT} carry out. */
  private static final String OF_FAILOVER = "high-availability.md";

  private static final Map<String, String> BLOCKS = Pages.sql();

  private final Scenario scenario =
      Scenario.with(
          """
          create table users(id int primary key, name text); insert into users values (1, 'a');
          create table orders(id int primary key); insert into orders values (1);
          """);

  @AfterEach
  void close() {
    scenario.close();
  }

  @Test
  void everyBlockIsCarriedOut() {
    assertThat(BLOCKS.keySet().stream().filter(block -> !block.startsWith(OF_FAILOVER)))
        .containsExactlyInAnyOrder(
            ROLE, PUBLICATION, DISTANCE, DROP_SLOTS, DELETE_STATE, SET_ASIDE, HELD);
    assertThat(BLOCKS.keySet().stream().filter(block -> block.startsWith(OF_FAILOVER))).hasSize(5);
  }

  /** An underscore is a wildcard, and ids may be parts of others. */
  @Test
  void noIdIsPartOfAPattern() {
    Pattern like = Pattern.compile("\\blike '[^']*'", Pattern.CASE_INSENSITIVE);
    Stream<String> patterns =
        Pages.lines().values().stream()
            .flatMap(List::stream)
            .flatMap(line -> like.matcher(line).results())
            .map(MatchResult::group);
    assertThat(patterns).containsOnly("LIKE 'pgetl%'");
  }

  @Test
  void aRoleAndAPublicationAreEnough() throws InterruptedException {
    String role = "etl_" + scenario.source().name();
    scenario.source().execute(page(ROLE).replaceAll("\\betl\\b", role).replace("…", "secret"));
    try {
      scenario.source().execute(page(PUBLICATION));
      scenario.connection(builder -> builder.username(role).password("secret"));
      scenario.start().awaitReady();
      assertThat(scenario.source().query(page(DISTANCE)))
          .anySatisfy(row -> assertThat(row).startsWith("pgetl_apply_it", "t", "reserved"));
      assertThat(scenario.source().query(page(HELD)))
          .anySatisfy(row -> assertThat(row).startsWith("pgetl_apply_it", "t", "reserved"));
      scenario.stop();
      scenario
          .source()
          .execute("create table later(id int primary key); alter publication pub add table later");
      scenario.start();
      assertEqual("users", "orders", "later");
    } finally {
      scenario.stop();
      scenario.source().execute("drop owned by %1$s; drop role %1$s".formatted(role));
    }
  }

  @Test
  void aPipelineIsRemovedBesideItsNeighbours() throws InterruptedException {
    runOnce();
    try (Neighbours neighbours = neighboursIn(PostgresLayer.DEFAULT_SCHEMA)) {
      for (String slot : List.of("pgetl_sync_it_16400", "pgetl_sync_it_7_16400")) {
        scenario
            .source()
            .execute("select pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
      }
      scenario.source().execute(page(DROP_SLOTS));
      assertThat(scenario.source().slots())
          .extracting(SlotState::name)
          .containsExactlyInAnyOrder(
              "pgetl_apply_it_7", "pgetl_sync_it_7_16400", "pgetl_apply_not_it");
      scenario.source().execute(page(DELETE_STATE));
      neighbours.assertUntouched();
    }
    beginAgain();
  }

  @Test
  void aDamagedSchemaIsSetAsideBesideAnother() throws InterruptedException {
    runOnce();
    try (Neighbours neighbours = neighboursIn("elsewhere")) {
      scenario.source().execute("drop table pgetl.slot_progress");
      scenario.source().execute(page(SET_ASIDE));
      neighbours.assertUntouched();
    }
    beginAgain();
  }

  /** A block of a page, for pipeline {@code it} and publication {@code pub}. */
  private static String page(String block) {
    return Objects.requireNonNull(BLOCKS.get(block), block)
        .replace("my_id", "it")
        .replace("my_pub", "pub");
  }

  private Neighbours neighboursIn(String schema) throws InterruptedException {
    return Neighbours.of(scenario.source(), id -> store(schema, id));
  }

  private MemoryStore store(String schema, String id) {
    return new MemoryStore(
        PostgresLayer.builder(scenario.source().connectionConfig(), id).schema(schema).build());
  }

  private void runOnce() throws InterruptedException {
    scenario.source().execute(page(PUBLICATION));
    try (MemoryStore store = store(PostgresLayer.DEFAULT_SCHEMA, "it")) {
      scenario.store(store).start();
      assertEqual("users", "orders");
      scenario.stop();
    }
    ServerSide.awaitFreeSlots(scenario);
    scenario.source().execute("delete from users");
  }

  /** Without its state the pipeline is a new one. */
  private void beginAgain() throws InterruptedException {
    try (MemoryStore store = store(PostgresLayer.DEFAULT_SCHEMA, "it")) {
      scenario.store(store).start();
      assertEqual("users", "orders");
      scenario.stop();
    }
    assertThat(scenario.destination().truncations("users")).isEqualTo(2);
  }

  private void assertEqual(String... tables) throws InterruptedException {
    scenario.awaitReady();
    scenario.source().execute("insert into orders select max(id) + 1 from orders");
    scenario.awaitApplied();
    DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), tables);
  }
}

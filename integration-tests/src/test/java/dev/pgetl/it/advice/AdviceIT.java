package dev.pgetl.it.advice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgetl.config.InvalidatedSlotBehavior;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.it.Scenario;
import dev.pgetl.it.ServerSide;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.destination.DeliveryAssert;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The fix of each failure of the source makes source and destination equal, and touches no
 * neighbour. The SQL is that of the message.
 */
class AdviceIT {
  private final Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS);
  private final String role = "advised_" + scenario.source().name();
  private final Neighbours neighbours;

  AdviceIT() throws InterruptedException {
    scenario.source().execute("insert into users(name, age) values ('a', 1), ('b', 2)");
    neighbours = Neighbours.of(scenario.source());
  }

  @AfterEach
  void close() {
    neighbours.close();
    scenario.close();
  }

  @Test
  void aSlotOfAnotherProgramIsDropped() throws InterruptedException {
    scenario
        .source()
        .execute("select pg_create_logical_replication_slot('pgetl_apply_it', 'test_decoding')");
    scenario.source().execute(Advice.sql(refused(ErrorKind.SOURCE_CONFIGURATION).fix()));
    scenario.start();
    assertEqual();
  }

  @Test
  void aSlotThatIsInTheWayIsDropped() {
    try (SourceDatabase source =
        new SourceDatabase(scenario.source().connectionConfig(), "it", Platform.jvm())) {
      source.createSlot("pgetl_apply_it");
      EtlException failure =
          catchThrowableOfType(EtlException.class, () -> source.createSlot("pgetl_apply_it"));
      scenario.source().execute(Advice.sql(failure.fix()));
      source.createSlot("pgetl_apply_it");
    }
  }

  @Test
  void aSlotThatCannotPassALostPublicationIsDroppedAndCreatedAgain() throws InterruptedException {
    scenario.start().awaitReady();
    scenario.source().execute("drop publication pub; insert into users(name, age) values ('c', 3)");
    EtlException failure =
        catchThrowableOfType(
            EtlException.class, () -> scenario.pipeline().awaitTermination(Duration.ofSeconds(30)));
    assertThat(failure.kind()).isEqualTo(ErrorKind.PUBLICATION_MISSING);
    scenario.source().execute("create publication pub for table users, orders, sentinel");
    ServerSide.awaitFreeSlots(scenario);
    scenario.source().execute(Advice.sql(failure.fix()));
    assertThat(failure.fix()).contains("RECREATE");
    recreate();
  }

  @Test
  void aLostSlotIsCreatedAgain() throws InterruptedException {
    loseSlot();
    assertThat(refused(ErrorKind.SLOT_LOST).fix()).contains("invalidatedSlotBehavior RECREATE");
    recreate();
  }

  @Test
  void orTheStateOfALostSlotIsCleared() throws InterruptedException {
    loseSlot();
    assertThat(refused(ErrorKind.SLOT_LOST).fix())
        .endsWith("or drop the slot and clear the pipeline's state.");
    try (MemoryStore empty = new MemoryStore()) {
      scenario.store(empty).start();
      assertEqual();
    }
  }

  private void loseSlot() throws InterruptedException {
    scenario.start().awaitReady().stop();
    scenario.source().execute("delete from users where name = 'a'");
    ServerSide.awaitFreeSlots(scenario);
    scenario.source().execute("select pg_drop_replication_slot('pgetl_apply_it')");
  }

  private void recreate() throws InterruptedException {
    scenario
        .options(builder -> builder.invalidatedSlotBehavior(InvalidatedSlotBehavior.RECREATE))
        .start();
    assertEqual();
  }

  @Test
  void aMissingPublicationIsCreatedAndAnEmptyOneFilled() throws InterruptedException {
    scenario.source().execute("drop publication pub");
    String create = Advice.sql(refused(ErrorKind.PUBLICATION_MISSING).fix());
    scenario.source().execute(create + " users; alter publication pub drop table users");
    String add = Advice.sql(refused(ErrorKind.SOURCE_CONFIGURATION).fix());
    scenario.source().execute(add + " users, orders, sentinel");
    scenario.start();
    assertEqual();
  }

  @Test
  void aRoleIsAllowedToReplicate() throws InterruptedException {
    scenario
        .source()
        .execute(
            "create role %1$s login password 'x'; grant select on all tables in schema public to %1$s"
                .formatted(role));
    scenario.connection(builder -> builder.username(role).password("x"));
    try {
      scenario.source().execute(Advice.sql(refused(ErrorKind.SOURCE_PERMISSION).fix()));
      scenario.start();
      assertEqual();
    } finally {
      scenario.stop();
      scenario.source().execute("drop owned by %1$s; drop role %1$s".formatted(role));
    }
  }

  @Test
  void anUnloggedPartitionIsLoggedAndResynced() throws InterruptedException {
    scenario
        .source()
        .execute(
            """
            create table ev(k int primary key) partition by range (k);
            create unlogged table ev_1 partition of ev for values from (0) to (100);
            insert into ev values (1); alter publication pub add table ev;
            """);
    scenario.start().awaitPhase("ev_1", Errored.class);
    String advice = ((Errored) scenario.phase("ev_1")).solution();
    scenario.source().execute(Advice.sql(advice));
    assertThat(advice).contains("resync the table");
    scenario.pipeline().resync(scenario.tableId("ev_1"));
    scenario.awaitReady();
    scenario.source().execute("insert into ev values (2)");
    assertEqual("ev_1");
  }

  private EtlException refused(ErrorKind kind) {
    EtlException failure = catchThrowableOfType(EtlException.class, scenario::start);
    assertThat(failure).isNotNull();
    assertThat(failure.kind()).isEqualTo(kind);
    return failure;
  }

  private void assertEqual(String... others) throws InterruptedException {
    scenario.awaitReady();
    scenario.source().execute("update users set age = 9 where name = 'b'");
    scenario.awaitApplied();
    DeliveryAssert.assertThat(scenario.destination())
        .converged(scenario.source(), "users", "orders", "sentinel")
        .converged(scenario.source(), others);
    neighbours.assertUntouched();
  }
}

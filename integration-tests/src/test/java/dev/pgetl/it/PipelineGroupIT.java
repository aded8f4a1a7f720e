package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.pgetl.event.Event;
import dev.pgetl.it.GroupScenario.Part;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.wal.Lsn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What arrives through several pipelines that run as one. */
class PipelineGroupIT {
  /** Transactions of one table each in turn, and some of all. */
  private static final String TRAFFIC =
      """
      do $$ begin
        for i in 1..300 loop
          insert into users(n) values (i); update users set n = n + 1 where id % 7 = i % 7; commit;
          insert into orders(n) values (i); delete from orders where n = i - 50; commit;
          insert into events(n) values (i); commit;
          if i % 10 = 0 then
            insert into users(n) values (i); insert into orders(n) values (i); insert into events(n) values (i); commit;
          end if;
        end loop;
      end $$;
      """;

  private final GroupScenario scenario = new GroupScenario();

  @AfterEach
  void close() {
    scenario.close();
  }

  @Test
  void everythingArrivesOnceAndInOrderWhereItBelongs() throws InterruptedException {
    scenario.source().execute(TRAFFIC);
    scenario.start();
    scenario.source().execute(TRAFFIC);
    scenario.awaitReady();
    scenario.source().execute(TRAFFIC);
    scenario.awaitApplied().stop();

    for (Part part : scenario.parts()) {
      assertThat(part.destination.tables()).containsExactly("public." + part.id);
      DeliveryAssert.assertThat(part.destination)
          .deliveredOnceInOrder()
          .converged(scenario.source(), part.id);
    }
    Leftovers.assertNone(scenario.source());
  }

  /** That is why a receiver of several streams has to know whose event it is. */
  @Test
  void aTransactionOfTwoStreamsHasTheSameKeysInBoth() throws InterruptedException {
    scenario.start().awaitReady();
    scenario.insert(scenario.users, scenario.orders);
    scenario.awaitApplied();

    Event.RowChange user = (Event.RowChange) scenario.users.destination.changes("users").get(0);
    Event.RowChange order = (Event.RowChange) scenario.orders.destination.changes("orders").get(0);
    assertThat(user.transaction()).isEqualTo(order.transaction());
    assertThat(user.sequence()).isEqualTo(order.sequence());
    assertThat(scenario.events.destination.events()).isEmpty();
  }

  @Test
  void aNewGroupGoesOnWhereTheLastOneEnded() throws InterruptedException {
    scenario.source().execute(TRAFFIC);
    scenario.start().awaitReady().awaitApplied().stop();
    scenario.source().execute(TRAFFIC);
    scenario.start().awaitReady().awaitApplied().stop();

    for (Part part : scenario.parts()) {
      assertThat(part.destination.rowWrites(part.id)).isEqualTo(1);
      DeliveryAssert.assertThat(part.destination)
          .deliveredOnceInOrder()
          .converged(scenario.source(), part.id);
    }
  }

  @Test
  void whatIsAppliedIsAppliedInAllStreams() throws InterruptedException {
    scenario.start().awaitReady();
    for (Part part : scenario.parts()) {
      Hold hold = part.destination.on(Operation.EVENTS).hold();
      scenario.insert(scenario.users, scenario.orders, scenario.events);
      hold.awaitReached();
      Lsn now = scenario.source().currentLsn();
      assertThat(scenario.group().awaitApplied(now, Duration.ofMillis(200))).isFalse();
      hold.release();
      assertThat(scenario.group().awaitApplied(now, Scenario.PATIENCE)).isTrue();
    }
    for (Part part : scenario.parts()) {
      assertThat(part.destination.changes(part.id)).hasSize(3);
    }
  }

  /** The second stream begins with a table when the first has delivered its last change. */
  @Test
  void aTableMovesFromOneStreamToAnother() throws InterruptedException {
    try (Warnings warnings = new Warnings()) {
      scenario.options(builder -> builder.publicationRefreshInterval(Duration.ofMillis(100)));
      scenario.start().awaitReady();
      scenario.insert(scenario.users);
      scenario.source().execute("alter publication pub_orders add table users");
      warnings.await("table public.users has been added to the publication, but belongs to");
      scenario.insert(scenario.users, scenario.orders);
      scenario.awaitApplied();
      assertThat(scenario.orders.destination.tables()).containsExactly("public.orders");

      Hold last = scenario.users.destination.on(Operation.EVENTS).hold();
      scenario.insert(scenario.users);
      last.awaitReached();
      scenario.source().execute("alter publication pub_users drop table users");
      scenario.insert(scenario.users, scenario.orders);
      scenario.orders.destination.awaitChanges("orders", 2);
      assertThat(scenario.orders.destination.tables()).containsExactly("public.orders");
      last.release();
      scenario.orders.destination.awaitCopiedRows("users", 4);
    }
    scenario.awaitReady();
    scenario.insert(scenario.users, scenario.orders);
    scenario.awaitApplied();

    assertThat(scenario.users.destination.changes("users")).hasSize(3);
    assertThat(scenario.users.store.getTableReplicationStates()).isEmpty();
    assertThat(scenario.orders.store.getTableReplicationStates().values())
        .hasSize(2)
        .allMatch(Ready.class::isInstance);
    DeliveryAssert.assertThat(scenario.orders.destination)
        .deliveredOnceInOrder()
        .converged(scenario.source(), "users", "orders");
  }

  /** What the engine warns of, from here to closing. */
  private static final class Warnings implements AutoCloseable {
    private final Logger engine = (Logger) LoggerFactory.getLogger("dev.pgetl.internal");
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

    Warnings() {
      appender.list = Collections.synchronizedList(new ArrayList<>());
      appender.start();
      engine.addAppender(appender);
    }

    void await(String words) {
      Awaitility.await(words)
          .atMost(Scenario.PATIENCE)
          .until(
              () ->
                  List.copyOf(appender.list).stream()
                      .filter(line -> line.getLevel() == Level.WARN)
                      .anyMatch(line -> line.getFormattedMessage().startsWith(words)));
    }

    @Override
    public void close() {
      engine.detachAppender(appender);
    }
  }
}

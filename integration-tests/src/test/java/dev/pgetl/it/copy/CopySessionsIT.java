package dev.pgetl.it.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.it.LogRecorder;
import dev.pgetl.it.Scenario;
import dev.pgetl.it.ServerSide;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the copy of a table takes of the server's connections. */
class CopySessionsIT {
  /** So large that four connections are worth their while. */
  private static final String LARGE =
      """
      create table items(id int primary key, v text);
      alter table items alter v set storage plain;
      insert into items select g, repeat('p', 1700) from generate_series(1, 10000) g;
      analyze items;
      create publication pub for table items;
      """;

  private final Scenario scenario = Scenario.with(LARGE);
  private final String role = "scarce_" + scenario.source().name();

  @BeforeEach
  void createRole() {
    scenario
        .source()
        .execute(
            "create role %1$s login replication password 'scarce'; grant select on items to %1$s"
                .formatted(role));
    scenario.options(options -> options.maxCopyConnectionsPerTable(4));
  }

  @AfterEach
  void dropRole() throws InterruptedException {
    scenario.stop();
    scenario.source().execute("drop owned by %1$s; drop role %1$s".formatted(role));
    scenario.close();
  }

  /** One is the pipeline's own; those that stream do not count. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void aCopyUsesTheConnectionsThatAreLeft(int limit) throws InterruptedException {
    scenario.source().execute("alter role %s connection limit %d".formatted(role, limit));
    scenario.connection(builder -> builder.username(role).password("scarce"));
    Hold hold = scenario.destination().on(Operation.ROWS).once().hold();
    try (LogRecorder log = LogRecorder.started()) {
      scenario.start();
      hold.awaitReached();
      assertThat(ServerSide.copyConnections(scenario)).isEqualTo(limit - 1);
      assertThat(log.lines("public.items is copied over " + (limit - 1) + " connections"))
          .hasSize(1);
    }
    hold.release();
    assertWorks();
  }

  /** The slot's connection is closed before the first row: servers have few WAL senders. */
  @Test
  void aCopyHoldsNoWalSenderWhileItReadsRows() throws InterruptedException {
    Hold hold = scenario.destination().on(Operation.ROWS).once().hold();
    scenario.start();
    hold.awaitReached();
    await("no WAL sender but the apply worker's")
        .atMost(Scenario.PATIENCE)
        .until(() -> walSenders().equals("pgetl/it/apply"));
    hold.release();
    assertWorks();
  }

  private String walSenders() {
    return scenario
        .source()
        .value(
            """
            select coalesce(string_agg(application_name, ', '), '') from pg_stat_activity
            where datname = current_database() and backend_type = 'walsender'
            """);
  }

  private void assertWorks() throws InterruptedException {
    scenario.awaitReady();
    scenario.source().execute("insert into items values (0, 'streamed')");
    scenario.awaitApplied();
    DeliveryAssert.assertThat(scenario.destination())
        .deliveredOnceInOrder()
        .converged(scenario.source(), "items");
  }
}

package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.error.RetryDirective;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.testkit.destination.DeliveryAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A role that may not read everything that is published. */
class PrivilegeIT {
  private final Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS);
  private final String role = "limited_" + scenario.source().name();

  @BeforeEach
  void createRole() {
    scenario
        .source()
        .execute(
            """
            insert into users(name, age) select 'u', g from generate_series(1, 3) g;
            insert into orders(description) select 'o' from generate_series(1, 3) g;
            create role %1$s login replication password 'limited';
            grant usage on schema public to %1$s; grant select on users, sentinel to %1$s;
            """
                .formatted(role));
    scenario.connection(builder -> builder.username(role).password("limited"));
  }

  @AfterEach
  void dropRole() throws InterruptedException {
    scenario.stop();
    scenario.source().execute("drop owned by %1$s; drop role %1$s".formatted(role));
    scenario.close();
  }

  /** S74. */
  @Test
  void aTableThatMayNotBeReadStandsStillAloneUntilThePrivilegeIsGranted()
      throws InterruptedException {
    scenario.start();
    scenario.awaitReady("users");
    scenario.awaitReady("sentinel");
    scenario.awaitPhase("orders", Errored.class);
    Errored errored = (Errored) scenario.phase("orders");
    assertThat(errored.retryDirective()).isEqualTo(RetryDirective.MANUAL);
    assertThat(errored.reason()).contains("public.orders");
    scenario.source().execute("insert into users(name, age) values ('streams', 4)");
    scenario.awaitApplied();
    assertThat(scenario.destination().changes("users")).hasSize(1);

    followTheAdvice("orders", "GRANT SELECT ON public.orders TO " + role);
    scenario.source().execute("insert into orders(description) values ('streams')");
    scenario.awaitApplied();
    assertThat(scenario.destination().copiedRows("orders")).hasSize(3);
    assertThat(scenario.destination().rowWrites("users")).isEqualTo(1);
    DeliveryAssert.assertThat(scenario.destination())
        .deliveredOnceInOrder()
        .converged(scenario.source(), "users", "orders", "sentinel");
  }

  /** A copy locks the table, and a privilege on columns does not allow that. */
  @Test
  void aTableOfWhichOnlyColumnsMayBeReadSaysWhatToGrant() throws InterruptedException {
    scenario.source().execute("grant select (id, description) on orders to " + role);
    scenario.start();
    scenario.awaitPhase("orders", Errored.class);
    Errored errored = (Errored) scenario.phase("orders");
    assertThat(errored.retryDirective()).isEqualTo(RetryDirective.MANUAL);
    scenario.awaitReady("users");
    followTheAdvice("orders", "GRANT SELECT ON public.orders TO " + role);
  }

  @Test
  void aTableWithPoliciesInAClosedSchemaSaysWhatElseToGrant() throws InterruptedException {
    scenario
        .source()
        .execute(
            """
            create schema "Closed"; create table "Closed".secret(id int primary key);
            insert into "Closed".secret values (1); alter table "Closed".secret enable row level security;
            alter publication pub drop table orders; alter publication pub add table "Closed".secret;
            """);
    scenario.start();
    scenario.awaitPhase("\"Closed\".secret", Errored.class);
    followTheAdvice(
        "\"Closed\".secret",
        "GRANT USAGE ON SCHEMA \"Closed\" TO %1$s; GRANT SELECT ON \"Closed\".secret TO %1$s; ALTER ROLE %1$s BYPASSRLS"
            .formatted(role));
    DeliveryAssert.assertThat(scenario.destination())
        .converged(scenario.source(), "\"Closed\".secret", "users");
  }

  /** The SQL that is carried out is that of the message. */
  private void followTheAdvice(String table, String expected) throws InterruptedException {
    String sql =
        ((Errored) scenario.phase(table)).solution().replace("; then resync the table", "");
    assertThat(sql).isEqualTo(expected);
    scenario.source().execute(sql);
    scenario.pipeline().resync(scenario.tableId(table));
    scenario.awaitReady();
  }

  /** A privilege taken away later does not matter: the stream asks for none. */
  @Test
  void aTableThatIsCopiedStreamsWithoutThePrivilegeToRead() throws InterruptedException {
    scenario.source().execute("grant select on orders to " + role);
    scenario.start().awaitReady();
    scenario
        .source()
        .execute(
            "revoke select on orders from %s; insert into orders(description) values ('streams')"
                .formatted(role));
    scenario.awaitApplied().stop();
    scenario.start().awaitReady();
    assertThat(scenario.phase("orders")).isInstanceOf(Ready.class);
    DeliveryAssert.assertThat(scenario.destination())
        .deliveredOnceInOrder()
        .converged(scenario.source(), "orders");
  }

  /** The leaf's policies do not hold for who reads the root. */
  @Test
  void aTableWithAGuardedLeafIsReadThroughItsRoot() throws InterruptedException {
    scenario
        .source()
        .execute(
            """
            create table p(id int primary key) partition by range (id); create table p1 partition of p for values from (0) to (10);
            insert into p values (1); grant select on p, p1 to %s; alter table p1 enable row level security;
            drop publication pub; create publication pub for table p with (publish_via_partition_root = true);
            """
                .formatted(role));
    scenario.start().awaitReady();
    assertThat(scenario.destination().copiedRows("p")).hasSize(1);
  }

  /** Login sets another role, which may do less. */
  @Test
  void aRoleThatIsSetAtLoginChangesNothing() throws InterruptedException {
    scenario
        .source()
        .execute(
            """
            create role %1$s_app; grant %1$s_app to %1$s; alter role %1$s set role = '%1$s_app';
            grant select on orders to %1$s;
            """
                .formatted(role));
    try {
      scenario.start().awaitReady();
      assertThat(scenario.destination().copiedRows("orders")).hasSize(3);
    } finally {
      scenario.stop();
      scenario.source().execute("drop role %s_app".formatted(role));
    }
  }
}

package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.schema.TableId;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Tables that become partitions, or cease to be, after the stream has come across them. Postgres 14
 * keeps sending their changes, or none, as before until it is asked by another stream.
 */
class AttachedPartitionIT {
  private static final String TABLES =
      """
      create table ev(id int, k int, data text, primary key (id, k)) partition by range (k);
      create table ev_1 partition of ev for values from (0) to (100);
      create table ev_2 partition of ev for values from (100) to (200);
      create table ev_3(like ev including all);
      create table other(id int primary key);
      insert into ev values (1, 50, 'a'), (2, 150, 'b');
      """;

  private static final String ATTACH =
      "alter table ev attach partition ev_3 for values from (200) to (300)";

  private final Scenario scenario =
      Scenario.with(TABLES)
          .options(
              builder ->
                  builder
                      .publicationRefreshInterval(Duration.ofMillis(200))
                      .shutdownTimeout(Duration.ofMillis(500)));

  @AfterEach
  void close() {
    scenario.close();
  }

  @Test
  void throughTheRootItsChangesAreSentAfterAResync() throws InterruptedException {
    scenario
        .source()
        .execute("create publication pub for table ev, other with (publish_via_partition_root)");
    scenario.start().awaitReady();
    comeAcross("insert into ev_3 values (3, 250, 'c')");
    scenario.source().execute(ATTACH);
    resyncWhenReported();
    scenario.source().execute("insert into ev values (4, 260, 'd')");
    assertConverged("ev", "other");
  }

  @Test
  void throughTheRootChangesOfADetachedTableAreNotSentAfterAResync() throws InterruptedException {
    scenario
        .source()
        .execute("create publication pub for table ev, other with (publish_via_partition_root)");
    scenario.start().awaitReady();
    comeAcross("insert into ev values (3, 60, 'c')");
    scenario.source().execute("alter table ev detach partition ev_1");
    resyncWhenReported();
    scenario.source().execute("insert into ev_1 values (4, 61, 'd')");
    assertConverged("ev", "other");
  }

  @Test
  void byLeafItIsCopiedAndFollowed() throws InterruptedException {
    scenario.source().execute("create publication pub for table ev, other");
    scenario.start().awaitReady();
    comeAcross("insert into ev_3 values (3, 250, 'c')");
    scenario.source().execute(ATTACH);
    scenario.awaitReady("ev_3");
    scenario.source().execute("insert into ev values (4, 260, 'd')");
    assertConverged("ev_1", "ev_2", "ev_3", "other");
  }

  /** The stream is opened again at the first look, too. */
  @Test
  void whatWasAttachedWhileStoppedIsFollowed() throws InterruptedException {
    scenario.source().execute("create publication pub for table ev, other");
    scenario.start().awaitReady();
    scenario.awaitApplied().stop();
    scenario.source().execute("insert into ev_3 values (3, 250, 'c');" + ATTACH);
    scenario.start().awaitReady();
    scenario.source().execute("insert into ev values (4, 260, 'd')");
    assertConverged("ev_1", "ev_2", "ev_3", "other");
  }

  /** The next process does not see the change; its stream begins before it all the same. */
  @Test
  void whatWasAttachedBeforeTheProcessEndedIsFollowed() throws InterruptedException {
    scenario
        .source()
        .execute("create publication pub for table ev, other with (publish_via_partition_root)");
    scenario.start().awaitReady();
    Hold hold = scenario.destination().on(Operation.EVENTS).once().hold();
    scenario
        .source()
        .execute("insert into ev_3 values (3, 250, 'c'); insert into other values (1)");
    hold.awaitReached();
    scenario.source().execute(ATTACH);
    awaitReport();
    scenario.stop();
    scenario.start();
    resyncWhenReported();
    scenario.source().execute("insert into ev values (4, 260, 'd')");
    assertConverged("ev", "other");
  }

  /** The server describes the root to a stream once, unless a leaf is altered. */
  @Test
  void aRootThatIsRenamedIsCalledSo() throws InterruptedException {
    scenario
        .source()
        .execute("create publication pub for table ev, other with (publish_via_partition_root)");
    scenario.start().awaitReady();
    comeAcross("insert into ev values (3, 60, 'c')");
    TableId root = scenario.tableId("ev");
    scenario.source().execute("alter table ev rename to happening");
    AtomicInteger id = new AtomicInteger(3);
    await()
        .atMost(Scenario.PATIENCE)
        .until(
            () -> {
              comeAcross(
                  "insert into happening values (%d, 60, 'd')".formatted(id.incrementAndGet()));
              return scenario.store().getTableSchema(root).orElseThrow().name().name();
            },
            "happening"::equals);
    DeliveryAssert.assertThat(scenario.destination())
        .deliveredOnceInOrder()
        .converged(scenario.source(), "happening");
  }

  /** Has the server decide how it sends the changes of a table. */
  private void comeAcross(String change) throws InterruptedException {
    scenario.source().execute(change + "; insert into other values (1) on conflict do nothing");
    scenario.awaitApplied();
  }

  private void resyncWhenReported() throws InterruptedException {
    awaitReport();
    scenario.pipeline().resync(scenario.tableId("ev"));
    scenario.awaitReady();
  }

  private void awaitReport() {
    await()
        .atMost(Scenario.PATIENCE)
        .until(
            () ->
                scenario.pipeline().status().tables().values().stream()
                    .anyMatch(table -> table.difference().isPresent()));
  }

  private void assertConverged(String... tables) throws InterruptedException {
    scenario.source().execute("insert into other values (2)");
    scenario.awaitApplied();
    DeliveryAssert.assertThat(scenario.destination())
        .deliveredOnceInOrder()
        .converged(scenario.source(), tables);
    boolean follows = TestPostgres.shared().majorVersion() >= 15;
    assertThat(scenario.pipeline().status().stream().reconnects()).isEqualTo(follows ? 0 : 1);
  }
}

package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Streams in binary format that meet a column which is not read in it go on in text. */
class BinaryFallBackIT {
  private static final String TABLES =
      """
      create table good(id int primary key, v text);
      create table places(id int primary key, v text);
      create type spot as (x int, y text);
      create publication pub for table good, places;
      insert into good values (1, 'copied'); insert into places values (1, 'copied');
      """;

  private static final String WARNING = "streams continue in text format";

  private final LogRecorder log = new LogRecorder();
  private final AtomicInteger retries = new AtomicInteger();

  @BeforeEach
  void record() {
    log.start();
  }

  @AfterEach
  void stop() {
    log.stop();
  }

  private Scenario binary(String sql) {
    return Scenario.with(sql)
        .options(builder -> builder.binary(true))
        .listener(
            new PipelineListener() {
              @Override
              public void onRetry(EtlException failure, int attempt, Duration delay) {
                retries.incrementAndGet();
              }
            });
  }

  private void assertFellBackOnce(Scenario scenario, String column) {
    assertThat(scenario.streamsBinary()).isFalse();
    assertThat(log.lines(WARNING)).hasSize(1).first().asString().contains(column);
    assertThat(retries).hasValue(0);
    assertThat(scenario.pipeline().status().stream().reconnects()).isEqualTo(1);
  }

  /** The copy of that table is text, that of the other is not; the stream is, until it meets it. */
  @Test
  void atTheFirstChangeOfATableThatWasNeverReadable() throws InterruptedException {
    try (Scenario scenario =
        binary(TABLES + "alter table places add column p spot default (1, 'a')::spot")
            .start()
            .awaitReady()) {
      scenario.source().execute("insert into good values (2, 'binary'); update good set v = 'x'");
      scenario.awaitApplied();
      assertThat(scenario.streamsBinary()).isTrue();
      assertThat(log.lines("is copied in text format"))
          .containsExactly(
              "table public.places is copied in text format: not read in binary format are"
                  + " p (public.spot)");

      scenario
          .source()
          .execute(
              "begin; insert into good values (3, 'x'); insert into places values (2, 'x', (2, 'b'));"
                  + " delete from good where id = 1; commit; update places set p = null where id = 1");
      scenario.awaitApplied();

      assertFellBackOnce(scenario, "table public.places");
      assertFellBackOnce(scenario, "p (public.spot)");
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredInOrderExceptReplays()
          .converged(scenario.source(), "good", "places");
    }
  }

  /** In the middle of a transaction that touches both before and after. */
  @Test
  void whenAColumnIsAddedWhileItStreams() throws InterruptedException {
    try (Scenario scenario = binary(TABLES).start().awaitReady()) {
      scenario
          .source()
          .execute(
              """
              insert into places values (2, 'binary'); insert into good values (2, 'binary');
              begin; insert into places values (3, 'before'); update good set v = 'before' where id = 2;
              alter table places add column p spot;
              insert into places values (4, 'after', (1, null)); update good set v = 'after' where id = 2;
              truncate good; commit;
              insert into good values (5, 'text'); update places set p = (5, 'x') where id < 3;
              """);
      scenario.awaitApplied();

      assertFellBackOnce(scenario, "p (public.spot)");
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredInOrderExceptReplays()
          .converged(scenario.source(), "good", "places");
      assertThat(scenario.versions(scenario.tableId("places"))).hasSize(1);
    }
  }

  /** Away with the column and binary is possible again, but not before the next start. */
  @Test
  void whenATypeIsChangedAndUntilTheNextStart() throws InterruptedException {
    try (Scenario scenario = binary(TABLES).start().awaitReady()) {
      scenario
          .source()
          .execute(
              """
              alter table places alter v type spot using (1, v)::spot;
              insert into places values (2, (2, 'x'));
              alter table places alter v type text using (v).y;
              insert into places values (3, 'text');
              update places set v = 'text';
              """);
      scenario.awaitApplied();
      assertFellBackOnce(scenario, "v (public.spot)");

      scenario.stop().start().awaitReady();
      scenario.source().execute("insert into places values (4, 'binary')");
      scenario.awaitApplied();

      assertThat(scenario.streamsBinary()).isTrue();
      assertThat(log.lines(WARNING)).hasSize(1);
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .converged(scenario.source(), "places");
    }
  }

  /** The table's own stream; the main one follows when it has the table. */
  @Test
  void whileATableCatchesUp() throws InterruptedException {
    try (Scenario scenario = binary(TABLES + "alter table places add column p spot")) {
      Hold copy = scenario.destination().on(Operation.ROWS).of("places").once().hold();
      scenario.start();
      copy.awaitReached();
      scenario
          .source()
          .execute(
              "insert into places values (2, 'while copying', (2, 'b')); update places set v = 'c'");
      copy.release();
      scenario.awaitReady().awaitApplied();
      assertThat(log.lines(WARNING)).hasSize(1).first().asString().contains("p (public.spot)");
      assertThat(scenario.pipeline().status().stream().reconnects()).isZero();

      scenario.source().execute("insert into places values (3, 'streamed', (3, 'c'))");
      scenario.awaitApplied();

      assertThat(log.lines(WARNING)).hasSize(1);
      assertThat(retries).hasValue(0);
      assertThat(scenario.pipeline().status().stream().reconnects()).isLessThanOrEqualTo(1);
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .deliveredRows("places", 3)
          .converged(scenario.source(), "good", "places");
    }
  }

  /** A type may have a binary format while its elements have none: then the server gives up. */
  @Test
  void whenTheServerCannotSendAValueInBinaryFormat() throws InterruptedException {
    try (Scenario scenario =
        binary(TABLES + "alter table places add column p aclitem[]").start().awaitReady()) {
      scenario
          .source()
          .execute(
              """
              insert into good values (2, 'binary');
              insert into places values (2, 'x', array[makeaclitem(10, 10, 'SELECT', true)]);
              """);
      scenario.awaitApplied();

      assertFellBackOnce(scenario, "");
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredInOrderExceptReplays()
          .deliveredRows("places", 2)
          .converged(scenario.source(), "good", "places");
    }
  }

  /** What was read before waits in the destination and is not read again. */
  @Test
  void whileTheDestinationHangs() throws InterruptedException {
    try (Scenario scenario =
        binary(TABLES + "alter table places add column p spot").start().awaitReady()) {
      Hold hold = scenario.destination().on(Operation.EVENTS).once().hold();
      scenario.source().execute("insert into good values (2, 'held')");
      hold.awaitReached();
      scenario
          .source()
          .execute(
              "insert into good values (3, 'x'); insert into places values (2, 'x', (2, 'b'))");
      await().atMost(Scenario.PATIENCE).until(() -> !log.lines(WARNING).isEmpty());
      hold.release();
      scenario.awaitApplied();

      assertFellBackOnce(scenario, "p (public.spot)");
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredOnceInOrder()
          .deliveredRows("good", 3)
          .converged(scenario.source(), "good", "places");
    }
  }

  /** The pipeline ends between the two formats; the next one meets the column anew. */
  @Test
  void andEndsInBetween() throws InterruptedException {
    try (Scenario scenario =
        binary(TABLES + "alter table places add column p spot")
            .options(builder -> builder.binary(true).shutdownTimeout(Duration.ofMillis(500)))) {
      scenario.start().awaitReady();
      Hold hold = scenario.destination().on(Operation.EVENTS).once().hold();
      scenario.source().execute("insert into good values (2, 'held')");
      hold.awaitReached();
      scenario.source().execute("insert into places values (2, 'x', (2, 'b'))");
      await().atMost(Scenario.PATIENCE).until(() -> !log.lines(WARNING).isEmpty());
      scenario.pipeline().close();

      scenario.start().awaitReady().awaitApplied();

      assertThat(log.lines(WARNING)).hasSize(2);
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredInOrderExceptReplays()
          .converged(scenario.source(), "good", "places");
    }
  }

  /** The destination's failure is its own matter, and is retried as ever. */
  @Test
  void whileTheDestinationFails() throws InterruptedException {
    try (Scenario scenario =
        binary(TABLES + "alter table places add column p spot").start().awaitReady()) {
      scenario
          .destination()
          .on(Operation.EVENTS)
          .times(2)
          .failAfterWrite(ErrorKind.DESTINATION_UNAVAILABLE);
      scenario
          .source()
          .execute(
              "insert into good values (2, 'x'); insert into places values (2, 'x', (2, 'b'))");
      scenario.awaitApplied();

      assertThat(log.lines(WARNING)).hasSize(1);
      assertThat(List.of(retries.get())).allMatch(count -> count >= 2);
      DeliveryAssert.assertThat(scenario.destination())
          .deliveredInOrderExceptReplays()
          .converged(scenario.source(), "good", "places");
    }
  }
}

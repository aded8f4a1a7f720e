package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.Pipeline;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.config.TableCopyConfig;
import dev.pgetl.destination.Destination;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.EventHandler;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A pipeline whose destination is one lambda: {@link Destination#ofEvents}. */
class EventHandlerIT {
  private final TestDatabase source = TestPostgres.shared().createDatabase();
  private final MemoryStore store = new MemoryStore();
  private final List<String> names = new CopyOnWriteArrayList<>();

  EventHandlerIT() {
    source.execute(
        """
        create table users (id int primary key, name text);
        insert into users values (1, 'before');
        create publication pub for table users;
        """);
  }

  @AfterEach
  void close() {
    store.close();
    source.close();
  }

  private Pipeline pipeline(TableCopyConfig copy, EventHandler handler) {
    PipelineConfig config =
        PipelineConfig.builder("it", "pub", source.connectionConfig())
            .tableCopy(copy)
            .tableErrorRetryDelay(Duration.ofMillis(20))
            .build();
    return Pipeline.create(config, store, Destination.ofEvents(handler));
  }

  private void react(Event event) {
    if (event instanceof Event.Insert insert) {
      names.add(insert.row().getString(1));
    }
  }

  private static Pipeline started(Pipeline pipeline) throws InterruptedException {
    pipeline.start();
    assertThat(pipeline.awaitReady(Scenario.PATIENCE)).isTrue();
    return pipeline;
  }

  private void insert(int id, String name) {
    source.execute("insert into users values (" + id + ", '" + name + "')");
  }

  @Test
  void reactsToChangesAndContinuesAfterARestart() throws InterruptedException {
    try (Pipeline pipeline = started(pipeline(TableCopyConfig.none(), this::react))) {
      insert(2, "a");
      assertThat(pipeline.awaitApplied(source.currentLsn(), Scenario.PATIENCE)).isTrue();
    }
    insert(3, "b");
    try (Pipeline pipeline = started(pipeline(TableCopyConfig.none(), this::react))) {
      assertThat(pipeline.awaitApplied(source.currentLsn(), Scenario.PATIENCE)).isTrue();
      pipeline.resync(pipeline.status().tables().keySet().iterator().next());
      assertThat(pipeline.awaitReady(Scenario.PATIENCE)).isTrue();
      insert(4, "c");
      assertThat(pipeline.awaitApplied(source.currentLsn(), Scenario.PATIENCE)).isTrue();
    }

    assertThat(names).containsExactly("a", "b", "c");
  }

  @Test
  void theExampleOfTheTutorialWorks() throws InterruptedException {
    PgConnectionConfig connection = source.connectionConfig();
    List<String> stale = new CopyOnWriteArrayList<>();
    // tag::eventHandler[]
    PipelineConfig config =
        PipelineConfig.builder("cache", "pub", connection)
            .tableCopy(TableCopyConfig.none()) // the start is refused otherwise
            .build();
    Destination cache =
        Destination.ofEvents(
            event -> {
              if (event instanceof Event.RowChange change) {
                stale.add(change.table().name().name());
              }
            });
    // end::eventHandler[]
    try (Pipeline pipeline = started(Pipeline.create(config, store, cache))) {
      insert(2, "a");
      assertThat(pipeline.awaitApplied(source.currentLsn(), Scenario.PATIENCE)).isTrue();
    }

    assertThat(stale).containsExactly("users");
  }

  @Test
  void aStartWithCopiesIsRefusedBeforeAnythingIsChanged() {
    try (Pipeline pipeline = pipeline(TableCopyConfig.all(), this::react)) {
      EtlException refused = catchThrowableOfType(EtlException.class, pipeline::start);

      assertThat(refused.kind()).isEqualTo(ErrorKind.CONFIGURATION);
      assertThat(refused.summary())
          .contains("copy the rows of public.users: the destination takes events only");
      assertThat(source.slots()).isEmpty();
      assertThat(store.getTableReplicationStates()).isEmpty();
    }
  }

  @Test
  void anEventThatFailsIsRetriedWithoutThoseBeforeIt() throws InterruptedException {
    AtomicInteger failures = new AtomicInteger();
    EventHandler flaky =
        event -> {
          if (event instanceof Event.Insert insert
              && "b".equals(insert.row().getString(1))
              && failures.incrementAndGet() < 3) {
            throw new IOException("away");
          }
          react(event);
        };
    try (Pipeline pipeline = started(pipeline(TableCopyConfig.none(), flaky))) {
      source.execute("insert into users values (2, 'a'), (3, 'b'), (4, 'c')");
      assertThat(pipeline.awaitApplied(source.currentLsn(), Scenario.PATIENCE)).isTrue();
    }

    assertThat(failures).hasValue(3);
    assertThat(names).containsExactly("a", "b", "c");
  }

  @Test
  void aBugEndsThePipelineAndTheEventComesAgain() throws InterruptedException {
    EventHandler broken =
        event -> {
          if (event instanceof Event.Insert) {
            throw new IllegalStateException("bug");
          }
        };
    try (Pipeline pipeline = started(pipeline(TableCopyConfig.none(), broken))) {
      insert(2, "a");
      EtlException failure = catchThrowableOfType(EtlException.class, pipeline::awaitTermination);

      assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_FAILED);
      assertThat(failure.getMessage()).contains("handling insert of table public.users");
    }
    try (Pipeline pipeline = started(pipeline(TableCopyConfig.none(), this::react))) {
      await().atMost(Scenario.PATIENCE).until(() -> names.contains("a"));
      assertThat(pipeline.status().tables()).hasSize(1);
    }
  }
}

package dev.pgetl.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.random.Seed;
import dev.pgetl.schema.TableId;
import dev.pgetl.store.TableReplicationPhase.Init;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.store.TableReplicationPhase.SyncDone;
import dev.pgetl.store.memory.InMemoryLayer;
import dev.pgetl.store.memory.LayerContents;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.store.memory.PersistentLayer;
import dev.pgetl.store.memory.RandomChanges;
import dev.pgetl.store.memory.StoreChange;
import dev.pgetl.store.memory.StoreChange.CopyRangesDeleted;
import dev.pgetl.store.memory.StoreChange.CopyRangesStored;
import dev.pgetl.store.memory.StoreChange.MappingStored;
import dev.pgetl.store.memory.StoreChange.PhaseStored;
import dev.pgetl.testkit.net.TcpProxy;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

@ExtendWith(PostgresExtension.class)
class PostgresLayerIT {
  @RegisterExtension private static final Seed SEED = Seed.of("store");
  private static final TableId TABLE = new TableId(16384);
  private static final String STORE_SESSIONS =
      "select pid from pg_stat_activity where application_name = 'pgetl/orders/store'";

  private static PostgresLayer layer(TestDatabase database) {
    return PostgresLayer.builder(database.connectionConfig(), "orders").build();
  }

  private static StoreChange mapping(String name) {
    return new MappingStored(TABLE, name);
  }

  @Test
  void addsUpToTheSameStateAsTheSimulatedLayer(TestDatabase database) {
    assertAddsUp(database);
  }

  @Test
  void keepsEveryNameInADatabaseOfAnotherEncoding(TestPostgres server) {
    try (TestDatabase latin =
        server.createDatabase("encoding 'LATIN1' locale 'C' template template0")) {
      assertAddsUp(latin);
    }
  }

  @Test
  void changesThatAreWrittenTogetherAddUp(TestDatabase database) {
    RandomChanges changes = new RandomChanges(SEED.value());
    PersistentLayer model = new InMemoryLayer();
    try (PostgresLayer layer = layer(database)) {
      for (int i = 1; i <= 60; i++) {
        List<StoreChange> some = Stream.generate(changes::next).limit(10).toList();
        layer.writeAll(some);
        some.forEach(model::write);
        assertThat(LayerContents.of(layer))
            .as("after %s calls", i)
            .isEqualTo(LayerContents.of(model));
      }
    }
  }

  @Test
  void thePhasesOfSeveralTablesTakeFewCommits(TestDatabase database) {
    try (PostgresLayer layer = layer(database)) {
      layer.writeAll(
          LongStream.rangeClosed(1, 1000)
              .<StoreChange>mapToObj(id -> new PhaseStored(new TableId(id), new Ready()))
              .toList());
      assertThat(database.value("select count(*) from pgetl.table_phase")).isEqualTo("1000");
      String commits = "select count(distinct xmin::text) from pgetl.table_phase";
      assertThat(Integer.parseInt(database.value(commits))).isLessThan(20);
    }
  }

  private static void assertAddsUp(TestDatabase database) {
    RandomChanges changes = new RandomChanges(SEED.value());
    PersistentLayer model = new InMemoryLayer();
    try (PostgresLayer layer = layer(database)) {
      for (int i = 1; i <= 600; i++) {
        StoreChange change = changes.next();
        layer.write(change);
        model.write(change);
        if (i % 50 == 0) {
          assertThat(LayerContents.of(layer))
              .as("after %s changes", i)
              .isEqualTo(LayerContents.of(model));
        }
      }
    }
    try (PostgresLayer layer = layer(database)) {
      assertThat(LayerContents.of(layer)).isEqualTo(LayerContents.of(model));
    }
  }

  @Test
  void keepsALimitedHistory(TestDatabase database) {
    PersistentLayer model = new InMemoryLayer();
    try (PostgresLayer layer = layer(database)) {
      for (int i = 1; i <= 2 * PersistentLayer.PHASE_HISTORY; i++) {
        StoreChange change = new StoreChange.PhaseStored(TABLE, new SyncDone(new Lsn(i)));
        layer.write(change);
        model.write(change);
      }
      assertThat(LayerContents.of(layer)).isEqualTo(LayerContents.of(model));
      assertThat(database.value("select count(*) from pgetl.table_phase"))
          .isEqualTo(Integer.toString(PersistentLayer.PHASE_HISTORY));
    }
  }

  @Test
  void keepsPipelinesOfOneSchemaApart(TestDatabase database) {
    try (PostgresLayer orders = layer(database);
        PostgresLayer users = PostgresLayer.builder(database.connectionConfig(), "users").build()) {
      orders.write(mapping("orders"));
      users.write(mapping("users"));
      users.write(new CopyRangesStored(TABLE, "users"));
      orders.write(new CopyRangesStored(TABLE, "orders"));
      orders.write(new CopyRangesDeleted(TABLE));
      orders.write(new StoreChange.TableForgotten(TABLE));
      assertThat(LayerContents.of(orders).mappings()).isEmpty();
      assertThat(LayerContents.of(users).mappings()).containsEntry(TABLE, "users");
      assertThat(LayerContents.of(users).copies()).containsEntry(TABLE, "users");
      database.execute("delete from pgetl.pipeline where name = 'orders'");
      assertThat(LayerContents.of(users).mappings()).containsEntry(TABLE, "users");
    }
  }

  @Test
  void refusesASecondProcessNamingTheFirst(TestDatabase database) {
    try (PostgresLayer second = impatient(database.connectionConfig())) {
      try (PostgresLayer first = layer(database)) {
        first.write(mapping("first"));
        ListAppender<ILoggingEvent> log = recorded();
        assertThatExceptionOfType(EtlException.class)
            .isThrownBy(() -> second.write(mapping("second")))
            .withMessageContaining("pgetl/orders/store")
            .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_LOCKED));
        assertThat(log.list)
            .extracting(ILoggingEvent::getFormattedMessage)
            .singleElement()
            .asString()
            .startsWith("waiting for the state of pipeline orders in schema pgetl: \"pgetl/orders");
      }
      second.write(mapping("second"));
      assertThat(LayerContents.of(second).mappings()).containsEntry(TABLE, "second");
    }
  }

  private static ListAppender<ILoggingEvent> recorded() {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    Logger claims = (Logger) LoggerFactory.getLogger(OwnershipClaim.class);
    claims.setLevel(Level.INFO);
    claims.addAppender(log);
    return log;
  }

  private static PostgresLayer impatient(PgConnectionConfig connection) {
    return PostgresLayer.builder(connection, "orders").answerTimeout(Duration.ofSeconds(2)).build();
  }

  @Test
  void takesItsLockBackFromAConnectionThatHangs(TestDatabase database) {
    TestPostgres server = database.server();
    try (TcpProxy proxy = TcpProxy.to(server.host(), server.port());
        PostgresLayer layer = impatient(database.connection().port(proxy.port()).build())) {
      layer.write(mapping("before"));
      proxy.halfOpen();
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(() -> layer.write(mapping("lost")))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE));
      proxy.heal();
      layer.write(mapping("after"));
      awaitOneStoreSession(database);
      assertThat(LayerContents.of(layer).mappings()).containsEntry(TABLE, "after");
    }
  }

  @Test
  void connectsAgainAfterTheConnectionWasLost(TestDatabase database) {
    try (MemoryStore store = new MemoryStore(layer(database))) {
      store.updateTableReplicationState(TABLE, new Init());
      killStoreSessions(database);
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(() -> store.updateTableReplicationState(TABLE, new Ready()))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE));
      assertThat(store.getTableReplicationState(TABLE)).contains(new Init());
      store.updateTableReplicationState(TABLE, new Ready());
      assertThat(store.rollbackTableReplicationState(TABLE)).isEqualTo(new Init());
    }
  }

  /** A pipeline that starts again reads the store first: the server is there. */
  @Test
  void readsAlthoughItsConnectionWasLostWhileItWasIdle(TestDatabase database) {
    try (MemoryStore store = new MemoryStore(layer(database))) {
      store.updateTableReplicationState(TABLE, new Init());
      killStoreSessions(database);
      assertThat(store.loadTableReplicationStates()).isEqualTo(1);
      assertThat(store.getTableReplicationState(TABLE)).contains(new Init());
    }
  }

  @Test
  void givesUpWhenAnotherProcessCameBetween(TestDatabase database) {
    try (PostgresLayer first = layer(database)) {
      first.write(mapping("first"));
      killStoreSessions(database);
      try (PostgresLayer second = layer(database)) {
        second.write(mapping("second"));
      }
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(() -> first.write(mapping("lost connection")))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE));
      for (int i = 0; i < 2; i++) {
        assertThatExceptionOfType(EtlException.class)
            .isThrownBy(() -> first.write(mapping("lost right")))
            .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_LOCKED));
      }
    }
    try (PostgresLayer third = layer(database)) {
      assertThat(LayerContents.of(third).mappings()).containsEntry(TABLE, "second");
    }
  }

  @Test
  void rowsThatWereRemovedWhileInUseAreAnErrorWithTheWayBack(TestDatabase database) {
    String fix = "copied again, after the destination was asked to empty it";
    try (PostgresLayer layer = layer(database)) {
      layer.write(mapping("first"));
      database.execute("delete from pgetl.pipeline where name = 'orders'");
      assertRemoved(layer, fix);
      assertRemoved(layer, fix);
    }
    try (PostgresLayer layer = layer(database)) {
      layer.write(mapping("first"));
      database.execute("drop schema pgetl cascade");
      assertRemoved(layer, fix);
    }
  }

  @Test
  void givesUpWhenItsNumberBelongsToAnotherPipelineSince(TestDatabase database) {
    try (PostgresLayer layer = layer(database)) {
      layer.write(mapping("first"));
      killStoreSessions(database);
      database.execute("drop schema pgetl cascade");
      try (PostgresLayer users =
          PostgresLayer.builder(database.connectionConfig(), "users").build()) {
        users.write(mapping("users"));
      }
      assertThatExceptionOfType(EtlException.class)
          .isThrownBy(() -> layer.write(mapping("lost connection")));
      assertRemoved(layer, "copied again");
      assertThat(database.value("select max(change ->> 'destination') from pgetl.table_mapping"))
          .isEqualTo("users");
    }
  }

  private static void assertRemoved(PostgresLayer layer, String fix) {
    assertThatExceptionOfType(EtlException.class)
        .isThrownBy(() -> layer.write(mapping("lost")))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE))
        .satisfies(e -> assertThat(e.retry()).isEqualTo(RetryDirective.MANUAL))
        .satisfies(e -> assertThat(e.fix()).contains(fix));
  }

  /** Its lock, which no session could release, must not keep the layer itself out. */
  @Test
  void anOpenWhoseConnectionHangsHalfWayLocksNoProcessOut(TestDatabase database) throws Exception {
    TestPostgres server = database.server();
    layer(database).write(mapping("first"));
    killStoreSessions(database);
    try (TcpProxy proxy = TcpProxy.to(server.host(), server.port());
        PostgresLayer layer = impatient(database.connection().port(proxy.port()).build());
        Connection blocker = database.connect();
        Statement statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("select from pgetl.pipeline for update");
      ExecutorService executor = Executors.newSingleThreadExecutor();
      try {
        Future<?> opening = executor.submit(() -> layer.write(mapping("lost")));
        await()
            .until(
                () -> database.query(STORE_SESSIONS + " and wait_event_type = 'Lock'").size() == 1);
        proxy.halfOpen();
        assertThatExceptionOfType(ExecutionException.class).isThrownBy(opening::get);
      } finally {
        executor.shutdownNow();
      }
      blocker.rollback();
      proxy.heal();
      layer.write(mapping("after"));
      awaitOneStoreSession(database);
    }
  }

  /** Postgres would cut the name, and the tables would not be found again. */
  @Test
  void refusesANameThatPostgresWouldCut(TestDatabase database) {
    PostgresLayer.Builder builder =
        PostgresLayer.builder(database.connectionConfig(), "orders").schema("ä" + "x".repeat(61));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.schema("ä" + "x".repeat(62)))
        .withMessageContaining("64");
  }

  /** The other one has released its lock, and is about to end. */
  private static void awaitOneStoreSession(TestDatabase database) {
    await().until(() -> database.query(STORE_SESSIONS).size() == 1);
  }

  private static void killStoreSessions(TestDatabase database) {
    String kill = "select pg_terminate_backend(pid, 5000) from (" + STORE_SESSIONS + ") store";
    assertThat(database.query(kill)).hasSize(1);
  }

  @Test
  void isUselessAfterClose(TestDatabase database) {
    PostgresLayer layer = layer(database);
    layer.write(mapping("kept"));
    layer.close();
    layer.close();
    assertThatIllegalStateException().isThrownBy(() -> layer.write(mapping("late")));
    await("the end of its session").until(() -> database.query(STORE_SESSIONS).isEmpty());
  }
}

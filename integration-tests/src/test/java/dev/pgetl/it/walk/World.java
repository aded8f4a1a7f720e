package dev.pgetl.it.walk;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.InvalidatedSlotBehavior;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.store.memory.FileLayer;
import dev.pgetl.store.memory.PersistentLayer;
import dev.pgetl.store.postgres.PostgresLayer;
import dev.pgetl.testkit.net.TcpProxy;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Everything that steps act on. Owned by the walk's thread. */
final class World implements AutoCloseable {
  static final String ROLE = "walker";
  static final String SLOT = "pgetl_apply_walk";

  private final PostgresCluster cluster;
  private final Settings settings;
  private final Source source;
  private final Places places;
  private final Target target = new Target();
  private final Orders orders = new Orders();
  private final Expected expected = new Expected();
  private final Heard heard = new Heard();
  private final List<Connection> openTransactions = new ArrayList<>();
  private final List<Thread> dying = new ArrayList<>();
  private RandomGenerator random = new SplittableRandom(0);
  private final List<String> undo = new ArrayList<>();
  private boolean binary;
  private @Nullable Step current;
  private @Nullable Instance instance;
  private Set<Long> carried = Set.of();
  private long number = 1_000;
  private int attempt;

  World(PostgresCluster cluster, Settings settings, Path directory) throws SQLException {
    this.cluster = cluster;
    this.settings = settings;
    this.places = new Places(directory);
    this.binary = settings.binary();
    TestDatabase database = cluster.createDatabase();
    this.source = new Source(database);
    for (String sql : InitialTables.sql(settings, database.name())) {
      source.run(sql);
    }
    source.refresh();
  }

  /** {@return a new cluster, which has the pipeline's role} */
  static PostgresCluster newCluster() {
    PostgresCluster cluster = PostgresCluster.builder().start();
    try (TestDatabase database = cluster.createDatabase()) {
      database.execute("create role " + ROLE + " login replication password 'secret'");
    }
    return cluster;
  }

  PostgresCluster cluster() {
    return cluster;
  }

  Settings settings() {
    return settings;
  }

  Source source() {
    return source;
  }

  Target target() {
    return target;
  }

  Orders orders() {
    return orders;
  }

  Expected expected() {
    return expected;
  }

  Heard heard() {
    return heard;
  }

  Places places() {
    return places;
  }

  /** {@return the numbers that decide what the current step does} */
  RandomGenerator random() {
    return random;
  }

  /** {@return a number that no row has yet} */
  long nextNumber() {
    number++;
    return number;
  }

  /** Does a step with its seed. */
  void take(Step step, long seed) throws Exception {
    random = new SplittableRandom(seed);
    current = step;
    step.act().on(this);
  }

  /** The current step may lead to its reports and copies for a table. */
  void concerns(long table) {
    Step step = Objects.requireNonNull(current, "step");
    if (!step.reports().isEmpty()) {
      expected.report(table, step.reports());
    }
    if (step.copies()) {
      expected.copy(table);
    }
  }

  /** The current step may lead to its reports and copies for every table. */
  void concernsAll() {
    concerns(Expected.ALL);
  }

  /** The current step disturbs connections: a start in progress may fail, and is repeated. */
  void disturb() {
    if (instance != null && instance.isStarting()) {
      expected.report(
          Expected.ALL, Set.of(ErrorKind.SOURCE_UNAVAILABLE, ErrorKind.STORE_UNAVAILABLE));
    }
  }

  /** A table and its partitions may differ without a report. */
  void limit(Shape table, String why) throws SQLException {
    for (Shape member : source.family(table)) {
      expected.limit(member.oid(), why);
    }
  }

  /** A table and its partitions may differ if the status says so at the next look. */
  void warning(Shape table, String why) throws SQLException {
    for (Shape member : source.family(table)) {
      expected.warning(member.oid(), why);
    }
  }

  /** Every table may differ without a report. */
  void limitAll(String why) {
    source.tables().forEach(table -> expected.limit(table.oid(), why));
  }

  /** Runs SQL before both sides are compared, to undo what a step did to the server. */
  void undoWith(String sql) {
    undo.add(sql);
  }

  /** The next process asks for values in the other format. */
  void switchFormat() {
    binary = !binary;
  }

  /** {@return the process that runs the pipeline; null if there is none} */
  @Nullable Instance instance() {
    return instance;
  }

  Instance requireInstance() {
    return Objects.requireNonNull(instance, "no process");
  }

  /** {@return the tables the last process carried when it was last looked at} */
  Set<Long> carried() {
    return carried;
  }

  void carried(Set<Long> tables) {
    carried = Set.copyOf(tables);
  }

  /** Starts a process in the background, unless one is there. */
  void start(boolean recreate) {
    startAt(cluster.server(), recreate);
  }

  /** Starts a process whose address leads to a server. */
  void startAt(TestPostgres server, boolean recreate) {
    if (instance == null) {
      instance = process(server, recreate, places.state(), target);
      instance.start();
    }
  }

  /** {@return another process of this pipeline, with a state and a destination of its own} */
  Instance rival() {
    return process(cluster.server(), false, places.rival(), new Target());
  }

  private Instance process(TestPostgres server, boolean recreate, Path state, Target into) {
    TcpProxy proxy = TcpProxy.to(server.host(), server.port());
    Front front = new Front(into, into == target ? orders : new Orders(), settings.accepts());
    return new Instance(config(proxy, recreate), proxy, layer(proxy, state), front, heard);
  }

  /** {@return the layer of the pipeline's state, as a process behind a proxy opens it} */
  private MortalLayer layer(TcpProxy proxy, Path state) {
    PersistentLayer layer =
        settings.store() == Settings.Store.FILE || state.equals(places.rival())
            ? FileLayer.open(state)
            : PostgresLayer.builder(connection(proxy), "walk")
                .answerTimeout(Duration.ofSeconds(4))
                .build();
    return new MortalLayer(layer);
  }

  PgConnectionConfig connection(TcpProxy proxy) {
    return PgConnectionConfig.builder(proxy.host(), source.database().name(), ROLE)
        .port(proxy.port())
        .password("secret")
        .walSenderTimeout(Duration.ofSeconds(3))
        .lockTimeout(Duration.ofSeconds(2))
        .build();
  }

  PipelineConfig config(TcpProxy proxy, boolean recreate) {
    return PipelineConfig.builder("walk", "pub", connection(proxy))
        .binary(binary)
        .batch(BatchConfig.builder().maxSize(5 + random.nextInt(200)).build())
        .maxTableSyncWorkers(1 + random.nextInt(4))
        .tableErrorRetryDelay(Duration.ofMillis(100))
        .tableErrorRetryMaxAttempts(12)
        .publicationRefreshInterval(Duration.ofMillis(200))
        .shutdownTimeout(Duration.ofSeconds(1))
        .invalidatedSlotBehavior(
            recreate ? InvalidatedSlotBehavior.RECREATE : InvalidatedSlotBehavior.ERROR)
        .build();
  }

  /** Ends the process as an operator does. */
  void stop() throws InterruptedException {
    Instance ending = instance;
    if (ending != null) {
      instance = null;
      look(ending);
      ending.stop();
    }
  }

  /** Ends the process as {@code kill -9} does; its state is what it left. */
  void kill() throws IOException, InterruptedException {
    Instance ending = instance;
    if (ending != null) {
      instance = null;
      look(ending);
      dying.add(ending.kill());
      places.leaveState();
    }
  }

  private void look(Instance ending) throws InterruptedException {
    if (ending.failure().isEmpty()) {
      Set<Long> tables = new HashSet<>();
      ending.status().tables().keySet().forEach(id -> tables.add(id.oid()));
      carried = tables;
    }
  }

  /** {@return whether a process streams, as soon as nothing keeps it from its work} */
  boolean isStreaming() throws Exception {
    heal();
    start(false);
    return requireInstance().isStreaming(source.position());
  }

  /** {@return whether all tables are applied, as soon as nothing keeps a process from its work} */
  boolean isAtWork() throws Exception {
    return isStreaming() && requireInstance().isAtWork(source.position());
  }

  /** Opens a transaction that stays open until both sides are compared. */
  void openTransaction(String... statements) throws SQLException {
    Connection session = source.database().connect();
    openTransactions.add(session);
    session.setAutoCommit(false);
    try (Statement jdbc = session.createStatement()) {
      jdbc.execute("set lock_timeout = '2s'");
      for (String statement : statements) {
        jdbc.execute(statement);
      }
    }
  }

  /** Ends everything that keeps the pipeline from its work. */
  void heal() throws SQLException {
    orders.clear();
    Instance running = instance;
    if (running != null) {
      running.proxy().heal();
    }
    if (!cluster.isRunning()) {
      cluster.start();
    }
    for (Connection session : openTransactions) {
      try (session) {
        session.commit();
      } catch (SQLException ignored) {
        // The server ended it.
      }
    }
    openTransactions.clear();
    for (String sql : undo) {
      source.run(sql);
    }
    undo.clear();
    for (List<@Nullable String> row :
        source.query("select gid from pg_prepared_xacts where database = current_database()")) {
      source.run("commit prepared '" + row.get(0) + "'");
    }
  }

  /** {@return a further number for names that no other walk step has used} */
  int nextAttempt() {
    attempt++;
    return attempt;
  }

  @Override
  public void close() throws Exception {
    orders.clear();
    stop();
    for (Thread thread : dying) {
      thread.join(30_000);
    }
    for (Connection session : openTransactions) {
      session.close();
    }
    source.close();
    source.database().close();
    places.close();
  }
}

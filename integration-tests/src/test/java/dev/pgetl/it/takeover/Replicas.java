package dev.pgetl.it.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.it.takeover.Calls.Call;
import dev.pgetl.testkit.net.TcpProxy;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A database that is written to all the time, and the replicas of a pipeline on it. */
final class Replicas implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Replicas.class);
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(10);

  private final Path directory;
  private final Path journal;
  private final TestDatabase source = TestPostgres.shared().createDatabase();
  private final Map<String, ReplicaProcess> processes = new LinkedHashMap<>();
  private final AtomicLong written = new AtomicLong();
  private final Thread writer = new Thread(this::write, "writer");
  private final int rate;
  private volatile boolean stopped;

  /**
   * Begins to write.
   *
   * @param rate transactions a second
   */
  Replicas(Path directory, int rate) {
    this.directory = directory;
    this.journal = directory.resolve("calls");
    this.rate = rate;
    source.execute("create table t (id bigint primary key); create publication pub for table t;");
    writer.start();
  }

  private void write() {
    try (Connection connection = source.connect();
        PreparedStatement insert = connection.prepareStatement("insert into t values (?)")) {
      long next = System.nanoTime();
      for (long id = 1; !stopped; id++) {
        insert.setLong(1, id);
        int unused = insert.executeUpdate();
        written.set(id);
        next += TimeUnit.SECONDS.toNanos(1) / rate;
        LockSupport.parkNanos(next - System.nanoTime());
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  TestDatabase source() {
    return source;
  }

  ReplicaProcess start(String name, String... options) {
    return start(name, List.of(url(), journal.toString(), name), options);
  }

  /** Starts one that reaches the store through a proxy. */
  ReplicaProcess start(String name, TcpProxy toStore, String... options) {
    String direct = source.server().host() + ":" + source.server().port();
    String store = url().replace(direct, "127.0.0.1:" + toStore.port());
    return start(name, List.of(url(), journal.toString(), name, store), options);
  }

  private ReplicaProcess start(String name, List<String> arguments, String... options) {
    ReplicaProcess process = ReplicaProcess.start(directory, name, arguments, options);
    processes.put(name, process);
    return process;
  }

  private String url() {
    TestPostgres server = source.server();
    return source.jdbcUrl()
        + "?user="
        + server.username()
        + "&password="
        + server.password().reveal();
  }

  Calls calls() {
    return Calls.read(journal);
  }

  /** Waits until a replica has delivered events in an epoch of its own. */
  Call awaitEvents(long epoch) {
    return awaitEvents(epoch, 0);
  }

  /**
   * Waits until a replica has delivered events in an epoch of its own.
   *
   * @param from how much of the journal was there before
   */
  Call awaitEvents(long epoch, long from) {
    return await("events of epoch " + epoch)
        .atMost(LIMIT)
        .pollInterval(POLL)
        .until(
            () ->
                Calls.read(journal, from).since(epoch).stream()
                    .filter(call -> call.stream().equals("events"))
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  /** Waits until the source has been written to. */
  void awaitWritten(int transactions) {
    long until = written.get() + transactions;
    await("transactions").atMost(LIMIT).pollInterval(POLL).until(() -> written.get() >= until);
  }

  /** {@return the last epoch that a replica has begun} */
  long epoch() {
    return lastOwner().epoch();
  }

  /** {@return the replica that has begun the last epoch} */
  ReplicaProcess owner() {
    return process(lastOwner().replica());
  }

  private Call lastOwner() {
    return calls().calls().stream().max(Comparator.comparing(Call::epoch)).orElseThrow();
  }

  /** {@return the last call with rows before another one} */
  Call lastBefore(Call call) {
    return calls().calls().stream()
        .filter(each -> each.hasRows() && each.nanos() < call.nanos())
        .max(Comparator.comparing(Call::nanos))
        .orElseThrow();
  }

  /** {@return how much of the journal is there: it ends with a line} */
  long journalled() {
    return journal.toFile().length();
  }

  ReplicaProcess process(String name) {
    return Objects.requireNonNull(processes.get(name));
  }

  /** Waits until all that is written by now has arrived. */
  void awaitDelivered() {
    long last = written.get();
    await("row " + last).atMost(LIMIT).until(() -> calls().ids().contains(last));
  }

  /** Nothing is lost, and the promise about epochs was kept. */
  void assertComplete() {
    stopped = true;
    try {
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
    awaitDelivered();
    Calls calls = calls();
    assertThat((long) calls.ids().size()).as("rows").isEqualTo(written.get());
    assertThat(calls.violations()).isEmpty();
  }

  @Override
  public void close() {
    stopped = true;
    processes.values().forEach(ReplicaProcess::close);
    processes.values().forEach(process -> LOG.debug("{}: {}", process.name(), process.output()));
    source.close();
  }
}

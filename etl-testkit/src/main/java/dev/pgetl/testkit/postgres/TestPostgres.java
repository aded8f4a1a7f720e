package dev.pgetl.testkit.postgres;

import dev.pgetl.config.Secret;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * A Postgres server in which tests create databases.
 *
 * <p>The shared one is, in this order: the server at the address in the environment variable
 * {@value #ADDRESS_VARIABLE} (a JDBC URL with a superuser's {@code user} and {@code password}); a
 * container, where Testcontainers is on the class path and a Docker engine answers; a cluster of
 * the Postgres binaries on the class path. The system property {@value #VERSION_PROPERTY} names the
 * major version, 17 unless set; a server of another one is refused.
 *
 * <p>Thread-safe.
 */
public final class TestPostgres {
  /** The environment variable that names a server to use instead of one of the kit's own. */
  public static final String ADDRESS_VARIABLE = "PGETL_TEST_POSTGRES_URL";

  /** The system property that names the major version. */
  public static final String VERSION_PROPERTY = "pg.version";

  /**
   * The system property that names the folder in which servers from the binaries on the class path
   * keep their files. They keep them in the temporary directory if it is not set, or if the folder
   * is absent or has less than 10 GB left. A folder in memory ({@code /dev/shm}) makes tests
   * faster.
   */
  public static final String FOLDER_PROPERTY = "pg.folder";

  private static final AtomicInteger DATABASE_NUMBER = new AtomicInteger();

  private final ServerAddress address;
  private final BooleanSupplier running;
  private final TestDatabase maintenance;

  TestPostgres(ServerAddress address, BooleanSupplier running) {
    this.address = address;
    this.running = running;
    this.maintenance = new TestDatabase(this, address, ServerAddress.MAINTENANCE_DATABASE);
  }

  /**
   * {@return the server that all tests of this JVM share} It is started by the first call and goes
   * with the JVM.
   *
   * @throws IllegalStateException if none is available; the message names the fix
   */
  public static TestPostgres shared() {
    return SharedServer.get();
  }

  /** {@return the host name or address} */
  public String host() {
    return address.host();
  }

  /** {@return the TCP port} */
  public int port() {
    return address.port();
  }

  /** {@return a superuser} */
  public String username() {
    return address.login().username();
  }

  /** {@return the superuser's password} */
  public Secret password() {
    return address.login().password();
  }

  /** {@return the server's major version, for example 17} */
  public int majorVersion() {
    return Integer.parseInt(maintenance.value("show server_version_num")) / 10_000;
  }

  /**
   * {@return a new database in UTF-8, with the functions of schema {@code kit}; it is dropped when
   * it is closed}
   */
  public TestDatabase createDatabase() {
    return createDatabase("");
  }

  /**
   * {@return a new database; it is dropped when it is closed}
   *
   * @param options of {@code CREATE DATABASE}, for example {@code encoding 'LATIN1' template
   *     template0}
   */
  public TestDatabase createDatabase(String options) {
    String name = "test_" + ProcessHandle.current().pid() + "_" + DATABASE_NUMBER.incrementAndGet();
    execute("create database " + name + " " + options);
    TestDatabase database = new TestDatabase(this, address, name);
    database.execute(KitFunctions.SQL);
    return database;
  }

  /**
   * {@return a database that is there already} A standby has those of its primary. Closing it drops
   * it.
   *
   * @param name the database
   */
  public TestDatabase database(String name) {
    return new TestDatabase(this, address, name);
  }

  /** A new connection to the maintenance database. */
  Connection connect() throws SQLException {
    return maintenance.connect();
  }

  /** Runs one statement in the maintenance database. */
  void execute(String statement) {
    maintenance.execute(statement);
  }

  /** {@return the first value of a query in the maintenance database} */
  String value(String query) {
    return maintenance.value(query);
  }

  /** Whether the server can be asked anything. */
  boolean isRunning() {
    return running.getAsBoolean();
  }
}

package dev.pgetl.it.values;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.it.Scenario;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings of a role, of a database and of the JVM change no byte. */
class SettingsIT {
  private static final List<String> SETTINGS =
      List.of(
          "DateStyle = 'German, DMY'",
          "IntervalStyle = 'iso_8601'",
          "bytea_output = 'escape'",
          "extra_float_digits = -15",
          "TimeZone = 'Asia/Kolkata'",
          "search_path = hostile, public, pg_catalog",
          "client_encoding = 'LATIN1'",
          "quote_all_identifiers = on",
          "standard_conforming_strings = off",
          "xmlbinary = 'hex'",
          "xmloption = 'document'",
          "row_security = off",
          "default_transaction_isolation = 'serializable'",
          "default_transaction_deferrable = on",
          "default_transaction_read_only = on",
          "idle_session_timeout = '200ms'",
          "idle_in_transaction_session_timeout = '200ms'",
          "lock_timeout = '1ms'",
          "statement_timeout = '1ms'",
          "wal_sender_timeout = '1s'");

  private static final String MONEY =
      "create table m(id int generated always as identity primary key, v money, vs money[], shown text, all_shown text);"
          + " create publication pub for table m;";

  /** Things with the names of the catalogue's, found first on the hostile search path. */
  private static final String HOSTILE_SCHEMA =
      """
      create schema hostile; grant usage on schema hostile to public;
      create table hostile.pg_class(oid oid, relname name); create table hostile.pg_attribute(attrelid oid);
      create table hostile.pg_type(oid oid); create table hostile.pg_publication_tables(pubname name);
      create function hostile.pg_get_expr(pg_node_tree, oid) returns text language sql as $$ select 'hostile' $$;
      create function hostile.current_setting(text) returns text language sql as $$ select 'hostile' $$;
      create domain hostile.text as int;
      """;

  /** What the settings are of: 1 stands for the role, 2 for the database. */
  @ParameterizedTest
  @ValueSource(
      strings = {"alter role %1$s", "alter database %2$s", "alter role %1$s in database %2$s"})
  void settingsOfRoleAndDatabaseChangeNothing(String target)
      throws InterruptedException, SQLException {
    SampleTable table = new SampleTable(TestPostgres.shared().majorVersion());
    try (Scenario scenario = Scenario.with(table.create() + HOSTILE_SCHEMA);
        Connection unsuspecting = scenario.source().connect();
        Statement sql = unsuspecting.createStatement()) {
      String database = scenario.source().name();
      String role = "hostile_" + database;
      sql.execute("create role " + role + " login replication password 'secret'");
      sql.execute("grant select on sample to " + role);
      sql.execute(table.insert());
      set(sql, target.formatted(role, database));
      try {
        scenario.connection(connection -> connection.username(role).password("secret"));
        scenario.start().awaitReady();
        sql.execute(table.insert());
        scenario.awaitApplied().stop();
        assertThat(table.differences(scenario)).isEmpty();
      } finally {
        scenario.pipeline().close();
        sql.execute("alter database " + database + " reset all");
        sql.execute("drop owned by " + role);
        sql.execute("drop role " + role);
      }
    }
  }

  private static void set(Statement sql, String target) throws SQLException {
    for (String setting : SETTINGS) {
      sql.execute(target + " set " + setting);
    }
    if (sql.getConnection().getMetaData().getDatabaseMajorVersion() >= 17) {
      sql.execute(target + " set transaction_timeout = '200ms'");
    }
  }

  /**
   * Two, no and three digits behind the point, as far as the server's machine has them. What others
   * wrote and read is delivered, whatever the role of the pipeline has.
   */
  @ParameterizedTest
  @ValueSource(strings = {"C", "de_DE.utf8", "ja_JP.utf8", "ar_KW.utf8"})
  void moneyIsWorthWhatItIsWorthInTheDatabase(String locale)
      throws InterruptedException, SQLException {
    try (Scenario scenario = Scenario.with(MONEY)) {
      assumeThat(setLocale(scenario, locale)).isTrue();
      insertMoney(scenario);
      scenario.start().awaitReady();
      insertMoney(scenario);
      scenario.awaitApplied().stop();
      assertThat(scenario.destination().materialise("m"))
          .hasSize(2)
          .allSatisfy(row -> assertThat(row.text("v")).isEqualTo(row.text("shown")))
          .allSatisfy(row -> assertThat(row.text("vs")).isEqualTo(row.text("all_shown")));
    }
  }

  /** {@return whether the server has it} */
  private static boolean setLocale(Scenario scenario, String locale) {
    try {
      scenario
          .source()
          .execute(
              "alter database %s set lc_monetary = '%s'"
                  .formatted(scenario.source().name(), locale));
      return true;
    } catch (IllegalStateException expected) {
      return false;
    }
  }

  /** A row that says how an application sees it; settings hold for new connections. */
  private static void insertMoney(Scenario scenario) throws SQLException {
    try (Connection application = scenario.source().connect();
        Statement sql = application.createStatement()) {
      sql.execute(
          "insert into m(v, vs) values ('1234'::numeric::money, array['-5'::numeric::money])");
      sql.execute("update m set shown = v::text, all_shown = vs::text where shown is null");
    }
  }

  /** A JVM of another zone, language, digits and encoding. */
  @Test
  void defaultsOfTheJvmChangeNothing() throws IOException, InterruptedException {
    TestPostgres server = TestPostgres.shared();
    ProcessBuilder child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Duser.timezone=Asia/Kolkata",
                "-Duser.language=tr",
                "-Duser.country=TR",
                "-Duser.extensions=u-nu-deva",
                "-Dfile.encoding=ISO-8859-9",
                "-cp",
                System.getProperty("java.class.path"),
                ForeignJvm.class.getName())
            .redirectErrorStream(true);
    child
        .environment()
        .put(
            TestPostgres.ADDRESS_VARIABLE,
            "jdbc:postgresql://%s:%s/postgres?user=%s&password=%s"
                .formatted(
                    server.host(),
                    Integer.toString(server.port()),
                    server.username(),
                    server.password().reveal()));
    Process process = child.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
  }
}

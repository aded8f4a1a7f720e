package dev.pgetl.it.doctor;

import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import dev.pgetl.internal.capture.diagnose.SourceDoctor;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.PostgresCluster.StopMode;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** A server with a role of its own for the pipeline, in which each test has a database. */
final class Patient implements AutoCloseable {
  static final String HEALTHY =
      """
      alter default privileges in schema public grant select on tables to etl;
      create table users(id int primary key, age int);
      create publication pub for table users;
      """;

  private static final String ROLE =
      "create role etl login replication password 'secret'; grant pg_read_all_stats to etl";

  /** Slots go first: some keep others from being dropped, or the settings from being reset. */
  private static final String RESET =
      """
      alter system reset all; select pg_reload_conf();
      select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active;
      drop publication if exists pub; drop schema if exists s cascade; drop schema public cascade; create schema public;
      grant usage on schema public to etl;
      alter role etl login replication nobypassrls connection limit -1 valid until 'infinity';
      alter role etl reset all; grant pg_read_all_stats to etl;
      alter database {db} connection limit -1; alter role etl in database {db} reset all;
      """;

  /** Transactions count at once. */
  private static final SourceDoctor.Limits STRICT =
      new SourceDoctor.Limits(Duration.ZERO, Duration.ofDays(14), Duration.ofDays(1));

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Pattern STATEMENT = Pattern.compile("(?m)^    (.*);$");

  private final PostgresCluster cluster;

  Patient() {
    cluster = PostgresCluster.builder().start();
    try (TestDatabase database = cluster.createDatabase()) {
      database.execute(ROLE);
    }
  }

  PostgresCluster cluster() {
    return cluster;
  }

  TestDatabase database() {
    return database("");
  }

  TestDatabase database(String options) {
    TestDatabase database = cluster.server().createDatabase(options);
    database.execute(HEALTHY);
    return database;
  }

  static PgConnectionConfig.Builder connection(TestDatabase database) {
    return database.connection().username("etl").password("secret");
  }

  static PipelineConfig.Builder config(TestDatabase database) {
    return PipelineConfig.builder("it", "pub", connection(database).build());
  }

  static List<Finding> diagnose(TestDatabase database) {
    return diagnose(config(database).build());
  }

  static List<Finding> diagnose(PipelineConfig config) {
    return SourceDoctor.examine(config, "pgetl_apply_it", STRICT, Platform.jvm());
  }

  /**
   * {@return what is found once it is as expected} The server reads its configuration again some
   * time after it was asked to.
   */
  static List<Finding> await(TestDatabase database, Predicate<List<Finding>> expected) {
    return Awaitility.await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .until(() -> diagnose(database), expected);
  }

  /** {@return those of a code} */
  static List<Finding> of(List<Finding> findings, FindingCode code) {
    return findings.stream().filter(finding -> finding.code() == code).toList();
  }

  /** Does what is printed. */
  void follow(TestDatabase database, List<Finding> findings) {
    for (Finding finding : findings) {
      STATEMENT
          .matcher(finding.toString())
          .results()
          .map((MatchResult statement) -> statement.group(1))
          .forEach(database::execute);
    }
    if (findings.stream().anyMatch(each -> each.toString().endsWith("Then restart the server."))) {
      cluster.restart(StopMode.FAST);
    }
  }

  /** Makes server and database what they were, but for settings that need a restart. */
  static void heal(TestDatabase database) {
    database.execute((RESET + HEALTHY).replace("{db}", database.name()));
  }

  @Override
  public void close() {
    cluster.close();
  }
}

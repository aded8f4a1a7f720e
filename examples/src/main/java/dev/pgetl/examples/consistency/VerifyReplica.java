package dev.pgetl.examples.consistency;

import dev.pgetl.Pipeline;
import dev.pgetl.Verification;
import dev.pgetl.VerificationBuilder;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.postgres.PostgresDestination;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import dev.pgetl.verify.TableReport;
import dev.pgetl.verify.TableReport.Outcome;
import dev.pgetl.verify.VerificationProgress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Compares the tables of a Postgres destination with the source.
 *
 * <pre>
 * examples/run consistency.VerifyReplica
 * examples/run consistency.VerifyReplica pipeline publication \
 *   jdbc:postgresql://source/db?user=etl jdbc:postgresql://replica/db?user=etl [rows per second]
 * </pre>
 *
 * <p>Without arguments it starts both, plants a difference, finds it and repairs it. With arguments
 * it compares those of a pipeline that runs elsewhere; the passwords are in {@code PGPASSWORD} and
 * {@code TARGET_PGPASSWORD}. It exits with 0 if all tables are equal, with 1 if rows differ, and
 * with 2 if some could not be decided.
 */
public final class VerifyReplica {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private static final String TABLES =
      """
      create table orders (id int primary key, total numeric(10,2));
      insert into orders select g, g * 1.5 from generate_series(1, 1000) g;
      create publication pub for table orders;
      """;

  private VerifyReplica() {}

  public static void main(String[] arguments) throws InterruptedException {
    if (arguments.length == 0) {
      demonstrate();
    } else {
      System.exit(compare(arguments));
    }
  }

  private static int compare(String[] arguments) throws InterruptedException {
    PgConnectionConfig source = connection(arguments[2], "PGPASSWORD");
    PgConnectionConfig target = connection(arguments[3], "TARGET_PGPASSWORD");
    VerificationBuilder builder =
        Verification.builder(
                arguments[0],
                arguments[1],
                source,
                PostgresDestination.builder(target, arguments[0]).buildVerifiable())
            .progress(VerifyReplica::show);
    if (arguments.length > 4) {
      builder.rowsPerSecond(Long.parseLong(arguments[4]));
    }
    Set<Outcome> outcomes = EnumSet.noneOf(Outcome.class);
    try (Verification verification = builder.build()) {
      for (TableReport report : verification.run()) {
        System.out.println(report);
        outcomes.add(report.outcome());
      }
    }
    if (outcomes.contains(Outcome.DIFFERENT)) {
      return 1;
    }
    return outcomes.contains(Outcome.UNDECIDED) ? 2 : 0;
  }

  private static PgConnectionConfig connection(String url, String passwordVariable) {
    PgConnectionConfig.Builder builder = PgConnectionConfig.jdbcUrl(url);
    String password = System.getenv(passwordVariable);
    return password == null ? builder.build() : builder.password(password).build();
  }

  private static void show(VerificationProgress progress) {
    System.err.printf(
        "%s: part %d of %d, %d rows, %d open, %d different%n",
        progress.table(),
        progress.partsDone(),
        progress.parts(),
        progress.rows(),
        progress.open(),
        progress.differences());
  }

  private static void demonstrate() throws InterruptedException {
    try (TestDatabase source = TestPostgres.shared().createDatabase();
        TestDatabase target = TestPostgres.shared().createDatabase()) {
      source.execute(TABLES);
      try (MemoryStore store = new MemoryStore();
          Pipeline pipeline =
              Pipeline.create(
                  PipelineConfig.builder("orders", "pub", source.connectionConfig()).build(),
                  store,
                  PostgresDestination.builder(target.connectionConfig(), "orders").build())) {
        pipeline.start();
        boolean unused = pipeline.awaitReady(PATIENCE);
        target.execute("update orders set total = total + 1 where id = 42");
        demonstrate(source, target, pipeline);
      }
    }
  }

  private static void demonstrate(TestDatabase source, TestDatabase target, Pipeline pipeline)
      throws InterruptedException {
    // tag::verification[]
    VerificationBuilder builder =
        Verification.builder(
                "orders",
                "pub",
                source.connectionConfig(),
                PostgresDestination.builder(target.connectionConfig(), "orders").buildVerifiable())
            .pipeline(pipeline) // if it runs in this process
            .rowsPerSecond(50_000);
    try (Verification verification = builder.build()) {
      TableReport report = verification.run(new TableName("public", "orders"));
      report.differences().forEach(row -> System.out.println(row.kind() + " " + row.key()));
      if (!report.differences().isEmpty()) {
        boolean repaired = Verification.repair(pipeline, report, PATIENCE);
        System.out.println("repaired: " + repaired);
      }
      List<TableReport> again = verification.run();
      System.out.println("now " + again.get(0).outcome());
    }
    // end::verification[]
  }
}

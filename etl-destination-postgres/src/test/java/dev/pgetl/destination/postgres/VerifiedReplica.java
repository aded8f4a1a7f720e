package dev.pgetl.destination.postgres;

import dev.pgetl.Verification;
import dev.pgetl.VerificationBuilder;
import dev.pgetl.schema.TableName;
import dev.pgetl.verify.DifferentRow;
import dev.pgetl.verify.TableReport;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Verifications of a {@link Replica}. */
final class VerifiedReplica {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private VerifiedReplica() {}

  static VerificationBuilder builder(Replica replica) {
    return Verification.builder(
        "replica",
        "pub",
        replica.source.connectionConfig(),
        PostgresDestination.builder(replica.target.connectionConfig(), "replica")
            .buildVerifiable());
  }

  static TableReport verify(
      Replica replica, String table, UnaryOperator<VerificationBuilder> options)
      throws InterruptedException {
    VerificationBuilder builder = builder(replica).pipeline(replica.pipeline());
    try (Verification verification = options.apply(builder).build()) {
      return verification.run(new TableName("public", table));
    }
  }

  static TableReport verify(Replica replica, String table) throws InterruptedException {
    return verify(replica, table, builder -> builder);
  }

  static boolean repair(Replica replica, TableReport report) throws InterruptedException {
    return Verification.repair(replica.pipeline(), report, PATIENCE);
  }

  /** {@return kind and key of each difference, in order} */
  static List<String> differences(TableReport report) {
    return texts(report.differences().stream());
  }

  static List<String> texts(Stream<DifferentRow> rows) {
    return rows.map(row -> row.kind() + " " + String.join("|", row.key())).sorted().toList();
  }
}

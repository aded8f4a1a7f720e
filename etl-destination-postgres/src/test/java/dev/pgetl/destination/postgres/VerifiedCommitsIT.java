package dev.pgetl.destination.postgres;

import static dev.pgetl.destination.postgres.VerifiedReplica.verify;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.testkit.postgres.PostgresCluster;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.verify.TableReport;
import dev.pgetl.verify.TableReport.Outcome;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** A commit that waits for a standby is in the stream, and not visible yet. */
class VerifiedCommitsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final String BAG =
      """
      create table bag (t text);
      alter table bag replica identity full;
      insert into bag values ('x'), ('y');
      create publication pub for all tables;
      """;

  /** Another row like one that is there leaves that one untouched. */
  @Test
  void anEqualRowThatIsBeingCommittedIsNoDifference() throws InterruptedException {
    try (PostgresCluster cluster = PostgresCluster.builder().start();
        Replica replica = new Replica(cluster.createDatabase(), BAG)) {
      replica.source.execute(
          "alter database %s set synchronous_commit = local".formatted(replica.source.name()));
      replica.start().awaitReady();
      cluster.set("synchronous_standby_names", "absent");
      CompletableFuture<Void> commit = CompletableFuture.runAsync(() -> insert(replica.source));
      try {
        await()
            .atMost(PATIENCE)
            .until(() -> "3".equals(replica.target.value("select count(*) from bag")));
        assertThat(replica.source.value("select count(*) from bag")).isEqualTo("2");
        TableReport report =
            verify(replica, "bag", builder -> builder.rounds(3).patience(Duration.ofMillis(500)));
        assertThat(report.outcome()).as("%s", report).isEqualTo(Outcome.UNDECIDED);
      } finally {
        cluster.set("synchronous_standby_names", "");
      }
      commit.join();
      assertThat(verify(replica.awaitApplied(), "bag").outcome()).isEqualTo(Outcome.EQUAL);
    }
  }

  private static void insert(TestDatabase source) {
    try (Connection connection = source.connect();
        Statement statement = connection.createStatement()) {
      boolean unused =
          statement.execute("set synchronous_commit = on; insert into bag values ('x')");
    } catch (SQLException e) {
      throw new CompletionException(e);
    }
  }
}

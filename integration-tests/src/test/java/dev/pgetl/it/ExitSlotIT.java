package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.testkit.destination.DeliveryAssert;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A table that is to leave the apply worker waits for a slot of its own, and that for the end of
 * all transactions; whoever ends the wait does not wait.
 */
class ExitSlotIT {
  private static final TableName USERS = new TableName("public", "users");

  private final Scenario scenario =
      Scenario.with(Scenario.USERS_AND_ORDERS + "create table elsewhere(id int)")
          .options(options -> options.shutdownTimeout(Duration.ofSeconds(30)));
  private Connection writer;

  @BeforeEach
  void openATransaction() throws SQLException, InterruptedException {
    scenario.start().awaitReady();
    writer = scenario.source().connect();
    writer.setAutoCommit(false);
    try (Statement sql = writer.createStatement()) {
      sql.execute("insert into elsewhere values (1)");
    }
  }

  @AfterEach
  void close() throws SQLException {
    writer.close();
    scenario.close();
  }

  private void awaitMaking() {
    await().atMost(Scenario.PATIENCE).until(() -> making() == 1);
  }

  private int making() {
    return Integer.parseInt(
        scenario
            .source()
            .value("select count(*) from pg_stat_activity where query like 'CREATE_REPLICATION%'"));
  }

  private void leave(boolean pause) throws InterruptedException {
    if (pause) {
      scenario.pipeline().pause(USERS);
    } else {
      scenario.pipeline().resync(USERS, new KeyRange("id", "1", "100"));
    }
    awaitMaking();
  }

  /** It took the whole time to shut down, and the next start waited for the server's process. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anEndDoesNotWait(boolean pause) throws InterruptedException {
    leave(pause);
    long begun = System.nanoTime();
    scenario.stop();
    assertThat(making()).isZero();
    scenario.start();
    scenario.source().execute("insert into users(name, age) values ('a', 1)");
    scenario.awaitApplied();
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(25));
    assertThat(scenario.phase("users")).isEqualTo(new Ready());
    DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
  }

  @Test
  void aResyncDoesNotWait() throws SQLException, InterruptedException {
    leave(true);
    long begun = System.nanoTime();
    scenario.pipeline().resync(USERS);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(2));
    writer.rollback();
    scenario.awaitReady();
    assertThat(scenario.destination().truncations("users")).isEqualTo(2);
  }
}

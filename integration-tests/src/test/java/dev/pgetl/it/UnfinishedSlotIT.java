package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.internal.capture.ReplicationSession;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.WalStream;
import dev.pgetl.internal.platform.Platform;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.wal.Lsn;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The server makes a slot once all transactions that write have ended, and does not notice
 * meanwhile that the client is gone; the slot is there, but stands nowhere.
 */
class UnfinishedSlotIT {
  private static final String APPLY_SLOT = "pgetl_apply_it";

  private final Scenario scenario =
      Scenario.with(Scenario.USERS_AND_ORDERS + "create table elsewhere(id int)");
  private Connection writer;

  @BeforeEach
  void connect() throws SQLException {
    writer = scenario.source().connect();
    writer.setAutoCommit(false);
    scenario.source().execute("insert into users(name, age) values ('a', 1)");
  }

  @AfterEach
  void close() throws SQLException {
    writer.close();
    scenario.close();
  }

  private void write() throws SQLException {
    try (Statement sql = writer.createStatement()) {
      sql.execute("set application_name = 'writer'; insert into elsewhere values (1)");
    }
  }

  @Test
  void aMainSlotOfAProcessThatDiedIsNotTakenForOneAndVanishes()
      throws SQLException, InterruptedException {
    write();
    leaveUnfinished(APPLY_SLOT, Duration.ofSeconds(10));
    EtlException failure = catchThrowableOfType(EtlException.class, scenario::start);
    assertThat(failure).isNotNull();
    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_BUSY);
    assertThat(failure).hasMessageContaining("still making it").hasMessageContaining("\"writer\"");
    assertThat(scenario.store().getReplicationProgress(APPLY_SLOT)).isEmpty();
    await().atMost(Scenario.PATIENCE).until(() -> scenario.source().slots().isEmpty());

    writer.rollback();
    scenario.start().awaitReady();
    DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
  }

  /** As a process leaves it that is killed, or ends, while it makes a slot. */
  private void leaveUnfinished(String slot, Duration limit) {
    SourceDatabase dying =
        new SourceDatabase(
            scenario.source().connection().lockTimeout(limit).build(), "it", Platform.jvm());
    CompletableFuture<Void> making = CompletableFuture.runAsync(() -> dying.createSlot(slot));
    await()
        .atMost(Scenario.PATIENCE)
        .until(() -> scenario.source().slots().stream().anyMatch(made -> made.name().equals(slot)));
    dying.close();
    assertThat(making).failsWithin(Scenario.PATIENCE);
    assertThat(scenario.source().slot(slot).isActive()).isTrue();
  }

  @Test
  void aTablesUnfinishedSlotHoldsUpThatTableOnly() throws InterruptedException, SQLException {
    scenario
        .options(
            builder -> builder.shutdownTimeout(Duration.ofSeconds(1)).tableErrorRetryMaxAttempts(0))
        .start()
        .awaitReady();
    write();
    scenario.pipeline().resync(scenario.tableId("users"));
    scenario.stop();
    leaveUnfinished("pgetl_sync_it_" + scenario.tableId("users"), Duration.ofSeconds(10));

    scenario.start();
    scenario.source().execute("insert into orders(description) values ('streams')");
    scenario.awaitApplied();
    assertThat(scenario.destination().changes("orders")).hasSize(1);
    writer.rollback();
    scenario.awaitReady();
    DeliveryAssert.assertThat(scenario.destination())
        .converged(scenario.source(), "users", "orders");
  }

  /** Whoever holds it: no person is needed for a table once he has left. */
  @Test
  void aTableIsTriedAgainHoweverLongSomebodyHoldsItsSlot() throws InterruptedException {
    scenario.options(builder -> builder.tableErrorRetryMaxAttempts(0)).start().awaitReady();
    String slot = "pgetl_sync_it_" + scenario.tableId("users");
    try (SourceDatabase other =
        new SourceDatabase(scenario.source().connectionConfig(), "other", Platform.jvm())) {
      Lsn start = other.createSlot(slot);
      try (ReplicationSession session = other.openReplication("holder");
          WalStream held = session.stream(slot, "pub", start, ValueFormat.TEXT)) {
        scenario.pipeline().resync(scenario.tableId("users"));
        scenario.awaitPhase("users", Errored.class);
        Errored errored = (Errored) scenario.phase("users");
        assertThat(errored.reason()).contains(slot);
        assertThat(errored.retryDirective()).isEqualTo(RetryDirective.TIMED);
        held.maintain();
      }
    }
    scenario.awaitReady();
    DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
  }
}

package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgetl.observe.StreamStatus;
import dev.pgetl.store.TableReplicationPhase.FinishedCopy;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.net.TcpProxy;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The network between server and pipeline fails while somebody writes. The pipeline comes back by
 * itself, and the destination ends up equal to the source, in order.
 */
class NetworkFaultIT {
  private static final Duration SILENCE = Duration.ofSeconds(2);
  private static final String SLOT = "pgetl_apply_it";

  /** What happens to the network. */
  enum Fault {
    /** All connections end. */
    CUT,
    /** Nothing moves, for longer than either side bears; then everything does. */
    STALL,
    /** Everything sent is lost, and nobody is told. */
    HALF_OPEN
  }

  private final TcpProxy proxy =
      TcpProxy.to(TestPostgres.shared().host(), TestPostgres.shared().port());
  private final Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS);

  @BeforeEach
  void connectThroughTheProxy() {
    scenario
        .connection(
            builder ->
                builder
                    .port(proxy.port())
                    .connectTimeout(Duration.ofSeconds(1))
                    .statusInterval(Duration.ofMillis(200))
                    .walSenderTimeout(SILENCE))
        .options(builder -> builder.tableErrorRetryMaxAttempts(20).maxBufferedBytes(256 << 10));
  }

  @AfterEach
  void close() {
    proxy.heal();
    scenario.close();
    proxy.close();
  }

  /** In the middle of the main stream. */
  @ParameterizedTest
  @EnumSource
  void theMainStreamGoesOn(Fault fault) throws InterruptedException {
    scenario.start().awaitReady();
    try (Traffic traffic = Traffic.on(scenario.source())) {
      traffic.awaitMore(20);
      begin(fault);
      awaitLoss(0);
      traffic.awaitMore(20);
      proxy.heal();
      awaitConnected();
      traffic.awaitMore(20);
    }
    scenario.awaitApplied();
    assertThat(scenario.destination().truncations("users")).isEqualTo(1);
    assertConverged();
  }

  /** A pause shorter than either side bears is nothing. */
  @Test
  void aShortStallIsNoFault() throws InterruptedException {
    scenario.start().awaitReady();
    int pid = scenario.source().slot(SLOT).activePid();
    try (Traffic traffic = Traffic.on(scenario.source())) {
      traffic.awaitMore(10);
      proxy.stall();
      await().during(SILENCE.dividedBy(4)).until(() -> true);
      proxy.heal();
      traffic.awaitMore(10);
    }
    scenario.awaitApplied();
    assertThat(scenario.source().slot(SLOT).activePid()).isEqualTo(pid);
    assertThat(scenario.pipeline().status().stream().reconnects()).isZero();
    DeliveryAssert.assertThat(scenario.destination()).deliveredOnceInOrder();
    assertConverged();
  }

  /** The server's end of the stream is killed while traffic flows. */
  @Test
  void aTerminatedWalSenderIsReplaced() throws InterruptedException {
    scenario.start().awaitReady();
    try (Traffic traffic = Traffic.on(scenario.source())) {
      for (int kill = 0; kill < 3; kill++) {
        traffic.awaitMore(20);
        long reconnects = scenario.pipeline().status().stream().reconnects();
        assertThat(scenario.source().killWalSender(SLOT)).isTrue();
        awaitLoss(reconnects);
        awaitConnected();
      }
      traffic.awaitMore(20);
    }
    scenario.awaitApplied();
    assertConverged();
  }

  /**
   * In the middle of a copy, whose rows are too many for the pipeline's memory. The copy starts
   * over, except after a stall, which it does not notice. A connection on which a copy only reads
   * and which leads nowhere is ended by the kernel's keep-alive ({@code walSenderTimeout}); the
   * proxy's kernel answers that, so the cut stands for it.
   */
  @ParameterizedTest
  @EnumSource
  void aCopyStartsOver(Fault fault) throws InterruptedException {
    scenario
        .source()
        .execute(
            "insert into users(name, age) select repeat('x', 500), g from generate_series(1, 30000) g");
    Hold hold = scenario.destination().on(Operation.ROWS).of("users").once().hold();
    scenario.start();
    hold.awaitReached();
    try (Traffic traffic = Traffic.on(scenario.source())) {
      begin(fault);
      hold.release();
      awaitLoss(0);
      if (fault == Fault.HALF_OPEN) {
        proxy.cut();
      }
      proxy.heal();
      scenario.awaitReady();
      traffic.awaitMore(10);
    }
    scenario.awaitApplied();
    assertThat(scenario.destination().truncations("users")).isEqualTo(fault == Fault.STALL ? 1 : 2);
    assertThat(scenario.destination().copiedRows("users")).hasSizeGreaterThanOrEqualTo(30_000);
    assertConverged();
  }

  /** Between the copy and the main stream: the table's own stream goes on where it was. */
  @ParameterizedTest
  @EnumSource
  void aCatchUpGoesOn(Fault fault) throws InterruptedException {
    scenario.source().execute("insert into users(name, age) values ('a', 1), ('b', 2)");
    Hold copy = scenario.destination().on(Operation.ROWS).of("users").once().hold();
    Hold catchUp = scenario.destination().on(Operation.EVENTS).of("users").once().hold();
    scenario.start();
    copy.awaitReached();
    try (Traffic traffic = Traffic.on(scenario.source())) {
      traffic.awaitMore(10);
      copy.release();
      catchUp.awaitReached();
      assertThat(scenario.phase("users")).isInstanceOf(FinishedCopy.class);
      begin(fault);
      catchUp.release();
      awaitLoss(0);
      proxy.heal();
      scenario.awaitReady();
      traffic.awaitMore(10);
    }
    scenario.awaitApplied();
    assertThat(scenario.destination().copiedRows("users")).hasSize(2);
    assertThat(scenario.destination().truncations("users")).isEqualTo(1);
    assertConverged();
  }

  private void begin(Fault fault) {
    switch (fault) {
      case CUT -> proxy.cut();
      case STALL -> proxy.stall();
      case HALF_OPEN -> proxy.halfOpen();
    }
  }

  /** A stream without a server stays disconnected, one with a server may be back already. */
  private void awaitLoss(long reconnectsBefore) {
    await()
        .atMost(Scenario.PATIENCE)
        .until(
            () -> {
              StreamStatus stream = scenario.pipeline().status().stream();
              return !stream.connected() || stream.reconnects() > reconnectsBefore;
            });
  }

  private void awaitConnected() {
    await()
        .atMost(Scenario.PATIENCE)
        .until(() -> scenario.pipeline().status().stream().connected());
  }

  private void assertConverged() {
    DeliveryAssert.assertThat(scenario.destination())
        .deliveredInOrderExceptReplays()
        .converged(scenario.source(), "users", "orders", "sentinel");
  }
}

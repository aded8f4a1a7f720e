package dev.pgetl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.store.TableReplicationPhase.Errored;
import dev.pgetl.testkit.destination.DeliveryAssert;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.Operation;
import dev.pgetl.testkit.net.TcpProxy;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** A server that cannot be reached is no fault of a table's: no person is needed for it. */
class SourceOutageIT {
  @Test
  void aTableIsTriedAgainHoweverLongTheServerIsAway() throws InterruptedException {
    try (Scenario scenario = Scenario.with(Scenario.USERS_AND_ORDERS);
        TcpProxy proxy =
            TcpProxy.to(scenario.source().server().host(), scenario.source().server().port())) {
      scenario
          .connection(builder -> builder.port(proxy.port()))
          .options(builder -> builder.tableErrorRetryMaxAttempts(0));
      scenario
          .source()
          .execute("insert into users(name, age) select 'u', g from generate_series(1, 20000) g");
      Hold hold = scenario.destination().on(Operation.ROWS).of("users").once().hold();
      scenario.start();
      hold.awaitReached();
      proxy.refuse();
      hold.release();

      assertThatThrownBy(() -> scenario.pipeline().awaitTermination())
          .isInstanceOf(EtlException.class);
      assertThat(scenario.phase("users"))
          .asInstanceOf(InstanceOfAssertFactories.type(Errored.class))
          .returns(RetryDirective.TIMED, Errored::retryDirective);

      proxy.heal();
      scenario.start().awaitReady();
      DeliveryAssert.assertThat(scenario.destination()).converged(scenario.source(), "users");
    }
  }
}

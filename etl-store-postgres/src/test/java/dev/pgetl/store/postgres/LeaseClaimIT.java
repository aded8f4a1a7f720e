package dev.pgetl.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.schema.TableId;
import dev.pgetl.store.Lease;
import dev.pgetl.store.LeaseStore;
import dev.pgetl.store.memory.StoreChange;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The lease of a pipeline, on one connection. */
@ExtendWith(PostgresExtension.class)
class LeaseClaimIT {
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final String EXCLUSIVE =
      "select count(*) from pg_locks where locktype = 'advisory' and mode = 'ExclusiveLock'"
          + " and objsubid = 2";

  private final TestDatabase database;

  LeaseClaimIT(TestDatabase database) {
    this.database = database;
  }

  /** It may be stopped between any two statements, and stay so for days. */
  @Test
  void whoIsStoppedWhileItTakesTheLeaseKeepsTheLockFromNoOther() throws SQLException {
    List<String> held = new ArrayList<>();
    try (Connection connection = database.connect()) {
      new StoreMigrations("pgetl").apply(connection, true);
      Backend backend = Backend.of(connection);
      int pipeline = new OwnershipClaim(connection, backend, "pgetl", "orders").pipeline();
      Connection watched = watched(connection, () -> held.add(database.value(EXCLUSIVE)));
      LeaseClaim claim = new LeaseClaim(watched, backend, "pgetl", "orders");
      Ownership first = claim.take(pipeline, "one", LONG, Lease.NONE);
      assertThat(first).isNotNull();
      assertThat(claim.lease().inUse()).isTrue();
      claim.giveBack(first);
      assertThat(claim.lease().inUse()).as("locked after it was given back").isFalse();
      Lease given = new Lease("", first.epoch(), Duration.ZERO, false);
      Ownership second = Objects.requireNonNull(claim.take(pipeline, "two", LONG, given));
      assertThat(second.epoch()).isGreaterThan(first.epoch());
      assertThat(claim.lease().owner()).isEqualTo("two");
    }
    assertThat(held).hasSizeGreaterThan(4).containsOnly("0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"o'neil", "back\\slash", "the \"store\"", "at@sign#1"})
  void aSchemaMayHaveAnyName(String schema) throws SQLException {
    database.execute("alter role current_user set standard_conforming_strings = off");
    try (PostgresLayer layer =
        PostgresLayer.builder(database.connectionConfig(), "orders").schema(schema).build()) {
      LeaseStore leases = layer.leases().orElseThrow();
      assertThat(leases.take("one", LONG, leases.lease())).isPresent();
      layer.write(new StoreChange.MappingStored(new TableId(1), "kept"));
      leases.renew(LONG);
      assertThat(leases.lease().inUse()).isTrue();
      leases.giveBack();
    } finally {
      database.execute("alter role current_user reset standard_conforming_strings");
    }
  }

  private static Connection watched(Connection connection, Runnable beforeEachStatement) {
    return (Connection)
        Proxy.newProxyInstance(
            LeaseClaimIT.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              beforeEachStatement.run();
              try {
                return method.invoke(connection, arguments);
              } catch (InvocationTargetException e) {
                throw Objects.requireNonNull(e.getCause());
              }
            });
  }
}

package dev.pgetl.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.store.Lease;
import dev.pgetl.store.LeaseStore;
import dev.pgetl.store.PipelineStore;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.contract.LeaseStoreContract;
import dev.pgetl.testkit.net.TcpProxy;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The leases of the store over Postgres, behind a proxy that can keep it from the server. */
@ExtendWith(PostgresExtension.class)
class PostgresLeaseContractIT implements LeaseStoreContract {
  private static final AtomicInteger SCHEMA_NUMBER = new AtomicInteger();

  private static TestDatabase database;
  private static TcpProxy proxy;

  private final List<MemoryStore> opened = new ArrayList<>();
  private final String schema = "lease_" + SCHEMA_NUMBER.incrementAndGet();

  @BeforeAll
  static void startProxy(TestDatabase shared) {
    database = shared;
    proxy = TcpProxy.to(shared.server().host(), shared.server().port());
  }

  @AfterAll
  static void stopProxy() {
    proxy.close();
  }

  @Override
  public PipelineStore openStore() {
    PostgresLayer layer =
        PostgresLayer.builder(database.connection().port(proxy.port()).build(), "orders")
            .schema(schema)
            .build();
    MemoryStore store = new MemoryStore(layer);
    opened.add(store);
    return store;
  }

  @AfterEach
  void closeStores() {
    proxy.heal();
    opened.forEach(MemoryStore::close);
  }

  @Override
  public boolean canBreakPersistence() {
    return true;
  }

  @Override
  public void breakPersistence(boolean broken) {
    if (broken) {
      proxy.refuse();
    } else {
      proxy.heal();
    }
  }

  /**
   * A standby that was promoted lacks the last owner, and a backup many of them. A destination that
   * compares epochs would refuse the next one for ever.
   */
  @ParameterizedTest
  @ValueSource(strings = {"delete from %s.pipeline", "update %s.pipeline set epoch = 1"})
  void epochsRiseAlthoughTheStateWasSetBack(String lost) {
    long last = 0;
    for (int i = 0; i < 3; i++) {
      MemoryStore store = (MemoryStore) openStore();
      LeaseStore leases = store.leases().orElseThrow();
      Lease granted = leases.take("one", Duration.ofMinutes(10), leases.lease()).orElseThrow();
      assertThat(granted.epoch()).isGreaterThan(last);
      last = granted.epoch();
      leases.giveBack();
      store.close();
      database.execute(lost.formatted(schema));
    }
  }

  @Test
  void aLeaseThatCannotBeGivenBackIsNotInUse() {
    LeaseStore one = openStore().leases().orElseThrow();
    LeaseStore other = openStore().leases().orElseThrow();
    assertThat(one.take("one", Duration.ofMinutes(10), one.lease())).isPresent();
    breakPersistence(true);
    assertThatThrownBy(one::giveBack).isInstanceOf(EtlException.class);
    breakPersistence(false);
    assertThat(one.lease().owner()).isEqualTo("one");
    Lease seen = await("the session has ended").until(other::lease, lease -> !lease.inUse());
    assertThat(other.take("other", Duration.ofMinutes(10), seen)).isPresent();
  }

  /** A late write of an earlier start must not take the lock that others wait for. */
  @Test
  void aLayerThatWasUsedWithALeaseIsUsedWithOneOnly() {
    PipelineStore store = openStore();
    LeaseStore leases = store.leases().orElseThrow();
    assertThat(leases.take("one", Duration.ofMinutes(10), leases.lease())).isPresent();
    leases.giveBack();
    assertThatThrownBy(store::loadTableReplicationStates)
        .isInstanceOfSatisfying(
            EtlException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORE_LOCKED))
        .hasMessageContaining("this store is used with it only");
    assertThat(leases.lease().isGrantable()).isTrue();
  }
}

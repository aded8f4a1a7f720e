package dev.pgetl.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.EventSequence;
import dev.pgetl.quarantine.Quarantine;
import dev.pgetl.quarantine.QuarantinedEvent;
import dev.pgetl.schema.TableName;
import dev.pgetl.testkit.contract.QuarantineContract;
import dev.pgetl.testkit.net.TcpProxy;
import dev.pgetl.testkit.postgres.PostgresExtension;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The quarantine in Postgres, behind a proxy that can keep it from the server. */
@ExtendWith(PostgresExtension.class)
class PostgresQuarantineContractIT implements QuarantineContract {
  private final TestDatabase database;
  private final TcpProxy proxy;
  private final List<Quarantine> opened = new ArrayList<>();

  PostgresQuarantineContractIT(TestDatabase database) {
    this.database = database;
    this.proxy = TcpProxy.to(database.server().host(), database.server().port());
  }

  @Override
  public Quarantine reopenQuarantine() {
    Quarantine quarantine =
        PostgresQuarantine.of(database.connection().port(proxy.port()).build(), "orders");
    opened.add(quarantine);
    return quarantine;
  }

  @AfterEach
  void close() {
    opened.forEach(Quarantine::close);
    proxy.close();
    database.execute("drop schema if exists pgetl cascade");
  }

  private static QuarantinedEvent event(long lsn) {
    EventSequence sequence = new EventSequence(new Lsn(lsn), 1);
    return new QuarantinedEvent(
        ONE, new TableName("public", "users"), sequence, true, null, "content " + lsn);
  }

  private Quarantine opened(long epoch) {
    Quarantine quarantine = reopenQuarantine();
    quarantine.open(epoch, event -> {});
    return quarantine;
  }

  private static void assertFails(Runnable call, ErrorKind kind) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(EtlException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }

  /** Q7: the earlier owner lives, and is connected. */
  @Test
  void anEarlierOwnerChangesNothing() {
    Quarantine old = opened(7);
    old.add(List.of(event(1)));
    Quarantine owner = opened(8);
    EventSequence place = event(1).sequence();
    for (Runnable write :
        List.<Runnable>of(
            () -> old.add(List.of(event(2))),
            () -> old.mark(ONE, List.of(place), new EventSequence(new Lsn(9), 1)),
            () -> old.unmark(ONE, List.of(place)),
            () -> old.remove(ONE, List.of(place)),
            () -> old.clear(ONE))) {
      assertFails(write, ErrorKind.STORE_LOCKED);
    }
    assertThat(owner.read(ONE, EventSequence.NONE, 10)).containsExactly(event(1));
    assertThat(owner.lastReplayKey(ONE)).isEmpty();
  }

  /** Q8: what could not be written can be written later, by the same object. */
  @Test
  void aLostConnectionIsMadeAgain() {
    Quarantine quarantine = opened(1);
    quarantine.add(List.of(event(1)));
    proxy.refuse();
    assertFails(() -> quarantine.add(List.of(event(2))), ErrorKind.STORE_UNAVAILABLE);
    proxy.heal();
    quarantine.add(List.of(event(2)));
    assertThat(quarantine.read(ONE, EventSequence.NONE, 10)).containsExactly(event(1), event(2));
  }

  /** It goes with the state of the pipeline, and a write of it does not come back. */
  @Test
  void goesWithThePipeline() {
    Quarantine quarantine = opened(1);
    quarantine.add(List.of(event(1)));
    database.execute("delete from pgetl.pipeline");
    assertFails(() -> quarantine.add(List.of(event(2))), ErrorKind.STORE_LOCKED);
    assertThat(opened(1).read(ONE, EventSequence.NONE, 10)).isEmpty();
  }
}

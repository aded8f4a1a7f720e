package dev.pgetl.testkit.documentation;

import static dev.pgetl.testkit.data.TestTable.INT8;
import static dev.pgetl.testkit.data.TestTable.TEXT;
import static dev.pgetl.testkit.data.TestTable.row;
import static dev.pgetl.testkit.destination.DeliveryAssert.assertThat;
import static dev.pgetl.testkit.destination.Operation.EVENTS;
import static dev.pgetl.testkit.destination.Operation.REMOVE;
import static dev.pgetl.testkit.destination.Operation.ROWS;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.TableReplicationPhase.Ready;
import dev.pgetl.testkit.contract.ReferenceStore;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import dev.pgetl.testkit.destination.Hold;
import dev.pgetl.testkit.destination.RecordingDestination;
import dev.pgetl.testkit.store.AwaitingStore;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

class FaultExamplesTest {
  private static final TableSchema USERS =
      TestTable.named("users").key("id", INT8).column("name", TEXT).build();

  private final RecordingDestination destination = new RecordingDestination();
  private final AwaitingStore store = new AwaitingStore(new ReferenceStore());

  @Test
  void aDestinationObeysAScript() {
    // tag::script[]
    destination.on(ROWS).of("users").reject(ErrorKind.DESTINATION_REJECTED); // until repair()
    destination.on(EVENTS).once().failAfterWrite(ErrorKind.DESTINATION_UNAVAILABLE);
    destination.on(EVENTS).of("orders").accept(); // ACCEPTED instead of DURABLE
    destination.on(REMOVE).decline(); // an interrupted copy starts over
    Hold hold = destination.on(EVENTS).hold(); // the next call waits for release() or fail(kind)
    // end::script[]
    assertThatThrownBy(() -> destination.writeTableRows(USERS, List.of()))
        .isInstanceOf(EtlException.class);
    assertThatThrownBy(() -> destination.writeEvents(events())).isInstanceOf(EtlException.class);
    Assertions.assertThat(destination.removeRange(USERS, new KeyRange("id", null, null))).isFalse();
    CompletableFuture<WriteResult> held =
        CompletableFuture.supplyAsync(() -> destination.writeEvents(events()));
    hold.awaitReached().release();
    Assertions.assertThat(held.join()).isEqualTo(WriteResult.DURABLE);
  }

  private static List<Event> events() {
    // tag::data[]
    TableSchema users = TestTable.named("users").key("id", INT8).column("name", TEXT).build();
    List<Event> events =
        TestTransaction.at(0x100)
            .insert(row(users, "1", "Ada"))
            .update(row(users, "1", "Ada Lovelace"))
            .delete(row(users, "1", TestTable.ABSENT)) // only the key was sent
            .commit();
    // end::data[]
    return events;
  }

  @Test
  void deliveriesAreChecked() {
    destination.writeEvents(events());
    // tag::check[]
    destination.awaitChanges("users", 3);
    assertThat(destination).deliveredOnceInOrder().deliveredRows("users", 1);
    // and, with the source: .converges(database, "users", "orders")
    // end::check[]
  }

  @Test
  void aStoreFailsWhenTold() {
    // tag::store[]
    store.failBefore(ErrorKind.STORE_UNAVAILABLE, write -> write.phase() instanceof Ready);
    // end::store[]
    assertThatThrownBy(() -> store.updateTableReplicationState(new TableId(1), new Ready()))
        .isInstanceOf(EtlException.class);
  }
}

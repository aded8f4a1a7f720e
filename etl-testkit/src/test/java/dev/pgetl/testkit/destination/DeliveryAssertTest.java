package dev.pgetl.testkit.destination;

import static dev.pgetl.testkit.data.TestTable.INT8;
import static dev.pgetl.testkit.data.TestTable.TEXT;
import static dev.pgetl.testkit.data.TestTable.row;
import static dev.pgetl.testkit.destination.DeliveryAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.testkit.data.TestTransaction;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeliveryAssertTest {
  private static final TableSchema USERS =
      TestTable.named("users").key("id", INT8).column("name", TEXT).build();
  private static final List<Event> FIRST = insert(0x100, "1", "a");
  private static final List<Event> SECOND = insert(0x200, "2", "b");
  private static final List<Event> THIRD = insert(0x300, "3", "c");

  private final RecordingDestination destination = new RecordingDestination();

  private static List<Event> insert(long commitLsn, String id, String name) {
    return TestTransaction.at(commitLsn).insert(row(USERS, id, name)).commit();
  }

  @SafeVarargs
  private void deliver(List<Event>... batches) {
    for (List<Event> batch : batches) {
      destination.writeEvents(batch);
    }
  }

  @Test
  void acceptsWhatCameOnceInOrder() {
    destination.writeTableRows(USERS, List.of(row(USERS, "0", "z")));
    deliver(FIRST, SECOND, THIRD);
    assertThat(destination)
        .deliveredOnceInOrder()
        .deliveredInOrderExceptReplays()
        .deliveredRows("users", 4);
  }

  @Test
  void tellsReplaysFromDuplicates() {
    deliver(FIRST, SECOND, SECOND, FIRST, SECOND, THIRD);
    assertThat(destination).deliveredInOrderExceptReplays();
    assertThatThrownBy(() -> assertThat(destination).deliveredOnceInOrder())
        .hasMessageContaining("0/200#2 was delivered again");
  }

  @Test
  void findsAReplayThatSkips() {
    deliver(FIRST, SECOND, THIRD, FIRST, THIRD);
    assertFailsWith("skipped 0/200#2");
  }

  @Test
  void findsAChangeThatCameTooLate() {
    deliver(FIRST, THIRD, SECOND);
    assertFailsWith("0/200#2 was delivered out of order");
  }

  @Test
  void findsAReplayWithAnotherContent() {
    deliver(FIRST, SECOND, insert(0x100, "1", "other"));
    assertFailsWith("0/100#2 was delivered again with other content");
  }

  private void assertFailsWith(String message) {
    assertThatThrownBy(() -> assertThat(destination).deliveredInOrderExceptReplays())
        .hasMessageContaining(message);
  }

  @Test
  void findsRowsThatCameTwice() {
    destination.writeTableRows(USERS, List.of(row(USERS, "1", "a")));
    deliver(FIRST);
    assertThatThrownBy(() -> assertThat(destination).deliveredRows("users", 2))
        .hasMessageContaining("twice");
    assertThatThrownBy(() -> assertThat(destination).deliveredRows("users", 1))
        .hasMessageContaining("1 copied and 1 inserted");
  }
}

package dev.pgetl.internal.runtime.tally;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.event.Event;
import dev.pgetl.event.Transaction;
import dev.pgetl.observe.EventCounts;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How many events of which kind each table has had. */
class BatchTallyTest {
  private static final Instant FIRST = Instant.ofEpochSecond(1);
  private static final Instant SECOND = Instant.ofEpochSecond(2);
  private static final TableSchema ORDERS = table(1);
  private static final TableSchema USERS = table(2);
  private static final TableSchema FOREIGN = table(3);

  private final Map<TableId, TableTally> tallies = new HashMap<>();
  private final TableTally orders = new TableTally();
  private final TableTally users = new TableTally();
  private int lookedUp;
  private final BatchTally batch =
      new BatchTally(
          id -> {
            lookedUp++;
            return tallies.get(id);
          });

  BatchTallyTest() {
    tallies.put(ORDERS.id(), orders);
    tallies.put(USERS.id(), users);
  }

  private static TableSchema table(long oid) {
    return TableSchema.builder(new TableId(oid), new TableName("public", "t" + oid)).build();
  }

  private static Transaction at(Instant time) {
    return new Transaction(new Lsn(7), time, 1);
  }

  private static Event insert(TableSchema table, Instant time) {
    return new Event.Insert(at(time), 1, table, row(table));
  }

  private static Event update(TableSchema table, Instant time) {
    return new Event.Update(at(time), 1, table, row(table), null);
  }

  private static Event delete(TableSchema table, Instant time) {
    return new Event.Delete(at(time), 1, table, new Event.OldRow(Event.OldRowKind.KEY, row(table)));
  }

  private static Event truncate(Instant time, TableSchema... tables) {
    return new Event.Truncate(at(time), 1, List.of(tables), false, false);
  }

  private static TableRow row(TableSchema table) {
    return TableRow.of(table);
  }

  private void deliver(Event... events) {
    List.of(events).forEach(batch::add);
    batch.publish();
  }

  @Test
  void countsByTableAndKind() {
    deliver(
        new Event.Begin(at(FIRST)),
        new Event.Relation(at(FIRST), 1, ORDERS),
        insert(ORDERS, FIRST),
        insert(USERS, FIRST),
        insert(ORDERS, FIRST),
        update(ORDERS, FIRST),
        truncate(SECOND, USERS, ORDERS, FOREIGN),
        delete(ORDERS, SECOND),
        new Event.Commit(at(SECOND), 9, new Lsn(8)));

    assertThat(orders.counts()).isEqualTo(new EventCounts(2, 1, 1, 1, SECOND));
    assertThat(users.counts()).isEqualTo(new EventCounts(1, 0, 0, 1, SECOND));
    assertThat(orders.counts().all()).isEqualTo(5);
  }

  @Test
  void addsUpBatchesAndShowsOnlyCompleteOnes() {
    deliver(insert(ORDERS, FIRST));
    batch.add(update(ORDERS, SECOND));
    assertThat(orders.counts()).isEqualTo(new EventCounts(1, 0, 0, 0, FIRST));

    batch.publish();
    deliver(insert(USERS, SECOND));

    assertThat(orders.counts()).isEqualTo(new EventCounts(1, 1, 0, 0, SECOND));
  }

  @Test
  void leavesOutWhatIsNotCounted() {
    deliver(insert(FOREIGN, FIRST), truncate(FIRST, FOREIGN));

    assertThat(orders.counts()).isEqualTo(EventCounts.NONE);
    assertThat(users.counts()).isEqualTo(EventCounts.NONE);
  }

  @Test
  void looksATableUpOncePerRunOfItsEvents() {
    deliver(insert(ORDERS, FIRST), update(ORDERS, FIRST), insert(USERS, FIRST));
    assertThat(lookedUp).isEqualTo(2);

    deliver(insert(USERS, SECOND));

    assertThat(lookedUp).as("a table may have been left out since").isEqualTo(3);
  }

  @Test
  void aTruncateDoesNotDisturbTheRunOfATable() {
    deliver(insert(ORDERS, FIRST), truncate(FIRST, USERS), insert(ORDERS, FIRST));

    assertThat(orders.counts().inserts()).isEqualTo(2);
    assertThat(users.counts().truncates()).isEqualTo(1);
  }
}

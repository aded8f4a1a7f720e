package dev.pgetl.testkit.contract;

import static dev.pgetl.testkit.contract.Destinations.copy;
import static dev.pgetl.testkit.contract.Destinations.started;
import static dev.pgetl.testkit.contract.Destinations.stream;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgetl.destination.Destination;
import dev.pgetl.event.Event;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTransaction;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/**
 * The rule D18 of {@link Destination}: what a call of {@link Destination#writeEvents} brings is
 * found whole. Included in {@link DestinationContract}. The destination itself says whether it
 * keeps the rule: {@link Destination#wholeTransactionBytes}.
 */
public interface WholeCallsContract extends DestinationAccess {
  /** D18: a reader looks at one table and then at the other, while both get rows. */
  @Test
  default void d18_readersFindWholeCalls() {
    Destination destination = whole();
    copy(destination, USERS);
    copy(destination, ITEMS);
    CountDownLatch writing = new CountDownLatch(1);
    Stores.inThreads(
        2,
        thread -> {
          if (thread == 1) {
            readWhile(writing);
          } else {
            try {
              write(destination);
            } finally {
              writing.countDown();
            }
          }
        });
    assertThat(content(USERS)).hasSize(100);
    assertThat(content(ITEMS)).hasSize(100);
  }

  private static void write(Destination destination) {
    for (int i = 1; i <= 50; i++) {
      stream(destination, transactions(i));
    }
  }

  /** {@return two transactions, each with a row for both tables, in one call} */
  private static List<Event> transactions(int number) {
    String id = Integer.toString(number);
    List<Event> events =
        new ArrayList<>(
            TestTransaction.at(0x1000L * number)
                .insert(row(USERS, id, "name", "bio"))
                .insert(row(ITEMS, id, "1", "a"))
                .commit());
    events.addAll(
        TestTransaction.at(0x1000L * number + 0x100)
            .insert(row(ITEMS, id, "2", "b"))
            .insert(row(USERS, "-" + id, "name", "bio"))
            .commit());
    return List.copyOf(events);
  }

  /** What was read first may be old, so it has no more rows than what is read after it. */
  private void readWhile(CountDownLatch writing) {
    while (writing.getCount() > 0) {
      int users = size(USERS);
      int items = size(ITEMS);
      assertThat(items).as("items, after %d users", users).isGreaterThanOrEqualTo(users);
      assertThat(size(USERS)).as("users, after %d items", items).isGreaterThanOrEqualTo(items);
    }
  }

  private int size(TableSchema table) {
    int size = content(table).size();
    assertThat(size % 2).as("rows of one call in %s", table.name()).isZero();
    return size;
  }

  private Destination whole() {
    Destination destination = started(this);
    assumeThat(destination.wholeTransactionBytes())
        .as("the destination gets whole transactions")
        .isPositive();
    return destination;
  }
}

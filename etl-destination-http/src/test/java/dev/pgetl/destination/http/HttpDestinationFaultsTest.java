package dev.pgetl.destination.http;

import static dev.pgetl.destination.http.Data.ORDERS;
import static dev.pgetl.destination.http.Data.USERS;
import static dev.pgetl.destination.http.Data.insert;
import static dev.pgetl.destination.http.Data.transaction;
import static dev.pgetl.testkit.data.TestTable.ABSENT;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.event.Event;
import dev.pgetl.event.Transaction;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Everything goes wrong at once, for long; nothing is lost, nothing is out of order, every
 * duplicate has a known key.
 */
@Timeout(300)
class HttpDestinationFaultsTest {
  private static final int TRANSACTIONS = 60;
  private static final int BATCHES = 40;
  private static final int COPIED_PER_BATCH = 25;

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void aReceiverThatKnowsTheKeysEndsEqualToTheSource(long seed)
      throws IOException, InterruptedException, ExecutionException {
    FaultyReceiver faults = new FaultyReceiver(seed);
    Map<String, String> expected = new TreeMap<>();
    List<Event> stream = stream(new Random(seed), expected);
    try (TestReceiver receiver = TestReceiver.start().otherwise(faults::answer)) {
      HttpDestination destination = destination(receiver);
      ExecutorService threads = Executors.newFixedThreadPool(2);
      Future<?> copy = threads.submit(() -> copy(destination));
      Future<?> events = threads.submit(() -> send(destination, stream, new Random(seed)));
      copy.get();
      events.get();
      threads.shutdown();

      assertThat(faults.complaints()).isEmpty();
      assertThat(faults.table(16385)).isEqualTo(expected);
      assertThat(faults.copied(16390))
          .isEqualTo(Collections.nCopies(BATCHES * COPIED_PER_BATCH, "[7,\"same\"]"));
      assertThat(faults.outcomes())
          .allSatisfy((key, count) -> assertThat(count[0]).as("answers to %s", key).isEqualTo(1));
      assertThat(faults.duplicateEvents()).isPositive();
    }
  }

  @Test
  void aStreamThatIsReplayedFromAnEarlierPlaceEndsEqualToo() throws IOException {
    FaultyReceiver faults = new FaultyReceiver(7);
    Map<String, String> expected = new TreeMap<>();
    List<Event> stream = stream(new Random(7), expected);
    try (TestReceiver receiver = TestReceiver.start().otherwise(faults::answer)) {
      send(destination(receiver), stream.subList(0, stream.size() / 2), new Random(1));
      int replayedFrom = stream.size() / 2 - 30;
      send(destination(receiver), stream.subList(replayedFrom, stream.size()), new Random(2));

      assertThat(faults.complaints()).isEmpty();
      assertThat(faults.table(16385)).isEqualTo(expected);
      assertThat(faults.duplicateEvents()).isGreaterThanOrEqualTo(30);
    }
  }

  /** Rows are kept in a list: each that came twice would be in it twice. */
  @ParameterizedTest
  @ValueSource(longs = {3, 4})
  void aCopyThatIsContinuedRangeByRangeHasEachRowOnce(long seed) throws IOException {
    FaultyReceiver faults = new FaultyReceiver(seed);
    Random random = new Random(seed);
    try (TestReceiver receiver = TestReceiver.start().otherwise(faults::answer)) {
      HttpDestination first = destination(receiver);
      persist(() -> first.truncateTable(USERS));
      HttpDestination destination = first;
      for (int from = 0; from < BATCHES * COPIED_PER_BATCH; from += COPIED_PER_BATCH) {
        List<TableRow> rows =
            Data.users(from + COPIED_PER_BATCH).subList(from, from + COPIED_PER_BATCH);
        KeyRange range = new KeyRange("id", "" + from, "" + (from + COPIED_PER_BATCH));
        while (random.nextInt(3) == 0) {
          giveUpAfterOneCall(destination, rows);
          destination = random.nextBoolean() ? destination(receiver) : destination;
          remove(destination, range);
        }
        send(destination, rows);
      }

      assertThat(faults.copied(16385)).hasSize(BATCHES * COPIED_PER_BATCH).doesNotHaveDuplicates();
    }
  }

  private static void giveUpAfterOneCall(HttpDestination destination, List<TableRow> rows) {
    try {
      destination.writeTableRows(USERS, rows);
    } catch (EtlException e) {
      assertThat(e.retry()).isEqualTo(RetryDirective.TIMED);
    }
  }

  private static void remove(HttpDestination destination, KeyRange range) {
    persist(() -> assertThat(destination.removeRange(USERS, range)).isTrue());
  }

  private static void send(HttpDestination destination, List<TableRow> rows) {
    persist(() -> destination.writeTableRows(USERS, rows));
  }

  private static HttpDestination destination(TestReceiver receiver) {
    return HttpDestination.builder(receiver.url())
        .maxBodyBytes(8_000)
        .removesRanges(true)
        .requestTimeout(Duration.ofMillis(500))
        .retryDelay(Duration.ofMillis(1))
        .build();
  }

  /**
   * {@return transactions that insert, update and delete users; what is left of them is expected}
   */
  private static List<Event> stream(Random random, Map<String, String> expected) {
    List<Event> stream = new ArrayList<>();
    for (int i = 0; i < TRANSACTIONS; i++) {
      Transaction tx = transaction(1_000L + 100L * i);
      List<Event> events = new ArrayList<>(List.of(new Event.Begin(tx)));
      for (int change = 1 + random.nextInt(20); change > 0; change--) {
        events.add(change(tx, events.size(), random, expected));
      }
      events.add(new Event.Commit(tx, events.size(), tx.commitLsn().plus(48)));
      stream.addAll(events);
    }
    return stream;
  }

  private static Event change(
      Transaction tx, int ordinal, Random random, Map<String, String> expected) {
    String id = "" + random.nextInt(50);
    String name = "name " + random.nextInt(1_000);
    TableRow row = row(USERS, id, name, "1");
    String values = "[" + id + ",\"" + name + "\",\"1\"]";
    if (!expected.containsKey(id)) {
      expected.put(id, values);
      return insert(tx, ordinal, row);
    }
    if (random.nextInt(3) == 0) {
      expected.remove(id);
      TableRow old = row(USERS, id, ABSENT, ABSENT);
      return new Event.Delete(tx, ordinal, USERS, new Event.OldRow(Event.OldRowKind.KEY, old));
    }
    expected.put(id, values);
    return new Event.Update(tx, ordinal, USERS, row, null);
  }

  /** Hands over a stream in batches of any size, each until it is taken, as the pipeline does. */
  private static void send(HttpDestination destination, List<Event> stream, Random random) {
    int from = 0;
    while (from < stream.size()) {
      int to = Math.min(stream.size(), from + 1 + random.nextInt(80));
      List<Event> batch = stream.subList(from, to);
      persist(() -> destination.writeEvents(batch));
      from = to;
    }
  }

  /**
   * Copies a table without a key, whose rows are all equal; the first attempt at it is given up.
   */
  private static void copy(HttpDestination destination) {
    List<TableRow> rows = Collections.nCopies(COPIED_PER_BATCH, row(ORDERS, "7", "same"));
    persist(() -> destination.writeTableRows(ORDERS, rows));
    persist(() -> destination.truncateTable(ORDERS));
    for (int i = 0; i < BATCHES; i++) {
      persist(() -> destination.writeTableRows(Data.at(ORDERS, new Lsn(99)), rows));
    }
  }

  private static void persist(Runnable call) {
    while (true) {
      try {
        call.run();
        return;
      } catch (EtlException e) {
        assertThat(e.retry()).isEqualTo(RetryDirective.TIMED);
      }
    }
  }
}

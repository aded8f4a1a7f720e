package dev.pgetl.destination.http;

import static dev.pgetl.destination.http.Data.ORDERS;
import static dev.pgetl.destination.http.Data.USERS;
import static dev.pgetl.destination.http.Data.insert;
import static dev.pgetl.destination.http.Data.inserts;
import static dev.pgetl.destination.http.Data.transaction;
import static dev.pgetl.destination.http.Expect.failure;
import static dev.pgetl.destination.http.TestReceiver.status;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.event.Event;
import dev.pgetl.event.Transaction;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.ReplicaIdentity;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The names of events. Streams of one process share a destination, and processes follow one
 * another, so a receiver that drops known names must not lose anything by that.
 */
@Timeout(60)
class HttpDestinationEventKeysTest {
  private final List<DeadLetter> letters = new ArrayList<>();
  private TestReceiver receiver;

  @BeforeEach
  void start() throws IOException {
    receiver = TestReceiver.start();
  }

  @AfterEach
  void stop() throws IOException {
    receiver.close();
  }

  private HttpDestinationBuilder destination() {
    return HttpDestination.builder(receiver.url()).retryDelay(Duration.ofMillis(1));
  }

  /** {@return a transaction that truncates, with one statement for each of these} */
  @SafeVarargs
  private static List<Event> truncates(List<TableSchema>... tables) {
    Transaction transaction = transaction(100);
    List<Event> events = new ArrayList<>();
    events.add(new Event.Begin(transaction));
    for (List<TableSchema> each : tables) {
      events.add(new Event.Truncate(transaction, 4L * events.size(), each, false, false));
    }
    events.add(new Event.Commit(transaction, 4L * events.size(), new Lsn(148)));
    return events;
  }

  /** One statement truncates several tables; each stream delivers it for its own. */
  @Test
  void namesTheSameTruncationOfOtherTablesApart() {
    HttpDestination destination = destination().build();
    List<TableSchema> both = List.of(USERS, ORDERS);

    destination.writeEvents(truncates(List.of(USERS)));
    destination.writeEvents(truncates(List.of(ORDERS)));
    destination.writeEvents(truncates(both));
    destination.writeEvents(truncates(both, List.of(USERS)));
    destination.writeEvents(truncates(List.of(USERS), both));
    destination.writeEvents(truncates(List.of(USERS)));

    List<String> keys = receiver.keys();
    assertThat(keys.subList(0, 5)).doesNotHaveDuplicates();
    assertThat(keys.get(5)).isEqualTo(keys.get(0));
    assertThat(keys)
        .allSatisfy(key -> assertThat(key).startsWith("events-0000000000000064.000000000000-"))
        .allSatisfy(key -> assertThat(key.length()).isLessThanOrEqualTo(RequestKey.MAX_LENGTH));
  }

  @Test
  void namesEventsApartWhoseTableIsDescribedInAnotherWay() {
    List<TableSchema> descriptions = new ArrayList<>(List.of(USERS));
    change(descriptions, table -> table.name(new TableName("public", "people")));
    change(descriptions, table -> table.replicaIdentity(ReplicaIdentity.FULL));
    change(descriptions, table -> table.snapshotLsn(new Lsn(7)));
    change(descriptions, table -> table.columns(first(column -> column.nullable(true))));
    change(descriptions, table -> table.columns(first(column -> column.primaryKeyOrdinal(0))));

    for (TableSchema description : descriptions) {
      Transaction transaction = transaction(100);
      destination()
          .build()
          .writeEvents(List.of(insert(transaction, 2, row(description, "1", "Ann", "2"))));
    }

    assertThat(receiver.keys()).hasSize(6).doesNotHaveDuplicates();
  }

  private static void change(List<TableSchema> to, Consumer<TableSchema.Builder> change) {
    TableSchema.Builder changed = USERS.toBuilder();
    change.accept(changed);
    to.add(changed.build());
  }

  private static List<ColumnSchema> first(Consumer<ColumnSchema.Builder> change) {
    List<ColumnSchema> columns = new ArrayList<>(USERS.columns());
    ColumnSchema.Builder changed = columns.get(0).toBuilder();
    change.accept(changed);
    columns.set(0, changed.build());
    return columns;
  }

  /** Each continues where it failed itself. */
  @Test
  void streamsThatDeliverTheSameTruncationDoNotContinueEachOther() {
    HttpDestination destination = destination().maxAttempts(1).build();
    List<Event> users = truncates(List.of(USERS));
    List<Event> orders = truncates(List.of(ORDERS));
    receiver.next(status(413), status(200), status(503));

    failure(() -> destination.writeEvents(users));
    destination.writeEvents(orders);
    destination.writeEvents(users);

    List<Integer> counts =
        receiver.requests().stream().map(request -> request.json().get("events").size()).toList();
    assertThat(counts).containsExactly(3, 1, 2, 3, 2);
    assertThat(receiver.keys().get(4)).isEqualTo(receiver.keys().get(2));
  }

  /** An earlier process sent the same request, and was killed. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void waitsWhileTheReceiverProcessesTheSameEventsFromElsewhere(boolean withDeadLetters) {
    receiver.next(status(409), status(409));

    HttpDestinationBuilder destination = destination();
    if (withDeadLetters) {
      destination.deadLetters(letters::add);
    }
    destination.build().writeEvents(inserts(100, 1, 2));

    assertThat(receiver.requests()).hasSize(3);
    assertThat(new HashSet<>(receiver.keys())).hasSize(1);
    assertThat(letters).isEmpty();
  }

  @Test
  void eventsInConflictAreForLaterInEveryCall() {
    TestReceiver.Behaviour[] conflicts = new TestReceiver.Behaviour[6];
    Arrays.fill(conflicts, status(409));
    receiver.next(conflicts);
    HttpDestination destination = destination().build();

    for (int call = 0; call < 2; call++) {
      EtlException failure = failure(() -> destination.writeEvents(inserts(100, 1, 2)));
      assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_UNAVAILABLE);
      assertThat(failure.retry()).isEqualTo(RetryDirective.TIMED);
      assertThat(failure)
          .hasMessageContaining("failed: status 409 to a request that the receiver may have");
      assertThat(failure.fix()).contains("refuse events with 422");
    }
    destination.writeEvents(inserts(100, 1, 2));

    assertThat(receiver.requests()).hasSize(7);
    assertThat(new HashSet<>(receiver.keys())).hasSize(1);
  }

  /** By then the receiver has processed what came from elsewhere, and would know the key. */
  @Test
  void aRefusalBehindAConflictCountsInTheNextCall() {
    receiver.next(status(409), status(422), status(422), status(422));
    HttpDestination destination = destination().build();

    EtlException later = failure(() -> destination.writeEvents(inserts(100, 1)));
    EtlException refused = failure(() -> destination.writeEvents(inserts(100, 1)));

    assertThat(later.kind()).isEqualTo(ErrorKind.DESTINATION_UNAVAILABLE);
    assertThat(refused.kind()).isEqualTo(ErrorKind.DESTINATION_REJECTED);
    assertThat(new HashSet<>(receiver.keys())).hasSize(1);
  }

  /** Nothing was sent from elsewhere, or that was refused too. */
  @Test
  void aRefusalWithoutAConflictIsOneAtOnce() {
    receiver.next(status(422));

    EtlException refused = failure(() -> destination().build().writeEvents(inserts(100, 1)));

    assertThat(refused.kind()).isEqualTo(ErrorKind.DESTINATION_REJECTED);
    assertThat(receiver.requests()).hasSize(1);
  }
}

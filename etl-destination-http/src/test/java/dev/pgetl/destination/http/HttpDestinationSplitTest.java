package dev.pgetl.destination.http;

import static dev.pgetl.destination.http.Data.USERS;
import static dev.pgetl.destination.http.Data.inserts;
import static dev.pgetl.destination.http.Data.users;
import static dev.pgetl.destination.http.Expect.failure;
import static dev.pgetl.destination.http.TestReceiver.status;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.http.TestReceiver.Behaviour;
import dev.pgetl.destination.http.TestReceiver.Request;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Batches that are cut, and the names of the pieces. */
@Timeout(60)
class HttpDestinationSplitTest {
  private TestReceiver receiver;

  @BeforeEach
  void start() throws IOException {
    receiver = TestReceiver.start();
  }

  @AfterEach
  void stop() throws IOException {
    receiver.close();
  }

  @Test
  void cutsRowsAtTheLimit() {
    limited(4_096).build().writeTableRows(USERS, users(1_000));

    assertThat(receiver.requests()).hasSizeGreaterThan(5).hasSizeLessThan(25);
    assertThat(receiver.requests())
        .allSatisfy(request -> assertThat(request.raw().length).isLessThanOrEqualTo(4_096));
    assertThat(ids()).containsExactlyElementsOf(IntStream.range(0, 1_000).boxed().toList());
    assertThat(new HashSet<>(receiver.keys())).hasSameSizeAs(receiver.requests());
  }

  @Test
  void cutsEventsAtTheLimitAndDescribesTheTablesInEveryPiece() {
    limited(4_096).build().writeEvents(inserts(100, IntStream.range(0, 300).toArray()));

    assertThat(receiver.requests()).hasSizeGreaterThan(5);
    assertThat(receiver.requests())
        .allSatisfy(request -> assertThat(request.raw().length).isLessThanOrEqualTo(4_096));
    assertThat(receiver.requests().get(3).json().get("tables").get(0).get("table").asText())
        .isEqualTo("public.users");
    assertThat(ordinals()).containsExactlyElementsOf(IntStream.range(0, 302).boxed().toList());
  }

  @Test
  void sendsALargeRowAlone() {
    List<TableRow> rows =
        List.of(
            row(USERS, "0", "small", "1"),
            row(USERS, "1", "x".repeat(100_000), "1"),
            row(USERS, "2", "small", "1"));

    limited(4_096).build().writeTableRows(USERS, rows);

    assertThat(receiver.requests())
        .extracting(request -> request.json().get("rows").size())
        .containsExactly(1, 1, 1);
    assertThat(ids()).containsExactly(0, 1, 2);
  }

  @Test
  void halvesWhatIsTooLargeForTheReceiver() {
    receiver.otherwise(accepting(3_000));

    limited(1 << 20).build().writeTableRows(USERS, users(200));

    assertThat(taken()).containsExactlyElementsOf(IntStream.range(0, 200).boxed().toList());
  }

  @Test
  void learnsTheSizeTheReceiverTakes() {
    receiver.otherwise(accepting(3_000));
    HttpDestination destination = limited(1 << 20).build();

    for (int i = 0; i < 5; i++) {
      destination.writeTableRows(USERS, users(200));
      destination.writeEvents(inserts(100, IntStream.range(0, 100).toArray()));
    }
    int before = receiver.requests().size();
    for (int i = 0; i < 5; i++) {
      destination.writeTableRows(USERS, users(200));
      destination.writeEvents(inserts(100, IntStream.range(0, 100).toArray()));
    }

    List<Request> later = receiver.requests().subList(before, receiver.requests().size());
    assertThat(later.stream().filter(request -> request.raw().length > 3_000).count())
        .isLessThan(later.size() / 10);
  }

  @Test
  void sendsLargeBodiesAgainOnceTheReceiverTakesThem() {
    HttpDestination destination = limited(64 << 10).build();
    receiver.otherwise(accepting(1_500));
    destination.writeTableRows(USERS, users(100));
    receiver.otherwise(status(200));
    for (int i = 0; i < 100; i++) {
      destination.writeTableRows(USERS, users(100));
    }
    int before = receiver.requests().size();

    destination.writeTableRows(USERS, users(1_000));

    assertThat(receiver.requests()).hasSize(before + 1);
  }

  @Test
  void seldomTriesWhatTheReceiverNeverTakes() {
    BodyLimit limit = new BodyLimit(1 << 20);
    int trials = 0;
    limit.refused(100_000);
    for (int i = 0; i < 10_000; i++) {
      limit.taken();
      if (limit.bytes() > 60_000) {
        limit.refused(limit.bytes());
        trials++;
      }
    }

    assertThat(trials).isBetween(10, 20);
    assertThat(limit.bytes()).isEqualTo(50_000);
  }

  @Test
  void failsOnARowThatIsTooLargeAlone() {
    receiver.otherwise(accepting(3_000));

    EtlException failure =
        failure(
            () ->
                limited(1 << 20)
                    .build()
                    .writeTableRows(USERS, List.of(row(USERS, "1", "x".repeat(5_000), "1"))));

    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_REJECTED);
    assertThat(failure.tableOid()).hasValue(16385);
    assertThat(failure).hasMessageContaining("status 413").hasMessageContaining("limit");
  }

  @Test
  void goesOnWhereItFailedWhenTheCallIsRepeated() {
    HttpDestination destination = limited(4_096).maxAttempts(1).build();
    receiver.next(status(413), status(200), status(200), status(503));

    failure(() -> destination.writeTableRows(USERS, users(300)));
    int tried = receiver.requests().size();
    destination.writeTableRows(USERS, users(300));

    List<String> keys = receiver.keys();
    assertThat(tried).isEqualTo(4);
    assertThat(keys.get(4)).isEqualTo(keys.get(3));
    assertThat(keys.subList(4, keys.size())).doesNotContainAnyElementsOf(keys.subList(0, 3));
    assertThat(taken()).containsExactlyElementsOf(IntStream.range(0, 300).boxed().toList());
  }

  @Test
  void sendsEventsAgainThatAreReplayed() {
    HttpDestination destination = limited(4_096).maxAttempts(1).build();
    List<Event> events = inserts(100, IntStream.range(0, 100).toArray());
    receiver.next(status(200), status(503));

    failure(() -> destination.writeEvents(events));
    destination.writeEvents(events);
    int first = receiver.taken().size();
    destination.writeEvents(events);

    assertThat(receiver.taken()).hasSize(2 * first);
  }

  @Test
  void namesTheSameEventsAlikeInAnotherProcess() {
    HttpDestination.builder(receiver.url()).build().writeEvents(inserts(100, 1, 2));
    HttpDestination.builder(receiver.url())
        .format(new RequestFormat(RowLayout.NAMES, NumberStyle.EXACT))
        .build()
        .writeEvents(inserts(100, 1, 2));
    HttpDestination.builder(receiver.url()).build().writeEvents(inserts(101, 1, 2));
    HttpDestination.builder(receiver.url()).build().writeEvents(inserts(100, 1));
    HttpDestination.builder(receiver.url()).source("other").build().writeEvents(inserts(100, 1, 2));

    List<String> keys = receiver.keys();
    assertThat(keys.get(1)).isEqualTo(keys.get(0)).startsWith("events-0000000000000064.");
    assertThat(new HashSet<>(keys)).hasSize(4);
    assertThat(keys)
        .allSatisfy(key -> assertThat(key.length()).isLessThanOrEqualTo(RequestKey.MAX_LENGTH));
  }

  @Test
  void namesEqualRowsOfOneCopyApart() {
    HttpDestination destination = HttpDestination.builder(receiver.url()).build();

    destination.writeTableRows(USERS, users(2));
    destination.writeTableRows(USERS, users(2));
    destination.writeTableRows(Data.at(USERS, new Lsn(1)), users(2));
    destination.truncateTable(USERS);
    destination.writeTableRows(Data.at(USERS, new Lsn(2)), users(2));

    assertThat(new HashSet<>(receiver.keys())).hasSize(5);
  }

  /** It continues the copy, and does not know how many rows were sent: their place is not known. */
  @Test
  void namesTheSameRowsOfTheSameCopyApartInAnotherProcess() {
    HttpDestination.builder(receiver.url()).build().writeTableRows(USERS, users(2));
    HttpDestination.builder(receiver.url()).build().writeTableRows(USERS, users(2));

    assertThat(receiver.keys()).hasSize(2).doesNotHaveDuplicates();
  }

  private HttpDestinationBuilder limited(int bytes) {
    return HttpDestination.builder(receiver.url()).maxBodyBytes(bytes);
  }

  /** A receiver with a limit of its own. */
  private static Behaviour accepting(int bytes) {
    return exchange -> {
      Request request = exchange.readRequest();
      exchange.reply(request.raw().length > bytes ? 413 : 200, "");
    };
  }

  private List<Integer> ids() {
    return receiver.requests().stream().flatMap(request -> ids(request).stream()).toList();
  }

  private List<Integer> taken() {
    return receiver.taken().stream().flatMap(request -> ids(request).stream()).toList();
  }

  private static List<Integer> ids(Request request) {
    return request.json().get("rows").findValues("values").stream()
        .map(values -> values.get(0).asInt())
        .toList();
  }

  private List<Integer> ordinals() {
    return receiver.requests().stream()
        .flatMap(request -> request.json().get("events").findValues("ordinal").stream())
        .map(JsonNode::asInt)
        .toList();
  }
}

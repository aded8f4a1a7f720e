package dev.pgetl.destination.http;

import static dev.pgetl.destination.http.Data.USERS;
import static dev.pgetl.destination.http.Data.users;
import static dev.pgetl.destination.http.Expect.failure;
import static dev.pgetl.destination.http.TestReceiver.says;
import static dev.pgetl.destination.http.TestReceiver.status;
import static dev.pgetl.destination.http.TestReceiver.takeAndReset;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.http.TestReceiver.Request;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The removal of ranges, and the rows that come again after it, together with a receiver that drops
 * requests whose key it knows, as the documentation requires.
 */
@Timeout(60)
class HttpDestinationRemovalTest {
  private static final KeyRange ALL = new KeyRange("id", null, null);

  private final TableReceiver tables = new TableReceiver();
  private TestReceiver receiver;

  @BeforeEach
  void start() throws IOException {
    receiver = TestReceiver.start().otherwise(tables::answer);
  }

  @AfterEach
  void stop() throws IOException {
    receiver.close();
  }

  private HttpDestinationBuilder builder() {
    return HttpDestination.builder(receiver.url())
        .format(new RequestFormat(RowLayout.NAMES, NumberStyle.SAFE))
        .retryDelay(Duration.ofMillis(1))
        .removesRanges(true);
  }

  private static KeyRange ids(@Nullable String from, @Nullable String to) {
    return new KeyRange("id", from, to);
  }

  private List<@Nullable String> ids() {
    return tables.content(USERS).stream().map(row -> row.get(0)).toList();
  }

  @Test
  void sendsTheRangeInTheBody() throws IOException {
    HttpDestination destination = builder().source("shop").build();

    assertThat(destination.removeRange(USERS, ids("4711", "9223372036854775807"))).isTrue();

    Request request = receiver.requests().get(0);
    assertThat(request.method()).isEqualTo("POST");
    assertThat(request.path()).isEqualTo("/tables/16385/remove");
    assertThat(request.key()).startsWith("remove-16385-").doesNotContain("4711");
    assertThat(request.headers()).containsEntry("content-type", "application/json");
    assertThat(request.headers().toString()).doesNotContain("4711");
    JsonNode body = ((ObjectNode) request.json()).without(List.of("columns", "replica_identity"));
    assertThat(body)
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"version": 1, "source": "shop",
                     "table_id": 16385, "table": "public.users", "schema_version": "0/16B3748",
                     "schema_name": "public", "table_name": "users",
                     "ranges": [
                       {"column": "id", "from": 4711, "to": "9223372036854775807"}]}
                    """));
    assertThat(request.json().get("columns")).hasSize(3);
  }

  @Test
  void writesBoundsAsRowsHaveThem() {
    TableSchema files = TestTable.named("files").key("hash", PgType.base(17, "bytea")).build();
    HttpDestination exact =
        builder().format(new RequestFormat(RowLayout.POSITIONS, NumberStyle.EXACT)).build();
    receiver.otherwise(status(200));

    exact.removeRange(USERS, ids(null, "9223372036854775807"));
    exact.removeRange(files, new KeyRange("hash", "\\x00ff", null));

    assertThat(receiver.requests())
        .extracting(request -> request.json().get("ranges").toString())
        .containsExactly(
            "[{\"column\":\"id\",\"from\":null,\"to\":9223372036854775807}]",
            "[{\"column\":\"hash\",\"from\":\"AP8=\",\"to\":null}]");
  }

  @Test
  void removesNothingUnlessAskedFor() {
    HttpDestination destination = builder().removesRanges(false).build();

    assertThat(destination.removeRange(USERS, ALL)).isFalse();

    assertThat(receiver.requests()).isEmpty();
  }

  /** The second process makes the same calls: its first rows are the same, in the same place. */
  @Test
  void takesTheRowsOfAnotherProcessAgain() {
    HttpDestination crashed = builder().build();
    crashed.truncateTable(USERS);
    crashed.writeTableRows(USERS, users(3));
    for (int process = 0; process < 2; process++) {
      HttpDestination next = builder().build();
      next.removeRange(USERS, ids("1", "3"));
      assertThat(ids()).containsExactly("0");
      next.writeTableRows(USERS, users(3).subList(1, 3));
      assertThat(ids()).containsExactly("0", "1", "2");
    }
  }

  @Test
  void takesTheRowsOfThisProcessAgain() {
    HttpDestination destination = builder().build();
    destination.writeTableRows(USERS, users(2));
    destination.removeRange(USERS, ALL);
    destination.writeTableRows(USERS, users(2));

    assertThat(ids()).containsExactly("0", "1");
  }

  /** What a call that failed had sent is not taken for sent after the removal. */
  @Test
  void sendsEverythingAgainOfACallThatFailedHalfway() {
    HttpDestination destination = builder().maxBodyBytes(2_000).maxAttempts(1).build();
    receiver.next(tables::answer, tables::answer, status(503));
    EtlException failure = failure(() -> destination.writeTableRows(USERS, users(100)));
    assertThat(ids()).hasSizeBetween(1, 99);

    destination.removeRange(USERS, ALL);
    assertThat(ids()).isEmpty();
    destination.writeTableRows(USERS, users(100));

    assertThat(failure.retry()).isEqualTo(RetryDirective.TIMED);
    assertThat(ids()).hasSize(100);
    assertThat(receiver.taken()).extracting(Request::key).doesNotHaveDuplicates();
  }

  /** A proxy may hold copies of requests back, and deliver them behind their successors. */
  @Test
  void lateCopiesOfEarlierRequestsChangeNothing() throws IOException, InterruptedException {
    HttpDestination destination = builder().build();
    destination.truncateTable(USERS);
    destination.writeTableRows(USERS, users(3));
    destination.removeRange(USERS, ids("1", null));
    destination.writeTableRows(USERS, users(4).subList(2, 4));

    for (Request late : receiver.requests()) {
      HttpRequest.Builder again =
          HttpRequest.newBuilder(URI.create(receiver.url() + late.path()))
              .method(late.method(), BodyPublishers.ofByteArray(late.raw()))
              .header("Idempotency-Key", late.key());
      int status =
          HttpClient.newHttpClient().send(again.build(), BodyHandlers.discarding()).statusCode();
      assertThat(status).isEqualTo(200);
    }

    assertThat(ids()).containsExactly("0", "2", "3");
  }

  @Test
  void keysOfRowsNameTheRemovalBeforeThem() {
    HttpDestination destination = builder().announceCopies(true).build();
    destination.writeTableRows(USERS, users(1));
    destination.truncateTable(USERS);
    destination.writeTableRows(USERS, users(1));
    destination.removeRange(USERS, ALL);
    destination.writeTableRows(USERS, users(1));
    destination.writeTableRows(USERS, users(1));
    destination.tableCopied(USERS);

    List<String> keys = receiver.keys();
    String truncation = keys.get(1).substring("truncate-16385-".length());
    String removal = keys.get(3).substring("remove-16385-".length());
    assertThat(keys.get(2)).startsWith("rows-16385-" + truncation + "-");
    assertThat(keys.get(4)).startsWith("rows-16385-" + removal + "-");
    assertThat(keys.get(5)).startsWith("rows-16385-" + removal + "-");
    assertThat(keys.get(6)).isEqualTo("copied-16385-" + removal);
    assertThat(keys)
        .doesNotHaveDuplicates()
        .allSatisfy(key -> assertThat(key.length()).isLessThanOrEqualTo(RequestKey.MAX_LENGTH));
  }

  @Test
  void isRepeatedUnderItsKeyUntilItIsAnswered() {
    HttpDestination destination = builder().maxAttempts(2).build();
    receiver.next(takeAndReset(), status(409));

    EtlException failure = failure(() -> destination.removeRange(USERS, ids("1", "2")));
    assertThat(failure.retry()).isEqualTo(RetryDirective.TIMED);
    destination.removeRange(USERS, ids("1", "2"));
    destination.removeRange(USERS, ids("1", "2"));

    List<String> keys = receiver.keys();
    assertThat(keys).hasSize(4);
    assertThat(keys.subList(0, 3)).containsOnly(keys.get(0));
    assertThat(keys.get(3)).isNotEqualTo(keys.get(0));
  }

  /** Its key is known at the receiver, perhaps; another range must not be taken for it. */
  @Test
  void anotherRemovalHasAnotherKeyThanOneThatFailed() {
    HttpDestination destination = builder().maxAttempts(1).build();
    receiver.next(takeAndReset(), tables::answer, takeAndReset());

    failure(() -> destination.removeRange(USERS, ids("1", "2")));
    destination.removeRange(USERS, ids("1", "3"));
    failure(() -> destination.removeRange(USERS, ids("1", "2")));
    destination.truncateTable(USERS);
    destination.removeRange(USERS, ids("1", "2"));

    assertThat(receiver.keys()).hasSize(5).doesNotHaveDuplicates();
    assertThat(receiver.keys().get(3).substring("truncate-".length()))
        .isNotEqualTo(receiver.keys().get(2).substring("remove-".length()));
  }

  /** The second of two ranges is removed late: the receiver has to know its key by then. */
  @Test
  void oneOfSeveralIsRepeatedUnderItsKey() {
    HttpDestination destination = builder().maxAttempts(1).build();
    receiver.next(tables::answer, takeAndReset());

    destination.removeRange(USERS, ids("1", "2"));
    failure(() -> destination.removeRange(USERS, ids("2", "3")));
    destination.removeRange(USERS, ids("1", "2"));
    destination.removeRange(USERS, ids("2", "3"));

    List<String> keys = receiver.keys();
    assertThat(keys).hasSize(4);
    assertThat(keys.get(3)).isEqualTo(keys.get(1));
    assertThat(keys.subList(0, 3)).doesNotHaveDuplicates();
  }

  /** The answer repeats a bound that is a word of error messages. */
  @Test
  void failsWhenItIsRefused() {
    List<DeadLetter> letters = new ArrayList<>();
    HttpDestination destination = builder().deadLetters(letters::add).build();
    KeyRange range = new KeyRange("name", "duplicate", null);
    receiver.next(says(422, "invalid range: duplicate"), status(404));

    EtlException refused = failure(() -> destination.removeRange(USERS, range));
    EtlException unknown = failure(() -> destination.removeRange(USERS, range));

    for (EtlException failure : List.of(refused, unknown)) {
      assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_REJECTED);
      assertThat(failure.tableOid()).hasValue(16385);
      assertThat(failure)
          .hasMessageStartingWith("remove a range of table public.users to ")
          .hasMessageNotContaining("duplicate");
    }
    assertThat(refused).hasMessageContaining("invalid");
    assertThat(letters).isEmpty();
  }

  @Test
  void aBoundThatIsNoValueFailsWithoutShowingIt() {
    TableSchema files =
        TestTable.named("files").id(7).key("hash", PgType.base(17, "bytea")).build();

    EtlException failure =
        failure(() -> builder().build().removeRange(files, new KeyRange("hash", "4711", null)));

    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_DATA);
    assertThat(failure.tableOid()).hasValue(7);
    assertThat(failure).hasMessageContaining("column hash").hasMessageNotContaining("4711");
    assertThat(receiver.requests()).isEmpty();
  }
}

package dev.pgetl.destination.http;

import static dev.pgetl.destination.http.Data.USERS;
import static dev.pgetl.destination.http.Data.users;
import static dev.pgetl.destination.http.Expect.failure;
import static dev.pgetl.destination.http.TestReceiver.status;
import static dev.pgetl.destination.http.TestReceiver.takeAndReset;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.http.TestReceiver.Request;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.error.RetryDirective;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import dev.pgetl.wal.Lsn;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Copies whose rows replace those of a table, together with a receiver that keeps them aside and
 * drops requests whose key it knows, as the documentation requires.
 */
@Timeout(60)
class HttpDestinationReplacementTest {
  private static final TableSchema NEXT = version(0x2000_0000);
  private static final TableSchema NEWER = version(0x3000_0000);

  private final TableReceiver tables = new TableReceiver();
  private TestReceiver receiver;

  private static TableSchema version(long position) {
    return USERS.toBuilder().snapshotLsn(new Lsn(position)).build();
  }

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
        .removesRanges(true)
        .replacesTables(true);
  }

  /** {@return rows with ids from one number on} */
  private static List<TableRow> rows(TableSchema version, int from, int count) {
    return users(from + count).subList(from, from + count).stream()
        .map(row -> TestTable.row(version, row.text(0), row.text(1), row.text(2)))
        .toList();
  }

  private List<@Nullable String> ids() {
    return tables.content(USERS).stream().map(row -> row.get(0)).toList();
  }

  /** Another copy of a request arrives. */
  private void arrive(Request late) throws IOException, InterruptedException {
    HttpRequest.Builder again =
        HttpRequest.newBuilder(URI.create(receiver.url() + late.path()))
            .method(late.method(), BodyPublishers.ofByteArray(late.raw()))
            .header("Idempotency-Key", late.key());
    int status =
        HttpClient.newHttpClient().send(again.build(), BodyHandlers.discarding()).statusCode();
    assertThat(status).isEqualTo(200);
  }

  @Test
  void describesTheTable() throws IOException {
    HttpDestination destination = builder().source("shop").build();

    assertThat(destination.beginReplacement(USERS, NEXT)).isTrue();
    destination.tableCopied(NEXT);

    JsonNode expected =
        new ObjectMapper()
            .readTree(
                """
                {"version": 1, "source": "shop",
                 "table_id": 16385, "table": "public.users", "schema_version": "0/20000000",
                 "schema_name": "public", "table_name": "users", "rows": []}
                """);
    List<Request> requests = receiver.requests();
    assertThat(requests).extracting(Request::method).containsOnly("POST");
    assertThat(requests)
        .extracting(Request::path)
        .containsExactly("/tables/16385/replace", "/tables/16385/copied");
    assertThat(requests)
        .allSatisfy(
            request -> {
              JsonNode json = request.json();
              assertThat(json.get("columns")).hasSize(3);
              JsonNode rest = ((ObjectNode) json).without(List.of("columns", "replica_identity"));
              assertThat(rest).isEqualTo(expected);
            });
  }

  @Test
  void replacesNothingUnlessAskedFor() {
    HttpDestination destination = builder().replacesTables(false).build();

    assertThat(destination.beginReplacement(USERS, NEXT)).isFalse();
    assertThat(destination.continueReplacement(NEXT)).isFalse();
    destination.tableCopied(NEXT);

    assertThat(receiver.requests()).isEmpty();
  }

  @Test
  void keysOfRowsNameTheReplacementBeforeThem() {
    HttpDestination destination = builder().build();
    destination.beginReplacement(USERS, NEXT);
    destination.writeTableRows(NEXT, rows(NEXT, 0, 1));
    destination.tableCopied(NEXT);
    destination.tableCopied(NEXT);
    destination.beginReplacement(NEXT, NEXT);
    destination.writeTableRows(NEXT, rows(NEXT, 0, 1));
    destination.tableCopied(NEXT);

    List<String> keys = receiver.keys();
    String first = keys.get(0).substring("replace-16385-".length());
    String second = keys.get(4).substring("replace-16385-".length());
    assertThat(second).isNotEqualTo(first);
    assertThat(keys.get(1)).startsWith("rows-16385-" + first + "-");
    assertThat(keys.subList(2, 4)).containsOnly("copied-16385-" + first);
    assertThat(keys.get(5)).startsWith("rows-16385-" + second + "-");
    assertThat(keys.get(6)).isEqualTo("copied-16385-" + second);
    assertThat(keys)
        .allSatisfy(key -> assertThat(key.length()).isLessThanOrEqualTo(RequestKey.MAX_LENGTH));
  }

  @Test
  void isRepeatedUnderItsKeyUntilItIsAnswered() {
    HttpDestination destination = builder().maxAttempts(2).build();
    destination.writeTableRows(USERS, users(2));
    receiver.next(takeAndReset(), status(409));

    EtlException failure = failure(() -> destination.beginReplacement(USERS, NEXT));
    assertThat(failure.retry()).isEqualTo(RetryDirective.TIMED);
    destination.beginReplacement(USERS, NEXT);
    destination.beginReplacement(USERS, NEXT);

    List<String> keys = receiver.keys();
    assertThat(keys).hasSize(5);
    assertThat(keys.subList(1, 4)).containsOnly(keys.get(1));
    assertThat(keys.get(4)).isNotEqualTo(keys.get(1));
    assertThat(ids()).containsExactly("0", "1");
  }

  /** It would discard what is kept aside of the next one, if it were carried out late. */
  @Test
  void oneThatWasNotAnsweredIsRepeatedBeforeTheNext() throws IOException, InterruptedException {
    HttpDestination destination = builder().maxAttempts(1).build();
    receiver.next(status(503));
    EtlException unused = failure(() -> destination.beginReplacement(USERS, NEXT));

    destination.beginReplacement(NEXT, NEWER);
    destination.writeTableRows(NEWER, rows(NEWER, 0, 2));
    List<Request> requests = receiver.requests();
    arrive(requests.get(0));
    destination.tableCopied(NEWER);

    assertThat(receiver.keys().get(1)).isEqualTo(receiver.keys().get(0));
    assertThat(requests)
        .extracting(request -> request.json().get("schema_version").asText())
        .containsExactly("0/20000000", "0/20000000", "0/30000000", "0/30000000");
    assertThat(ids()).containsExactly("0", "1");
  }

  /** The second process does not know what the first one had sent. */
  @Test
  void anotherProcessContinues() {
    HttpDestination crashed = builder().build();
    crashed.writeTableRows(USERS, users(5));
    crashed.beginReplacement(USERS, NEXT);
    crashed.writeTableRows(NEXT, rows(NEXT, 6, 3));

    HttpDestination next = builder().build();
    assertThat(next.continueReplacement(NEXT)).isTrue();
    next.removeRange(NEXT, new KeyRange("id", "7", null));
    next.writeTableRows(NEXT, rows(NEXT, 7, 1));
    assertThat(ids()).containsExactly("0", "1", "2", "3", "4");
    next.tableCopied(NEXT);
    assertThat(ids()).containsExactly("6", "7");

    HttpDestination afterCrash = builder().build();
    assertThat(afterCrash.continueReplacement(NEXT)).isTrue();
    afterCrash.tableCopied(NEXT);
    assertThat(ids()).containsExactly("6", "7");
    assertThat(receiver.keys()).doesNotHaveDuplicates();
  }

  /** A proxy may hold copies of requests back, and deliver them behind their successors. */
  @Test
  void lateCopiesOfEarlierRequestsChangeNothing() throws IOException, InterruptedException {
    HttpDestination destination = builder().build();
    destination.truncateTable(USERS);
    destination.writeTableRows(USERS, users(2));
    destination.beginReplacement(USERS, NEXT);
    destination.writeTableRows(NEXT, rows(NEXT, 3, 2));
    destination.removeRange(NEXT, new KeyRange("id", "4", null));
    destination.tableCopied(NEXT);
    destination.beginReplacement(NEXT, NEWER);
    destination.writeTableRows(NEWER, rows(NEWER, 5, 2));

    for (Request late : receiver.requests()) {
      arrive(late);
    }
    assertThat(ids()).containsExactly("3");
    destination.tableCopied(NEWER);
    for (Request late : receiver.requests()) {
      arrive(late);
    }

    assertThat(ids()).containsExactly("5", "6");
  }

  /** The process that sent them is gone, and they arrive for the first time. */
  @Test
  void lateRequestsOfADiscardedReplacementChangeNothing() throws Exception {
    HttpDestination crashed = builder().maxAttempts(1).build();
    crashed.writeTableRows(USERS, users(2));
    crashed.beginReplacement(USERS, NEXT);
    receiver.next(status(503), status(503), status(503));
    EtlException unused = failure(() -> crashed.writeTableRows(NEXT, rows(NEXT, 7, 1)));
    unused = failure(() -> crashed.removeRange(NEXT, new KeyRange("id", null, null)));
    unused = failure(() -> crashed.tableCopied(NEXT));
    List<Request> held = receiver.requests().subList(2, 5);

    HttpDestination next = builder().build();
    next.beginReplacement(NEXT, NEWER);
    next.writeTableRows(NEWER, rows(NEWER, 3, 1));
    for (Request late : held) {
      arrive(late);
    }
    assertThat(ids()).containsExactly("0", "1");
    next.tableCopied(NEWER);

    assertThat(ids()).containsExactly("3");
  }

  @Test
  void failsWhenItIsRefused() {
    receiver.next(status(404));

    EtlException failure = failure(() -> builder().build().beginReplacement(USERS, NEXT));

    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_REJECTED);
    assertThat(failure.tableOid()).hasValue(16385);
    assertThat(failure).hasMessageStartingWith("begin to replace table public.users to ");
  }
}

package dev.pgetl.destination.http;

import static dev.pgetl.destination.http.Data.ORDERS;
import static dev.pgetl.destination.http.Data.USERS;
import static dev.pgetl.destination.http.Data.inserts;
import static dev.pgetl.destination.http.Data.users;
import static dev.pgetl.destination.http.Expect.failure;
import static dev.pgetl.destination.http.TestReceiver.status;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.destination.Destination;
import dev.pgetl.destination.Epoch;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.http.TestReceiver.Exchange;
import dev.pgetl.destination.http.TestReceiver.Request;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every request says whose it is: which source's, and which owner's of the pipeline. */
@Timeout(60)
class HttpDestinationOwnersTest {
  private final Map<String, Integer> rows = new HashMap<>();
  private TestReceiver receiver;

  @BeforeEach
  void start() throws IOException {
    receiver = TestReceiver.start();
  }

  @AfterEach
  void stop() throws IOException {
    receiver.close();
  }

  /** Tables of two databases may well have the same OID. */
  @Test
  void aTruncationEmptiesTheTableOfItsOwnSource() {
    receiver.otherwise(this::keepBySource);
    try (Destination shop = destination("shop");
        Destination bank = destination("bank")) {
      shop.truncateTable(USERS);
      shop.writeTableRows(USERS, users(3));
      bank.truncateTable(USERS);
      bank.writeTableRows(USERS, users(2));
    }

    assertThat(rows).containsOnly(Map.entry("shop", 3), Map.entry("bank", 2));
  }

  private HttpDestination destination(String source) {
    return HttpDestination.builder(receiver.url()).source(source).build();
  }

  private synchronized void keepBySource(Exchange exchange) throws IOException {
    Request request = exchange.readRequest();
    String source = request.headers().getOrDefault("pgetl-source", "?");
    if (request.method().equals("DELETE")) {
      rows.remove(source);
    } else {
      assertThat(request.json().get("source").asText()).isEqualTo(source);
      rows.merge(source, request.json().get("rows").size(), Integer::sum);
    }
    exchange.reply(200, "");
  }

  @Test
  void everyRequestNamesItsSource() {
    HttpDestination destination =
        HttpDestination.builder(receiver.url())
            .source("Läden & Co")
            .removesRanges(true)
            .replacesTables(true)
            .build();
    destination.truncateTable(USERS);
    assertThat(destination.beginReplacement(null, USERS)).isTrue();
    destination.writeTableRows(USERS, users(1));
    assertThat(destination.removeRange(USERS, new KeyRange("id", "1", "2"))).isTrue();
    destination.tableCopied(USERS);
    destination.writeEvents(inserts(100, 1));
    HttpDestination.builder(receiver.url()).build().truncateTable(ORDERS);

    List<Request> requests = receiver.requests();
    assertThat(requests).hasSize(7);
    assertThat(requests.subList(0, 6))
        .extracting(request -> request.headers().get("pgetl-source"))
        .containsOnly("L%C3%A4den%20%26%20Co");
    assertThat(requests.get(6).headers()).doesNotContainKey("pgetl-source");
  }

  /** Its owner was overtaken, and the process is the owner again: the receiver must refuse it. */
  @Test
  void allRequestsOfACallBelongToTheEpochInWhichItBegan() {
    HttpDestination destination =
        HttpDestination.builder(receiver.url()).maxBodyBytes(1 << 10).build();
    destination.beginEpoch(Epoch.endless(7));
    receiver.next(
        exchange -> {
          exchange.readRequest();
          destination.beginEpoch(Epoch.endless(9));
          exchange.reply(200, "");
        });
    destination.writeTableRows(USERS, users(100));
    destination.writeEvents(inserts(100, 1));

    Map<String, Set<String>> epochs =
        receiver.requests().stream()
            .collect(
                groupingBy(Request::path, mapping(r -> r.headers().get("pgetl-epoch"), toSet())));
    assertThat(epochs)
        .containsOnly(
            Map.entry("/tables/16385/rows", Set.of("7")), Map.entry("/events", Set.of("9")));
    assertThat(receiver.requests()).hasSizeGreaterThan(3);
  }

  /** In between another owner may have truncated the table, or sent other events. */
  @Test
  void whatAnEarlierEpochLeftUnfinishedIsNotContinued() {
    HttpDestination destination =
        HttpDestination.builder(receiver.url())
            .maxBodyBytes(1 << 10)
            .maxAttempts(1)
            .retryDelay(Duration.ofMillis(1))
            .build();
    destination.beginEpoch(Epoch.endless(7));
    receiver.next(
        status(200),
        exchange -> {
          exchange.readRequest();
          destination.beginEpoch(Epoch.endless(9));
          exchange.reply(503, "");
        });
    int[] ids = new int[40];
    var unused = failure(() -> destination.writeEvents(inserts(100, ids)));
    int before = receiver.requests().size();
    destination.writeEvents(inserts(100, ids));

    assertThat(before).isEqualTo(2);
    assertThat(receiver.keys().get(before)).isEqualTo(receiver.keys().get(0));
  }
}

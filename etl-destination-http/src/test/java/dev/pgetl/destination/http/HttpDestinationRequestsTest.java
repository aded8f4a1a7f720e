package dev.pgetl.destination.http;

import static dev.pgetl.destination.http.Data.USERS;
import static dev.pgetl.destination.http.Data.everyKind;
import static dev.pgetl.destination.http.Data.users;
import static dev.pgetl.testkit.data.TestTable.ABSENT;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.Epoch;
import dev.pgetl.destination.WriteResult;
import dev.pgetl.destination.http.TestReceiver.Request;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What goes over the wire when all is well. */
class HttpDestinationRequestsTest {
  private TestReceiver receiver;

  @BeforeEach
  void start() throws IOException {
    receiver = TestReceiver.start();
  }

  @AfterEach
  void stop() throws IOException {
    receiver.close();
  }

  @ParameterizedTest
  @CsvSource({
    "'', /tables/16385/truncate",
    "/, /tables/16385/truncate",
    "/api/v2, /api/v2/tables/16385/truncate",
    "/api/v2/, /api/v2/tables/16385/truncate",
    "/api?code=x%20y, /api/tables/16385/truncate?code=x%20y"
  })
  void truncatesBelowTheBase(String base, String path) {
    HttpDestination.builder(receiver.url() + base).build().truncateTable(USERS);

    Request request = only();
    assertThat(request.method()).isEqualTo("DELETE");
    assertThat(request.path()).isEqualTo(path);
    assertThat(request.raw()).isEmpty();
    assertThat(request.key()).startsWith("truncate-16385-");
    assertThat(request.headers()).doesNotContainKeys("content-type", "authorization");
  }

  @Test
  void namesTheEpochOfItsOwner() {
    HttpDestination destination = HttpDestination.builder(receiver.url()).build();
    destination.truncateTable(USERS);
    assertThat(only().headers()).doesNotContainKey("pgetl-epoch");
    destination.beginEpoch(Epoch.endless(7));
    destination.truncateTable(USERS);
    assertThat(receiver.requests().get(1).headers()).containsEntry("pgetl-epoch", "7");
  }

  @Test
  void sendsRowsByPosition() throws IOException {
    WriteResult result =
        HttpDestination.builder(receiver.url())
            .build()
            .writeTableRows(
                USERS, List.of(row(USERS, "1", "Ann", "1.50"), row(USERS, "2", null, "NaN")));

    assertThat(result).isEqualTo(WriteResult.DURABLE);
    Request request = only();
    assertThat(request.method()).isEqualTo("POST");
    assertThat(request.path()).isEqualTo("/tables/16385/rows");
    assertThat(request.headers()).containsEntry("content-type", "application/json");
    assertThat(request.json())
        .isEqualTo(
            tree(
                """
                {"version": 1,
                 "table_id": 16385, "table": "public.users", "schema_version": "0/16B3748",
                 "schema_name": "public", "table_name": "users", "replica_identity": "default",
                 "columns": [
                   {"name": "id", "type": "int8", "type_oid": 20, "modifier": -1,
                    "nullable": false, "primary_key": 1, "identity": true},
                   {"name": "name", "type": "text", "type_oid": 25, "modifier": -1,
                    "nullable": true, "primary_key": 0, "identity": false},
                   {"name": "balance", "type": "numeric", "type_oid": 1700, "modifier": -1,
                    "nullable": true, "primary_key": 0, "identity": false}],
                 "rows": [{"values": [1, "Ann", "1.50"]}, {"values": [2, null, "NaN"]}]}
                """));
  }

  @Test
  void sendsRowsByNameWithExactNumbers() throws IOException {
    HttpDestination.builder(receiver.url() + "/")
        .format(new RequestFormat(RowLayout.NAMES, NumberStyle.EXACT))
        .build()
        .writeTableRows(USERS, List.of(row(USERS, "1", ABSENT, "1.50")));

    assertThat(only().body())
        .contains("\"rows\":[{\"values\":{\"id\":1,\"balance\":1.50},\"absent\":[\"name\"]}]");
  }

  @Test
  void sendsEveryKindOfEvent() throws IOException {
    HttpDestination.builder(receiver.url()).build().writeEvents(everyKind());

    Request request = only();
    assertThat(request.path()).isEqualTo("/events");
    JsonNode body = request.json();
    assertThat(body.get("version").asInt()).isEqualTo(1);
    assertThat(body.get("tables").findValuesAsText("table"))
        .containsExactly("public.users", "public.orders");
    assertThat(body.get("events"))
        .containsExactlyElementsOf(
            events(
                """
                [{"type": "begin", "key": "00000016B374D848.000000000000", "ordinal": 0},
                 {"type": "relation", "key": "00000016B374D848.000000000001", "ordinal": 1},
                 {"type": "insert", "key": "00000016B374D848.000000000002", "ordinal": 2,
                  "row": {"values": [1, "Ann", "1.50"]}},
                 {"type": "update", "key": "00000016B374D848.000000000003", "ordinal": 3,
                  "row": {"values": [1, null, null], "absent": ["name"]}},
                 {"type": "update", "key": "00000016B374D848.000000000004", "ordinal": 4,
                  "row": {"values": [2, "Bob", "2"]},
                  "old": {"kind": "key", "values": [1, null, null], "absent": ["name", "balance"]}},
                 {"type": "delete", "key": "00000016B374D848.000000000005", "ordinal": 5,
                  "old": {"kind": "full", "values": [1, "Ann", "1.50"]}},
                 {"type": "truncate", "key": "00000016B374D848.000000000006", "ordinal": 6,
                  "truncated": [
                    {"table_id": 16385, "table": "public.users", "schema_version": "0/16B3748"},
                    {"table_id": 16390, "table": "public.orders", "schema_version": "0/16B3748"}],
                  "cascade": true, "restart_identity": false},
                 {"type": "message", "key": "00000016B374D848.000000000007", "ordinal": 7,
                  "transactional": true, "lsn": "16/B374D800", "prefix": "audit",
                  "content": "aGVsbG8="},
                 {"type": "commit", "key": "00000016B374D848.000000000008", "ordinal": 8,
                  "end_lsn": "16/B374D878"}]
                """));
  }

  @Test
  void sendsNothingForAnEmptyBatch() {
    HttpDestination destination = HttpDestination.builder(receiver.url()).build();

    assertThat(destination.writeTableRows(USERS, List.of())).isEqualTo(WriteResult.DURABLE);
    assertThat(destination.writeEvents(List.of())).isEqualTo(WriteResult.DURABLE);

    assertThat(receiver.requests()).isEmpty();
  }

  @Test
  void announcesAnEmptyTableWhenTold() {
    HttpDestination.builder(receiver.url())
        .announceEmptyTables(true)
        .build()
        .writeTableRows(USERS, List.of());

    assertThat(only().json().get("rows")).isEmpty();
    assertThat(only().json().get("columns")).hasSize(3);
  }

  @Test
  void announcesACompleteCopyWhenTold() {
    HttpDestination.builder(receiver.url()).build().tableCopied(USERS);
    assertThat(receiver.requests()).isEmpty();

    HttpDestination.builder(receiver.url()).announceCopies(true).build().tableCopied(USERS);

    assertThat(only().method()).isEqualTo("POST");
    assertThat(only().path()).isEqualTo("/tables/16385/copied");
    assertThat(only().raw()).isEmpty();
    assertThat(only().key()).startsWith("copied-16385-");
  }

  @Test
  void announcesEachCopyUnderItsOwnKey() {
    HttpDestination destination =
        HttpDestination.builder(receiver.url()).announceCopies(true).build();

    destination.tableCopied(USERS);
    destination.tableCopied(USERS);
    destination.truncateTable(USERS);
    destination.tableCopied(USERS);

    List<String> keys =
        receiver.requests().stream().map(Request::key).filter(key -> key.startsWith("c")).toList();
    assertThat(keys).hasSize(3);
    assertThat(keys.get(1)).isEqualTo(keys.get(0));
    assertThat(keys.get(2)).isNotEqualTo(keys.get(0));
  }

  @Test
  void compresses() {
    HttpDestination destination = HttpDestination.builder(receiver.url()).gzip(true).build();

    destination.writeTableRows(USERS, users(1_000));

    Request request = only();
    assertThat(request.headers()).containsEntry("content-encoding", "gzip");
    assertThat(request.json().get("rows")).hasSize(1_000);
    assertThat(request.raw().length).isLessThan(request.body().length() / 3);
  }

  @Test
  void namesTheSource() {
    HttpDestination.builder(receiver.url()).source("shop").build().writeEvents(everyKind());

    assertThat(only().json().get("source").asText()).isEqualTo("shop");
  }

  @Test
  void letsAFormatReplaceAddressHeadersAndBody() {
    HttpDestination.builder(receiver.url())
        .format(new Lines())
        .build()
        .writeTableRows(USERS, users(3));

    assertThat(only().path()).isEqualTo("/bulk/users");
    assertThat(only().headers())
        .containsEntry("x-items", "3")
        .containsEntry("content-type", "application/x-ndjson");
    assertThat(only().body()).isEqualTo("\"user 0\"\n\"user 1\"\n\"user 2\"\n");
  }

  @Test
  void usesOneConnectionForManyRequests() {
    HttpDestination destination = HttpDestination.builder(receiver.url()).build();

    for (int i = 0; i < 50; i++) {
      destination.writeEvents(everyKind());
    }

    assertThat(receiver.requests()).hasSize(50);
    assertThat(receiver.connectionCount()).isEqualTo(1);
  }

  private Request only() {
    assertThat(receiver.requests()).hasSize(1);
    return receiver.requests().get(0);
  }

  /** {@return the events with what all of them, or all of a table, have in common} */
  private static JsonNode events(String json) throws IOException {
    JsonNode events = tree(json);
    for (JsonNode event : events) {
      ObjectNode members = (ObjectNode) event;
      members.put("commit_lsn", "16/B374D848");
      members.put("commit_time", "2026-01-02T03:04:05.123456Z");
      members.put("xid", 4_000_000_000L);
      if (event.has("row") || event.has("old") || event.get("type").asText().equals("relation")) {
        members.put("table_id", 16385);
        members.put("table", "public.users");
        members.put("schema_version", "0/16B3748");
      }
    }
    return events;
  }

  private static JsonNode tree(String json) throws IOException {
    return new ObjectMapper().readTree(json);
  }

  /** One JSON string per line, at an address of its own. */
  private static final class Lines extends RequestFormat {
    @Override
    public URI uri(URI base, DeliveryRequest request) {
      return below(base, "bulk/" + request.table().name().name());
    }

    @Override
    public Map<String, String> headers(DeliveryRequest request) {
      return Map.of("X-Items", "" + request.itemCount());
    }

    @Override
    public String contentType() {
      return "application/x-ndjson";
    }

    @Override
    public void writeHead(DeliveryRequest request, JsonGenerator json) {}

    @Override
    public void writeRow(TableRow row, JsonGenerator json) throws IOException {
      json.writeString(row.text(1));
    }

    @Override
    public String separator() {
      return "\n";
    }

    @Override
    public String tail(DeliveryRequest request) {
      return "\n";
    }
  }
}

package dev.pgetl.destination.http;

import static dev.pgetl.destination.http.Data.ORDERS;
import static dev.pgetl.destination.http.Data.USERS;
import static dev.pgetl.destination.http.Data.insert;
import static dev.pgetl.destination.http.Data.inserts;
import static dev.pgetl.destination.http.Data.transaction;
import static dev.pgetl.destination.http.Data.users;
import static dev.pgetl.destination.http.Expect.failure;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.http.TestReceiver.Behaviour;
import dev.pgetl.destination.http.TestReceiver.Request;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.event.Transaction;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Single items a receiver refuses. */
@Timeout(60)
class HttpDestinationDeadLettersTest {
  private static final List<TableRow> ROW = List.of(row(ORDERS, "5", "bad"));
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;
  private TestReceiver receiver;
  private final List<DeadLetter> letters = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    receiver = TestReceiver.start();
  }

  @AfterEach
  void stop() throws IOException {
    receiver.close();
  }

  @Test
  void takesOutTheRefusedRowsAndSendsTheRest() {
    receiver.otherwise(refusing(422, "user 7\"", "user 70\""));

    HttpDestination.builder(receiver.url())
        .deadLetters(letters::add)
        .build()
        .writeTableRows(USERS, users(100));

    assertThat(taken("rows"))
        .containsExactlyElementsOf(
            IntStream.range(0, 100).filter(i -> i != 7 && i != 70).boxed().toList());
    assertThat(letters)
        .extracting(letter -> text(letter.item()))
        .containsExactly(
            "{\"values\":[7,\"user 7\",\"1.50\"]}", "{\"values\":[70,\"user 70\",\"1.50\"]}");
    assertThat(letters.get(0).status()).isEqualTo(422);
    assertThat(letters.get(0).answer()).isEqualTo("*** do not like *** in column name");
    assertThat(letters.get(0).request().table()).isEqualTo(USERS);
    assertThat(letters.get(0).toString()).doesNotContain("user 7");
  }

  @Test
  void takesOutTheRefusedEventAndKeepsTheOrderOfTheRest() {
    receiver.otherwise(refusing(400, "user 13\""));

    HttpDestination.builder(receiver.url())
        .deadLetters(letters::add)
        .build()
        .writeEvents(inserts(100, IntStream.range(0, 40).toArray()));

    assertThat(taken("events"))
        .containsExactlyElementsOf(IntStream.range(0, 40).filter(i -> i != 13).boxed().toList());
    assertThat(letters).hasSize(1);
    assertThat(letters.get(0).request().key()).startsWith("events-0000000000000064.00000000000E-");
  }

  @Test
  void takesOutWhatIsTooLarge() {
    receiver.otherwise(
        exchange -> {
          Request request = exchange.readRequest();
          exchange.reply(request.raw().length > 2_000 ? 413 : 200, "");
        });

    HttpDestination.builder(receiver.url())
        .deadLetters(letters::add)
        .build()
        .writeTableRows(
            USERS,
            List.of(
                row(USERS, "1", "a", "1"),
                row(USERS, "2", "x".repeat(3_000), "1"),
                row(USERS, "3", "c", "1")));

    assertThat(letters).hasSize(1);
    assertThat(taken("rows")).contains(1, 3);
  }

  @Test
  void stopsWhenTheReceiverRefusesEverything() {
    receiver.otherwise(TestReceiver.status(400));
    HttpDestination destination =
        HttpDestination.builder(receiver.url())
            .deadLetters(letters::add)
            .deadLetterLimit(5)
            .build();

    EtlException failure = failure(() -> destination.writeTableRows(USERS, users(20)));

    assertThat(letters).hasSize(5);
    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_REJECTED);
    assertThat(failure).hasMessageContaining("6 in a row");
  }

  @Test
  void countsRefusalsInARowForEachTable() {
    receiver.otherwise(refusing(422, "bad"));
    HttpDestination destination =
        HttpDestination.builder(receiver.url())
            .deadLetters(letters::add)
            .deadLetterLimit(5)
            .build();
    for (int i = 0; i < 5; i++) {
      destination.writeTableRows(ORDERS, List.of(row(ORDERS, "1", "bad")));
      destination.writeTableRows(USERS, users(1));
    }

    EtlException failure =
        failure(() -> destination.writeTableRows(ORDERS, List.of(row(ORDERS, "2", "bad"))));

    assertThat(letters).hasSize(5);
    assertThat(failure).hasMessageContaining("6 in a row");
    assertThat(failure.tableOid()).hasValue(16390);
    destination.writeTableRows(ORDERS, List.of(row(ORDERS, "3", "good")));
    destination.writeTableRows(ORDERS, List.of(row(ORDERS, "2", "bad")));
    assertThat(letters).hasSize(6);
  }

  @Test
  void neverBuriesAnythingForAWrongAddressOrBadCredentials() {
    HttpDestination destination =
        HttpDestination.builder(receiver.url()).deadLetters(letters::add).build();
    for (int status : new int[] {401, 403, 404, 405, 301, 415}) {
      receiver.next(TestReceiver.status(status));

      failure(() -> destination.writeTableRows(USERS, users(1)));
    }

    assertThat(letters).isEmpty();
    assertThat(receiver.requests()).hasSize(6);
  }

  @Test
  void failsWhenTheLetterCannotBeTaken() {
    receiver.otherwise(TestReceiver.status(400));
    HttpDestination destination =
        HttpDestination.builder(receiver.url())
            .deadLetters(
                letter -> {
                  throw new EtlException(ErrorKind.STORE_UNAVAILABLE, "disk full");
                })
            .build();

    EtlException failure = failure(() -> destination.writeTableRows(USERS, users(1)));

    assertThat(failure).hasMessage("disk full");
  }

  @Test
  void findsTheTableToBlameWithoutDeadLetters() {
    receiver.otherwise(refusing(400, "bad note"));
    Transaction tx = transaction(100);
    List<Event> events =
        List.of(
            new Event.Begin(tx),
            insert(tx, 1, row(USERS, "1", "Ann", "1")),
            insert(tx, 2, row(ORDERS, "5", "bad note")),
            insert(tx, 3, row(USERS, "2", "Bob", "1")));

    EtlException failure =
        failure(() -> HttpDestination.builder(receiver.url()).build().writeEvents(events));

    assertThat(failure.tableOid()).hasValue(16390);
    assertThat(taken("events")).containsExactly(1);
  }

  @Test
  void blamesTheOnlyTableAtOnce() {
    receiver.otherwise(TestReceiver.status(400));

    EtlException failure =
        failure(
            () -> HttpDestination.builder(receiver.url()).build().writeEvents(inserts(100, 1, 2)));

    assertThat(failure.tableOid()).hasValue(16385);
    assertThat(receiver.requests()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFormatThatCannotWriteAnItemFailsItsTable(boolean inputOutput) {
    RequestFormat format =
        new RequestFormat() {
          @Override
          public void writeEvent(Event event, JsonGenerator json) throws IOException {
            if (event instanceof Event.Insert insert && insert.table().equals(ORDERS)) {
              if (inputOutput) {
                throw new IOException("no place for bad note");
              }
              throw new IllegalArgumentException("no place for bad note");
            }
            super.writeEvent(event, json);
          }
        };
    Transaction tx = transaction(100);
    List<Event> events =
        List.of(
            insert(tx, 1, row(USERS, "1", "Ann", "1")),
            insert(tx, 2, row(ORDERS, "5", "bad note")));
    HttpDestination destination = HttpDestination.builder(receiver.url()).format(format).build();

    EtlException failure = failure(() -> destination.writeEvents(events));

    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_FAILED);
    assertThat(failure.tableOid()).hasValue(16390);
    assertThat(failure).hasMessageNotContaining("bad note").hasNoCause();
    assertThat(failure.getStackTrace()[0].getMethodName()).isEqualTo("writeEvent");
  }

  /** The receiver lacks the endpoint for all tables, maybe only for a while. */
  @ParameterizedTest
  @ValueSource(ints = {404, 405, 410, 421, 302})
  void anAddressThatIsWrongIsNoFaultOfTheTable(int status) {
    receiver.otherwise(TestReceiver.status(status));

    EtlException failure =
        failure(() -> HttpDestination.builder(receiver.url()).build().writeEvents(inserts(100, 1)));

    assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_REJECTED);
    assertThat(failure.tableOid()).isEmpty();
  }

  @Test
  void aLetterThatCannotBeWrittenIsNotOneMoreRefusal() {
    receiver.otherwise(TestReceiver.status(422));
    List<DeadLetter> written = new ArrayList<>();
    boolean[] full = {true};
    HttpDestination destination =
        HttpDestination.builder(receiver.url())
            .deadLetterLimit(2)
            .deadLetters(letter -> accept(letter, full[0], written))
            .build();

    for (int i = 0; i < 5; i++) {
      EtlException failure = failure(() -> destination.writeTableRows(ORDERS, ROW));
      assertThat(failure.kind()).isEqualTo(ErrorKind.DESTINATION_UNAVAILABLE);
    }
    full[0] = false;
    destination.writeTableRows(ORDERS, ROW);
    assertThat(written).hasSize(1);
  }

  private static void accept(DeadLetter letter, boolean full, List<DeadLetter> written) {
    if (full) {
      throw new EtlException(ErrorKind.DESTINATION_UNAVAILABLE, "the disk is full");
    }
    written.add(letter);
  }

  @Test
  void writesLettersToAFileForItsOwnerOnly() throws IOException {
    Path file = directory.resolve("letters.jsonl");
    receiver.otherwise(refusing(422, "user 3\""));
    HttpDestination destination =
        HttpDestination.builder(receiver.url()).deadLetters(new FileDeadLetters(file)).build();

    destination.writeTableRows(USERS, users(5));
    destination.close();

    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(1);
    JsonNode letter = JSON.readTree(lines.get(0));
    assertThat(letter.get("kind").asText()).isEqualTo("rows");
    JsonNode table = letter.get("tables").get(0);
    assertThat(table.get("table_id").asLong()).isEqualTo(16385);
    assertThat(table.get("table").asText()).isEqualTo("public.users");
    assertThat(table.get("schema_version").asText()).isEqualTo("0/16B3748");
    assertThat(table.get("columns").findValuesAsText("name"))
        .containsExactly("id", "name", "balance");
    assertThat(letter.get("status").asInt()).isEqualTo(422);
    assertThat(letter.get("request_key").asText()).startsWith("rows-16385-");
    assertThat(letter.get("item").get("values").get(1).asText()).isEqualTo("user 3");
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void beginsANewLineBehindATornOne() throws IOException {
    Path file = directory.resolve("torn.jsonl");
    Files.writeString(file, "{\"at\":\"2026");
    try (FileDeadLetters fileLetters = new FileDeadLetters(file)) {
      fileLetters.accept(letter("{\"values\":[{\n \"a\":1}]}"));
      fileLetters.accept(letter("{}"));
    }

    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(3);
    assertThat(JSON.readTree(lines.get(1)).get("item").get("values").get(0).get("a").asInt())
        .isEqualTo(1);
  }

  @Test
  void saysThatTheFileCannotBeOpened() {
    EtlException failure =
        failure(() -> new FileDeadLetters(directory.resolve("missing").resolve("letters")));

    assertThat(failure.kind()).isEqualTo(ErrorKind.CONFIGURATION);
  }

  private static DeadLetter letter(String item) {
    DeliveryRequest request =
        new DeliveryRequest(DeliveryRequest.Kind.ROWS, "", List.of(USERS), 1, "rows-16385-x");
    return new DeadLetter(
        request, ByteBuffer.wrap(item.getBytes(StandardCharsets.UTF_8)), 422, "no");
  }

  private static Behaviour refusing(int status, String... values) {
    return exchange -> {
      Request request = exchange.readRequest();
      String body = request.body();
      for (String value : values) {
        if (body.contains(value)) {
          exchange.reply(
              status,
              "I do not like " + value.replace("\"", "") + " in column name",
              "Content-Type",
              "text/plain");
          return;
        }
      }
      exchange.reply(200, "");
    };
  }

  private static String text(ByteBuffer item) {
    return StandardCharsets.UTF_8.decode(item).toString();
  }

  /** {@return the first values of what was not refused, in the order of arrival} */
  private List<Integer> taken(String items) {
    return receiver.taken().stream()
        .flatMap(request -> request.json().get(items).findValues("values").stream())
        .map(values -> values.get(0).asInt())
        .toList();
  }
}

package dev.pgetl.destination.http;

import static dev.pgetl.destination.http.Data.USERS;
import static dev.pgetl.destination.http.Data.everyKind;
import static dev.pgetl.testkit.data.TestTable.ABSENT;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.http.TestReceiver.Request;
import dev.pgetl.event.Event;
import dev.pgetl.testkit.data.TestTransaction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Checks the bodies sent, the examples of the documentation and the JSON schema against each other.
 */
class WireFormatTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path DOCS = Path.of("..", "docs");
  private static final Pattern EXAMPLE = Pattern.compile("```json\n(.*?)```", Pattern.DOTALL);

  private final JsonSchema schema;

  WireFormatTest() throws IOException {
    JsonNode text = JSON.readTree(Files.readString(DOCS.resolve("http-destination.schema.json")));
    schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(text);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsSentFitsTheSchema(RowLayout layout) throws IOException {
    try (TestReceiver receiver = TestReceiver.start()) {
      HttpDestination destination =
          HttpDestination.builder(receiver.url())
              .source("shop")
              .format(new RequestFormat(layout, NumberStyle.EXACT))
              .announceEmptyTables(true)
              .removesRanges(true)
              .replacesTables(true)
              .build();

      destination.writeTableRows(USERS, List.of(row(USERS, "1", null, ABSENT)));
      destination.writeTableRows(USERS, List.of());
      destination.writeEvents(everyKind());
      destination.removeRange(USERS, new KeyRange("id", "7", null));
      destination.removeRange(USERS, new KeyRange("id", null, "9223372036854775807"));

      assertThat(destination.beginReplacement(null, USERS)).isTrue();
      destination.tableCopied(USERS);

      assertThat(receiver.requests()).hasSize(7);
      assertThat(receiver.requests()).extracting(Request::json).allSatisfy(this::assertFits);
    }
  }

  @Test
  void theExamplesFitTheSchema() throws IOException {
    String page = Files.readString(DOCS.resolve("http-destination.md"));
    List<MatchResult> examples = EXAMPLE.matcher(page).results().toList();

    assertThat(examples).hasSize(4);
    for (MatchResult example : examples) {
      assertFits(JSON.readTree(example.group(1)));
    }
  }

  @Test
  void theExampleHasTheKeysOfTheEngine() throws IOException {
    List<Event> transaction =
        TestTransaction.at(0x16B374D848L)
            .relation(USERS)
            .insert(row(USERS, "1", "Ann", "1.50"))
            .updateFrom(row(USERS, "1", ABSENT, ABSENT), row(USERS, "2", ABSENT, ABSENT))
            .delete(row(USERS, "3", "Cyd", null))
            .truncate(USERS)
            .message("audit", "hello")
            .commit();
    try (TestReceiver receiver = TestReceiver.start()) {
      HttpDestination.builder(receiver.url()).build().writeEvents(transaction);
      String page = Files.readString(DOCS.resolve("http-destination.md"));
      String example = EXAMPLE.matcher(page).results().toList().get(2).group(1);

      assertThat(keys(JSON.readTree(example)))
          .as("of the example")
          .hasSize(transaction.size())
          .isEqualTo(keys(receiver.requests().get(0).json()));
    }
  }

  @Test
  void theSchemaFindsMistakes() throws IOException {
    String page = Files.readString(DOCS.resolve("http-destination.md"));
    MatchResult events = EXAMPLE.matcher(page).results().toList().get(2);
    for (String member : List.of("type", "key", "commit_lsn", "xid", "ordinal")) {
      JsonNode body = JSON.readTree(events.group(1));
      ((ObjectNode) body.get("events").get(2)).remove(member);
      assertThat(schema.validate(body)).as("without %s", member).isNotEmpty();
    }
    JsonNode body = JSON.readTree(events.group(1));
    ((ObjectNode) body.get("events").get(2)).remove("row");
    assertThat(schema.validate(body)).isNotEmpty();
  }

  private static List<String> keys(JsonNode body) {
    List<String> keys = new ArrayList<>();
    for (JsonNode event : body.get("events")) {
      keys.add(event.get("type") + " " + event.get("ordinal") + " " + event.get("key"));
    }
    return keys;
  }

  private void assertFits(JsonNode body) {
    assertThat(schema.validate(body)).isEmpty();
  }
}

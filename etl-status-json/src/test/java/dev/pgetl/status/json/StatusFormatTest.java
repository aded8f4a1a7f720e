package dev.pgetl.status.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.pgetl.observe.PipelineStatus;
import dev.pgetl.observe.PipelineStatus.State;
import dev.pgetl.observe.StreamStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Checks what is written, the example of the page and the JSON schema against each other. */
class StatusFormatTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path DOCS = Path.of("..", "docs");
  private static final Pattern EXAMPLE = Pattern.compile("```json\n(.*?)```", Pattern.DOTALL);

  private final JsonNode schemaText;
  private final JsonSchema schema;

  StatusFormatTest() throws IOException {
    schemaText = JSON.readTree(Files.readString(DOCS.resolve("status-json.schema.json")));
    schema = schema(schemaText);
  }

  private static JsonSchema schema(JsonNode text) {
    return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(text);
  }

  private static JsonNode read(StatusDocument document) throws IOException {
    return JSON.readTree(document.toJson());
  }

  private static StatusDocument everything() {
    return StatusDocument.builder(Samples.NOW)
        .pipeline("kept", Samples.run())
        .pipeline("shop", Samples.everything())
        .build();
  }

  private static StatusDocument nothing() {
    return StatusDocument.builder(Samples.NOW)
        .pipeline("shop", PipelineStatus.builder(State.CREATED).build())
        .build();
  }

  /** The published schema lets later versions add members; what this version writes is in it. */
  private JsonSchema closed() {
    JsonNode closed = schemaText.deepCopy();
    for (JsonNode properties : closed.findParents("properties")) {
      ((ObjectNode) properties).put("additionalProperties", false);
    }
    return schema(closed);
  }

  @Test
  void whatIsWrittenFitsTheSchema() throws IOException {
    for (StatusDocument document : List.of(everything(), nothing())) {
      assertThat(closed().validate(read(document))).as("%s", document).isEmpty();
    }
  }

  @Test
  void everyMemberIsRequired() throws IOException {
    List<JsonNode> objects = new ArrayList<>();
    JsonNode document = read(everything());
    collect(document, objects);
    for (JsonNode object : objects) {
      List<String> members = new ArrayList<>();
      object.fieldNames().forEachRemaining(members::add);
      for (String member : members) {
        JsonNode value = ((ObjectNode) object).remove(member);
        assertThat(schema.validate(document)).as("without %s in %s", member, object).isNotEmpty();
        ((ObjectNode) object).set(member, value);
      }
    }
  }

  private static void collect(JsonNode node, List<JsonNode> objects) {
    if (node.isObject()) {
      objects.add(node);
    }
    node.forEach(member -> collect(member, objects));
  }

  @Test
  void theExampleIsWhatIsWritten() throws IOException {
    String page = Files.readString(DOCS.resolve("status-json.md"));
    List<MatchResult> examples = EXAMPLE.matcher(page).results().toList();
    StatusDocument document =
        StatusDocument.builder(Samples.NOW).pipeline("shop", Samples.run()).build();

    assertThat(examples).hasSize(2);
    assertThat(JSON.readTree(examples.get(0).group(1))).isEqualTo(read(document));
  }

  @Test
  void theExampleOfAHistoryIsWhatIsWritten() throws IOException {
    String page = Files.readString(DOCS.resolve("status-json.md"));
    StatusHistory history = new StatusHistory();
    history.add(Samples.NOW.minusSeconds(10), Map.of("shop", Samples.oneTable()));
    history.add(Samples.NOW, Map.of("shop", Samples.oneTable()));
    JsonNode written = JSON.readTree(history.toJson());
    ObjectNode ofHistory = schemaText.deepCopy();
    ofHistory.remove(List.of("type", "required", "properties"));
    ofHistory.put("$ref", "#/$defs/history");

    assertThat(JSON.readTree(EXAMPLE.matcher(page).results().toList().get(1).group(1)))
        .isEqualTo(written);
    assertThat(schema(ofHistory).validate(written)).isEmpty();
    ((ObjectNode) written.at("/pipelines/0")).remove("at");
    assertThat(schema(ofHistory).validate(written)).isNotEmpty();
  }

  @Test
  void thePageNamesEveryMember() throws IOException {
    String page = Files.readString(DOCS.resolve("status-json.md"));
    List<JsonNode> objects = new ArrayList<>();
    collect(read(everything()), objects);
    for (JsonNode object : objects) {
      object.fieldNames().forEachRemaining(member -> assertThat(page).contains("`" + member + "`"));
    }
  }

  @Test
  void neverAndNotKnownAreNull() throws IOException {
    JsonNode pipeline = read(nothing()).at("/pipelines/0");

    assertThat(pipeline.at("/stream/last_commit_time").isNull()).isTrue();
    assertThat(pipeline.at("/stream/last_progress").isNull()).isTrue();
    assertThat(pipeline.at("/stream/lag_bytes").isNull()).isTrue();
    assertThat(pipeline.get("run").isNull()).isTrue();
    assertThat(pipeline.get("owner").isNull()).isTrue();
  }

  @Test
  void durationsAreSecondsWithoutAnExponent() {
    assertThat(delay(Duration.ZERO)).isEqualTo("0");
    assertThat(delay(Duration.ofSeconds(100))).isEqualTo("100");
    assertThat(delay(Duration.ofNanos(1))).isEqualTo("0.000000001");
    assertThat(delay(Duration.ofMillis(-1_500))).isEqualTo("-1.5");
  }

  private static String delay(Duration delay) {
    PipelineStatus status =
        PipelineStatus.builder(State.RUNNING).stream(StreamStatus.builder().delay(delay).build())
            .build();
    String text = StatusDocument.builder(Samples.NOW).pipeline("p", status).build().toString();
    MatchResult match =
        Pattern.compile("\"delay_seconds\":([^,]+)").matcher(text).results().toList().get(0);
    return match.group(1);
  }

  @Test
  void whatIsNoTextIsEscaped() throws IOException {
    String id = "\"quoted\" \\ \n </script> \u2028";
    StatusDocument document =
        StatusDocument.builder(Samples.NOW).pipeline(id, Samples.everything()).build();

    assertThat(read(document).at("/pipelines/0/id").asText()).isEqualTo(id);
  }

  @Test
  void theMapHasWhatTheTextHas() throws IOException {
    JsonNode map = JSON.readTree(JSON.writeValueAsBytes(everything().toMap()));

    assertThat(map).isEqualTo(read(everything()));
    assertThatThrownBy(() -> everything().toMap().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void theStallLimitIsThatOfTheHealth() {
    assertThat(health(Duration.ofSeconds(12))).contains("writeEvents");
    assertThat(health(Duration.ofSeconds(13))).doesNotContain("writeEvents");
  }

  private static String health(Duration stallLimit) {
    StatusDocument document =
        StatusDocument.builder(Samples.NOW).pipeline("shop", Samples.waiting(), stallLimit).build();
    Map<?, ?> pipeline =
        (Map<?, ?>) ((List<?>) Objects.requireNonNull(document.toMap().get("pipelines"))).get(0);
    return String.valueOf(pipeline.get("health"));
  }

  @Test
  void refusesTwoPipelinesWithOneId() {
    StatusDocument.Builder builder =
        StatusDocument.builder(Samples.NOW).pipeline("shop", Samples.run());

    assertThatThrownBy(() -> builder.pipeline("shop", Samples.everything()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("two pipelines have the id shop");
  }
}

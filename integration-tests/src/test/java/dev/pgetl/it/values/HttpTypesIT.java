package dev.pgetl.it.values;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpServer;
import dev.pgetl.Pipeline;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.destination.http.HttpDestination;
import dev.pgetl.internal.row.TypeSample;
import dev.pgetl.store.memory.MemoryStore;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every value of {@code types.jsonl} as JSON: by the copy as by the stream, and what is one string,
 * number or boolean there means the same to the server when it is given back.
 */
class HttpTypesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private final SampleTable table = new SampleTable(TestPostgres.shared().majorVersion());
  private final Map<String, JsonNode> rows = new ConcurrentHashMap<>();

  @Test
  void everySampleMeansTheSameAsJson() throws Exception {
    try (TestDatabase source = TestPostgres.shared().createDatabase()) {
      source.execute(table.create());
      source.execute(table.insert());
      send(source, table.insert(), false);

      JsonNode values = Objects.requireNonNull(rows.get("copy"), "nothing copied");
      assertThat(rows.get("stream")).isNotNull().isEqualTo(values);
      assertThat(differences(source, values)).isEmpty();
    }
  }

  /** Postgres 14 sends the byte of a {@code "char"} as it is, which is no UTF-8. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aByteThatIsNoCharacterIsPrinted(boolean binary) throws Exception {
    try (TestDatabase source = TestPostgres.shared().createDatabase()) {
      source.execute("create table odd (c \"char\", several \"char\"[], j json)");
      source.execute("create publication pub for table odd");
      String insert =
          "insert into odd select b, array[b, 'a'], E'{\\n\"a\":\\r\\n1}' from cast(-60 as \"char\") b";
      source.execute(insert);
      send(source, insert, binary);

      String expected = "[\"\\\\304\",[\"\\\\304\",\"a\"],{\"a\":1}]";
      assertThat(rows.get("copy")).hasToString(expected);
      assertThat(rows.get("stream")).hasToString(expected);
    }
  }

  private void send(TestDatabase source, String insert, boolean binary)
      throws IOException, InterruptedException {
    HttpServer receiver =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext(
        "/",
        exchange -> {
          try (exchange;
              InputStream body = exchange.getRequestBody()) {
            keepFirstRow(JSON.readTree(body.readAllBytes()));
            exchange.sendResponseHeaders(204, -1);
          }
        });
    receiver.start();
    String url = "http://localhost:" + receiver.getAddress().getPort();
    PipelineConfig config =
        PipelineConfig.builder("types", "pub", source.connectionConfig()).binary(binary).build();
    try (MemoryStore store = new MemoryStore();
        HttpDestination destination = HttpDestination.builder(url).build();
        Pipeline pipeline = Pipeline.create(config, store, destination)) {
      pipeline.start();
      assertThat(pipeline.awaitReady(PATIENCE)).isTrue();
      source.execute(insert);
      assertThat(pipeline.awaitApplied(source.currentLsn(), PATIENCE)).isTrue();
    } finally {
      receiver.stop(0);
    }
  }

  private void keepFirstRow(JsonNode body) {
    for (JsonNode row : body.path("rows")) {
      rows.putIfAbsent("copy", row.get("values"));
    }
    for (JsonNode event : body.path("events")) {
      if (event.path("type").asText().equals("insert")) {
        rows.putIfAbsent("stream", event.path("row").get("values"));
      }
    }
  }

  private List<String> differences(TestDatabase source, JsonNode values) throws SQLException {
    List<String> differences = new ArrayList<>();
    assertThat(values).hasSameSizeAs(table.samples());
    try (Connection connection = source.connect()) {
      for (int i = 0; i < values.size(); i++) {
        JsonNode value = values.get(i);
        TypeSample sample = table.samples().get(i);
        if (isScalar(sample, value)) {
          String back = givenBack(connection, sample, value.asText());
          if (!back.equals("same")) {
            differences.add(sample + " | " + sample.text() + " | " + value + " | " + back);
          }
        }
      }
    }
    return differences;
  }

  /** JSON documents are sent as they are; this test's parser loses the sign of zero. */
  private static boolean isScalar(TypeSample sample, JsonNode value) {
    return value.isValueNode()
        && !List.of("json", "jsonb").contains(sample.type())
        && !(value.isNumber() && value.decimalValue().signum() == 0);
  }

  private static String givenBack(Connection connection, TypeSample sample, String value)
      throws SQLException {
    String given =
        sample.type().equals("bytea") ? "decode(?, 'base64')" : "?::text::" + sample.type();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select case format('%%s', c%1$d) when format('%%s', %2$s) then 'same' else format('%%s', %2$s) end from sample where c%1$d is not null"
                .formatted(sample.number(), given))) {
      statement.setString(1, value);
      statement.setString(2, value);
      return only(statement);
    }
  }

  private static String only(PreparedStatement statement) {
    try (ResultSet result = statement.executeQuery()) {
      return result.next() ? String.valueOf(result.getString(1)) : "no row";
    } catch (SQLException e) {
      return String.valueOf(e.getMessage());
    }
  }
}

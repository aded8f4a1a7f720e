package dev.pgetl.destination.http.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableJsonTest {
  private static final PgType INT4 = PgType.base(23, "int4");
  private static final TableSchema TABLE =
      TestTable.named("t").column("id", INT4).column("x", INT4).build();

  private static JsonNode column(TableSchema table, int index) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      TableJson.writeMembers(table, json);
      json.writeEndObject();
    }
    return new ObjectMapper().readTree(text.toString()).get("columns").get(index);
  }

  /** {@code ADD COLUMN x int DEFAULT 5} gives rows from before a value that no event brings. */
  @Test
  void aDescriptionHasTheConstantThatRowsFromBeforeHave() throws IOException {
    TableSchema added = withDefault("5");
    assertThat(column(added, 1).get("default").asText()).isEqualTo("5");
    assertThat(column(added, 0).has("default")).isFalse();
    assertThat(column(withDefault("'it''s'::text"), 1).get("default").asText())
        .isEqualTo("'it''s'::text");
  }

  private static TableSchema withDefault(String expression) {
    return TABLE.toBuilder()
        .columns(
            List.of(
                TABLE.column(0), TABLE.column(1).toBuilder().defaultExpression(expression).build()))
        .build();
  }
}

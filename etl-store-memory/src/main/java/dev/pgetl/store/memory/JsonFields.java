package dev.pgetl.store.memory;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pgetl.schema.TableId;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Strict access to the fields of a JSON object: what is missing or of another type is an {@link
 * IllegalArgumentException}. Immutable.
 */
final class JsonFields {
  private final JsonNode node;

  JsonFields(JsonNode node) {
    if (!node.isObject()) {
      throw new IllegalArgumentException("no JSON object");
    }
    this.node = node;
  }

  List<String> names() {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  String text(String field) {
    return required(field, JsonNode::isTextual).textValue();
  }

  @Nullable String textOrNull(String field) {
    return node.has(field) ? text(field) : null;
  }

  char character(String field) {
    String text = text(field);
    if (text.length() != 1) {
      throw new IllegalArgumentException("\"" + field + "\" is not one character");
    }
    return text.charAt(0);
  }

  boolean bool(String field) {
    return required(field, JsonNode::isBoolean).booleanValue();
  }

  int integer(String field) {
    return required(field, JsonNode::canConvertToInt).intValue();
  }

  long number(String field) {
    return required(field, JsonNode::canConvertToLong).longValue();
  }

  Lsn lsn(String field) {
    return Lsn.parse(text(field));
  }

  TableId table() {
    return new TableId(number("table"));
  }

  JsonFields object(String field) {
    return new JsonFields(required(field, JsonNode::isObject));
  }

  @Nullable JsonFields objectOrNull(String field) {
    return node.has(field) ? object(field) : null;
  }

  /** The objects of an array, in order; empty if the field is missing. */
  List<JsonFields> objects(String field) {
    List<JsonFields> objects = new ArrayList<>();
    if (node.has(field)) {
      required(field, JsonNode::isArray).forEach(element -> objects.add(new JsonFields(element)));
    }
    return objects;
  }

  private JsonNode required(String field, Predicate<JsonNode> type) {
    JsonNode value = node.get(field);
    if (value == null || !type.test(value)) {
      throw new IllegalArgumentException("field \"" + field + "\" is missing or of another type");
    }
    return value;
  }
}

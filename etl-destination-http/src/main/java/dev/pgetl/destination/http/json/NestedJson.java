package dev.pgetl.destination.http.json;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.pgetl.schema.PgType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes values that hold values: arrays, composites, ranges, multiranges, hstore. Owned by one
 * thread.
 */
final class NestedJson {
  /** {@code MAXDIM} of Postgres. */
  private static final int MAX_DIMENSIONS = 6;

  private final JsonGenerator json;
  private final CellJson cells;

  NestedJson(JsonGenerator json, CellJson cells) {
    this.json = json;
    this.cells = cells;
  }

  /** Writes a value of a nested kind; as a string if its element types are not in the catalogue. */
  void write(PgType type, Span text) throws IOException {
    PgType inner = type.inner();
    if (type.kind() == PgType.Kind.COMPOSITE) {
      writeComposite(type, text);
    } else if (inner == null) {
      cells.writeString(text);
    } else if (type.kind() == PgType.Kind.ARRAY) {
      writeArray(type, inner, text);
    } else if (type.kind() == PgType.Kind.RANGE) {
      NestedText range = new NestedText(type, text);
      writeRange(inner, range);
      range.expectEnd();
    } else {
      writeMultirange(type, inner, text);
    }
  }

  /**
   * Writes an array; one whose lower bounds are not 1 as an object of the bounds and the elements.
   */
  private void writeArray(PgType type, PgType element, Span text) throws IOException {
    NestedText array = new NestedText(type, text);
    List<Integer> lowerBounds = lowerBounds(array);
    if (lowerBounds.isEmpty()) {
      writeElements(element, array, 0);
    } else {
      json.writeStartObject();
      json.writeArrayFieldStart("lower_bounds");
      for (int bound : lowerBounds) {
        json.writeNumber(bound);
      }
      json.writeEndArray();
      json.writeFieldName("elements");
      writeElements(element, array, 0);
      json.writeEndObject();
    }
    array.expectEnd();
  }

  private static List<Integer> lowerBounds(NestedText array) {
    List<Integer> bounds = new ArrayList<>();
    while (array.skip('[')) {
      try {
        bounds.add(Integer.parseInt(array.bareWord(":").text()));
      } catch (NumberFormatException notANumber) {
        throw array.malformed();
      }
      array.bareWord("]");
      array.expect(']');
    }
    if (!bounds.isEmpty()) {
      array.expect('=');
    }
    return bounds;
  }

  private void writeElements(PgType element, NestedText array, int depth) throws IOException {
    if (depth == MAX_DIMENSIONS) {
      throw array.malformed();
    }
    array.expect('{');
    json.writeStartArray();
    if (!array.skip('}')) {
      do {
        writeElement(element, array, depth);
      } while (array.skip(element.delimiter()));
      array.expect('}');
    }
    json.writeEndArray();
  }

  private void writeElement(PgType element, NestedText array, int depth) throws IOException {
    if (array.peek() == '{') {
      writeElements(element, array, depth + 1);
    } else if (array.peek() == '"') {
      cells.write(element, array.quoted());
    } else {
      Span word = array.bareWord(element.delimiter() + "}");
      if (word.isEmpty()) {
        throw array.malformed();
      }
      writePart(element, word.is("NULL") ? null : word);
    }
  }

  /** Writes a row type as an object; as a string if the values are not of its fields. */
  private void writeComposite(PgType type, Span text) throws IOException {
    List<PgType.Field> fields = type.fields();
    List<@Nullable Span> parts = compositeParts(new NestedText(type, text));
    if (!fit(parts, fields)) {
      cells.writeString(text);
      return;
    }
    json.writeStartObject();
    for (int i = 0; i < parts.size(); i++) {
      json.writeFieldName(fields.get(i).name());
      writePart(fields.get(i).type(), parts.get(i));
    }
    json.writeEndObject();
  }

  private static boolean fit(List<@Nullable Span> parts, List<PgType.Field> fields) {
    if (parts.size() != fields.size()) {
      return false;
    }
    for (int i = 0; i < parts.size(); i++) {
      Span part = parts.get(i);
      if (part != null && !FieldFit.of(fields.get(i).type(), part)) {
        return false;
      }
    }
    return true;
  }

  private static List<@Nullable Span> compositeParts(NestedText composite) {
    List<@Nullable Span> parts = new ArrayList<>();
    composite.expect('(');
    do {
      parts.add(composite.part(",)"));
    } while (composite.skip(','));
    composite.expect(')');
    composite.expectEnd();
    return parts;
  }

  private void writeMultirange(PgType type, PgType range, Span text) throws IOException {
    NestedText ranges = new NestedText(type, text);
    PgType bound = range.inner();
    if (bound == null) {
      cells.writeString(text);
      return;
    }
    ranges.expect('{');
    json.writeStartArray();
    if (!ranges.skip('}')) {
      do {
        writeRange(bound, ranges);
      } while (ranges.skip(','));
      ranges.expect('}');
    }
    json.writeEndArray();
    ranges.expectEnd();
  }

  private void writeRange(PgType bound, NestedText range) throws IOException {
    json.writeStartObject();
    if (range.peek() == 'e') {
      if (!range.bareWord(",}").is("empty")) {
        throw range.malformed();
      }
      json.writeBooleanField("empty", true);
    } else {
      char opening = oneOf(range, '[', '(');
      json.writeFieldName("lower");
      writePart(bound, range.part(","));
      range.expect(',');
      json.writeFieldName("upper");
      writePart(bound, range.part(")]"));
      json.writeStringField("bounds", "" + opening + oneOf(range, ']', ')'));
    }
    json.writeEndObject();
  }

  private static char oneOf(NestedText range, char inclusive, char exclusive) {
    int next = range.next();
    if (next != inclusive && next != exclusive) {
      throw range.malformed();
    }
    return (char) next;
  }

  /** Writes {@code "key"=>"value", "other"=>NULL} as an object. */
  void writeHstore(PgType type, Span text) throws IOException {
    NestedText pairs = new NestedText(type, text);
    json.writeStartObject();
    while (!pairs.atEnd()) {
      json.writeFieldName(pairs.quoted().text());
      pairs.expect('=');
      pairs.expect('>');
      if (pairs.peek() == '"') {
        cells.writeString(pairs.quoted());
      } else if (pairs.bareWord(",").is("NULL")) {
        json.writeNull();
      } else {
        throw pairs.malformed();
      }
      if (pairs.skip(',')) {
        pairs.expect(' ');
      }
    }
    json.writeEndObject();
  }

  private void writePart(PgType type, @Nullable Span part) throws IOException {
    if (part == null) {
      json.writeNull();
    } else {
      cells.write(type, part);
    }
  }
}

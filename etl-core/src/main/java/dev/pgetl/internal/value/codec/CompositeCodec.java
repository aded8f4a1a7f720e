package dev.pgetl.internal.value.codec;

import dev.pgetl.internal.value.MalformedValueException;
import dev.pgetl.internal.value.ValueCodec;
import dev.pgetl.internal.value.text.QuotedText;
import dev.pgetl.internal.value.text.TextCursor;
import dev.pgetl.internal.value.text.Utf8;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Named rows: {@code ("12 Main St",,90210)} as a map from field to value, in the order of the type.
 *
 * <p>Postgres lets fields be added to and dropped from a type in use, so text from before or behind
 * such a change may have another number of fields than the type known here, or values that are not
 * of a field's type. It is not guessed which are which: the value is then the text itself.
 */
final class CompositeCodec implements ValueCodec {
  private static final BitSet SPECIAL = QuotedText.characters("(),\"\\");

  private final String[] names;
  private final ValueCodec[] codecs;

  CompositeCodec(List<String> names, List<ValueCodec> codecs) {
    this.names = names.toArray(String[]::new);
    this.codecs = codecs.toArray(ValueCodec[]::new);
  }

  @Override
  public Class<?> javaType() {
    return Map.class;
  }

  @Override
  public Object decode(byte[] bytes, int from, int to) {
    if (countFields(new TextCursor(bytes, from, to)) != names.length) {
      return Utf8.decode(bytes, from, to);
    }
    try {
      return fields(new TextCursor(bytes, from, to));
    } catch (MalformedValueException ofOtherFields) {
      return Utf8.decode(bytes, from, to);
    }
  }

  private Map<String, @Nullable Object> fields(TextCursor cursor) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    cursor.expect('(');
    for (int i = 0; i < names.length; i++) {
      boolean present = nextField(cursor);
      fields.put(names[i], present ? cursor.value(codecs[i]) : null);
      cursor.skip(',');
    }
    return Collections.unmodifiableMap(fields);
  }

  /** Counts the fields and checks the brackets. One null and no field at all look alike. */
  private int countFields(TextCursor cursor) {
    cursor.expect('(');
    int count = 0;
    boolean present;
    do {
      present = nextField(cursor);
      count++;
    } while (cursor.skip(','));
    cursor.expect(')');
    cursor.expectEnd();
    return count == 1 && !present && names.length == 0 ? 0 : count;
  }

  /** Reads a field, and says whether it is there: nothing at all between two commas is null. */
  private static boolean nextField(TextCursor cursor) {
    if (cursor.sees('"')) {
      cursor.quoted(true);
      return true;
    }
    cursor.bare(SPECIAL);
    return !cursor.tokenIsEmpty();
  }

  @Override
  public void encode(Object value, StringBuilder text) {
    if (value instanceof String verbatim) {
      text.append(verbatim);
    } else if (value instanceof Map<?, ?> fields) {
      append(fields, text);
    } else {
      throw ValueCodec.unfit(value, Map.class);
    }
  }

  private void append(Map<?, ?> fields, StringBuilder text) {
    if (!fields.keySet().equals(new HashSet<>(List.of(names)))) {
      throw new IllegalArgumentException("a map that does not have the fields of the type");
    }
    text.append('(');
    for (int i = 0; i < names.length; i++) {
      text.append(i == 0 ? "" : ",");
      Object field = fields.get(names[i]);
      if (field != null) {
        StringBuilder plain = new StringBuilder();
        codecs[i].encode(field, plain);
        if (QuotedText.needsQuotes(plain, SPECIAL)) {
          QuotedText.append(text, plain, true);
        } else {
          text.append(plain);
        }
      }
    }
    text.append(')');
  }
}

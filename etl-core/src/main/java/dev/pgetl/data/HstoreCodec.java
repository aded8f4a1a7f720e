package dev.pgetl.data;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The extension type {@code hstore}: {@code "a"=>"1", "b"=>NULL} as a map of strings. */
final class HstoreCodec implements ValueCodec {
  @Override
  public Class<?> javaType() {
    return Map.class;
  }

  @Override
  public Object decode(byte[] bytes, int from, int to) {
    TextCursor cursor = new TextCursor(bytes, from, to);
    Map<String, @Nullable String> entries = new LinkedHashMap<>();
    if (!cursor.atEnd()) {
      do {
        entry(cursor, entries);
      } while (cursor.skip(", "));
    }
    cursor.expectEnd();
    return Collections.unmodifiableMap(entries);
  }

  private static void entry(TextCursor cursor, Map<String, @Nullable String> entries) {
    cursor.quoted(false);
    String key = cursor.text();
    if (entries.containsKey(key)) {
      throw new MalformedValueException("each key once");
    }
    if (!cursor.skip("=>")) {
      throw new MalformedValueException("=> behind a key");
    }
    if (cursor.skip("NULL")) {
      entries.put(key, null);
    } else {
      cursor.quoted(false);
      entries.put(key, cursor.text());
    }
  }

  @Override
  public void encode(Object value, StringBuilder text) {
    if (!(value instanceof Map<?, ?> entries)) {
      throw ValueCodec.unfit(value, Map.class);
    }
    String separator = "";
    for (Map.Entry<?, ?> entry : entries.entrySet()) {
      text.append(separator);
      append(text, entry.getKey());
      text.append("=>");
      if (entry.getValue() == null) {
        text.append("NULL");
      } else {
        append(text, entry.getValue());
      }
      separator = ", ";
    }
  }

  private static void append(StringBuilder text, @Nullable Object value) {
    if (!(value instanceof String string)) {
      throw new IllegalArgumentException("a map whose keys and values are not strings");
    }
    QuotedText.append(text, string, false);
  }
}

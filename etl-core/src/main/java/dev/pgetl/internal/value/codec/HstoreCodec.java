package dev.pgetl.internal.value.codec;

import dev.pgetl.internal.value.MalformedValueException;
import dev.pgetl.internal.value.ValueCodec;
import dev.pgetl.internal.value.text.QuotedText;
import dev.pgetl.internal.value.text.TextCursor;
import dev.pgetl.internal.value.text.Utf8;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    for (String key : sorted(entries.keySet())) {
      text.append(separator);
      QuotedText.append(text, key, false);
      text.append("=>");
      Object item = entries.get(key);
      if (item == null) {
        text.append("NULL");
      } else {
        QuotedText.append(text, string(item), false);
      }
      separator = ", ";
    }
  }

  /** Short keys first, those of one length in the order of their bytes, as the extension does. */
  private static List<String> sorted(Set<?> keys) {
    return keys.stream()
        .map(HstoreCodec::string)
        .sorted(
            Comparator.comparingInt((String key) -> Utf8.encode(key).length)
                .thenComparing(Utf8::encode, Arrays::compareUnsigned))
        .toList();
  }

  private static String string(@Nullable Object value) {
    if (value instanceof String string) {
      return string;
    }
    throw new IllegalArgumentException("a map whose keys and values are not strings");
  }
}

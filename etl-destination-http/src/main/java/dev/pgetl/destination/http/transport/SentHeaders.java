package dev.pgetl.destination.http.transport;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Headers that may hold credentials, as sent with one attempt. Does not print them.
 *
 * @param values the headers by name
 */
public record SentHeaders(Map<String, String> values) {
  private static final String BASIC = "Basic ";

  public SentHeaders {
    values = Map.copyOf(values);
  }

  /** {@return what must not be repeated anywhere} */
  public Collection<String> secrets() {
    return values.values().stream().flatMap(SentHeaders::spellings).toList();
  }

  /** A receiver has user and password of {@code Basic} in plain text. */
  private static Stream<String> spellings(String value) {
    if (!value.startsWith(BASIC)) {
      return Stream.of(value);
    }
    try {
      byte[] plain = Base64.getDecoder().decode(value.substring(BASIC.length()).strip());
      return Stream.of(value, new String(plain, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException notBase64) {
      return Stream.of(value);
    }
  }

  @Override
  public String toString() {
    return "SentHeaders[redacted]";
  }
}

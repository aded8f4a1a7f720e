package dev.pgetl.destination.http.transport;

import java.util.Collection;
import java.util.Map;

/**
 * Headers that may hold credentials, as sent with one attempt. Does not print them.
 *
 * @param values the headers by name
 */
public record SentHeaders(Map<String, String> values) {

  public SentHeaders {
    values = Map.copyOf(values);
  }

  /** {@return what must not be repeated anywhere} */
  public Collection<String> secrets() {
    return values.values();
  }

  @Override
  public String toString() {
    return "SentHeaders[redacted]";
  }
}

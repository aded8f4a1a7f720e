package dev.pgetl.destination.http.transport;

import dev.pgetl.destination.Epoch;
import java.net.URI;
import java.util.Map;

/**
 * A request, made in as many attempts as needed.
 *
 * @param method the method
 * @param uri the address
 * @param headers headers that are the same in every attempt and no secret
 * @param id names the request; the same in every attempt
 * @param body what is sent
 * @param description what is being done, for messages: no value, no path
 * @param epoch asked before each attempt
 */
public record Call(
    String method,
    URI uri,
    Map<String, String> headers,
    String id,
    RequestBody body,
    String description,
    Epoch epoch) {

  Call redirectedTo(URI other) {
    return new Call(method, other, headers, id, body, description, epoch);
  }

  /** {@return the description: the address may hold a token} */
  @Override
  public String toString() {
    return description;
  }
}

package dev.pgetl.it.httpwalk;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Requests whose outcome the sender does not know. Until it does, their content must not come under
 * another key, and the same key has the same content always, whichever instance sends it. Owned by
 * the receiver.
 *
 * <p>A refusal settles a request whose outcome is unknown only in a later call; a conflict never
 * does. Requests belong together if calls of one instance had the same content: after a restart or
 * a reconnect, events may be divided in another way.
 */
final class Doubts {
  private static final int SURROUNDINGS = 100;

  private final Map<String, String> bodies = new HashMap<>();
  private final Map<String, Sent> sent = new HashMap<>();
  private final Map<String, Map<String, Sent>> byBatch = new HashMap<>();

  private static final class Sent {
    private final Request request;
    private final Set<String> items;
    private long openSince = -1;
    private boolean settled;

    Sent(Request request) {
      this.request = request;
      this.items = new HashSet<>(request.items());
    }

    boolean isOpen() {
      return openSince >= 0 && !settled;
    }
  }

  /** Checks a request that has arrived completely. */
  void arrived(Request request) {
    String body = bodies.computeIfAbsent(request.key(), key -> request.text());
    if (!body.equals(request.text())) {
      throw new Violation(
          "another body under the key "
              + request.key()
              + " ("
              + request.tag()
              + "): "
              + difference(body, request.text()));
    }
    Sent first = sent(request);
    for (Sent other : batch(request).values()) {
      if (other != first
          && other.isOpen()
          && request.items().stream().anyMatch(other.items::contains)) {
        throw new Violation(
            request.key()
                + " has what "
                + other.request.key()
                + " had, whose outcome is not known ("
                + request.tag()
                + ")");
      }
    }
  }

  /** {@return the surroundings of the first difference} */
  private static String difference(String first, String second) {
    int at = Arrays.mismatch(first.toCharArray(), second.toCharArray());
    int from = Math.max(0, at - SURROUNDINGS);
    return Violation.shortened(first.substring(from))
        + " / "
        + Violation.shortened(second.substring(from));
  }

  /** Notes an answer: 0 is none, or half of one. */
  void answered(Request request, int status) {
    Sent is = sent(request);
    if (status / 100 == 2) {
      is.settled = true;
    } else if (status == 0 || status == 409 || status >= 500) {
      is.openSince = request.tag().call();
    } else if (Set.of(400, 413, 422).contains(status)) {
      is.settled |= is.openSince != request.tag().call();
    }
  }

  private Sent sent(Request request) {
    Sent first =
        sent.computeIfAbsent(
            request.tag().instance() + " " + request.key(), key -> new Sent(request));
    batch(request).putIfAbsent(request.key(), first);
    return first;
  }

  private Map<String, Sent> batch(Request request) {
    return byBatch.computeIfAbsent(
        request.tag().instance() + " " + request.tag().batch(), key -> new HashMap<>());
  }
}

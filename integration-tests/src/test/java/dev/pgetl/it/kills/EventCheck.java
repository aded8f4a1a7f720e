package dev.pgetl.it.kills;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks the events of one table: their keys rise; the first one of a process may go back, and so
 * may one behind a new connection, but not before the position that was stored when the process
 * began; and what comes again is the same, event by event. Not thread-safe.
 */
final class EventCheck {
  private static final int MOST_VIOLATIONS = 20;

  private final List<String> violations = new ArrayList<>();
  private final Map<EventKey, Long> contents = new HashMap<>();
  private final Map<Integer, Long> repeated = new HashMap<>();
  private EventKey last = EventKey.NONE;
  private EventKey position = EventKey.NONE;
  private boolean started;
  private boolean reconnected;
  private long events;

  static EventCheck of(Path file) {
    EventCheck check = new EventCheck();
    EventFile.read(file, check::take);
    return check;
  }

  private void take(EventFile.Entry entry) {
    switch (entry.kind()) {
      case STARTED -> {
        position = entry.key();
        started = true;
      }
      case RECONNECTED -> reconnected = true;
      case TRUNCATED -> {
        last = EventKey.NONE;
        position = EventKey.NONE;
        contents.clear();
      }
      case EVENT -> event(entry);
    }
  }

  private void event(EventFile.Entry entry) {
    EventKey key = entry.key();
    events++;
    if (!key.isAfter(last) && !started) {
      if (!reconnected) {
        violation(key + " came after " + last + " in process " + entry.process());
      }
      reconnected = false;
    }
    started = false;
    if (position.isAfter(key)) {
      violation(key + " was durable, process " + entry.process() + " began at " + position);
    }
    last = key;
    Long before = contents.put(key, entry.content());
    if (before != null) {
      long unused = repeated.merge(entry.process(), 1L, Long::sum);
      if (before != entry.content()) {
        violation(key + " was delivered again with other content");
      }
    }
  }

  private void violation(String what) {
    if (violations.size() < MOST_VIOLATIONS) {
      violations.add(what);
    }
  }

  List<String> violations() {
    return violations;
  }

  long events() {
    return events;
  }

  /** {@return how many events came again, in all} */
  long repeated() {
    return repeated.values().stream().mapToLong(Long::longValue).sum();
  }

  /** {@return how many events came again after one kill at most} */
  long mostRepeated() {
    return repeated.values().stream().mapToLong(Long::longValue).max().orElse(0);
  }
}

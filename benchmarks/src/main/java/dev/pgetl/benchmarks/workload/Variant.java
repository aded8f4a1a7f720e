package dev.pgetl.benchmarks.workload;

import dev.pgetl.benchmarks.client.Setting;
import dev.pgetl.benchmarks.client.Task;
import dev.pgetl.benchmarks.subject.Subject;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * A way to run a workload.
 *
 * @param suffix what follows the workload's name
 * @param subjects who takes part
 * @param heap the heap's limit; empty for the JVM's default
 * @param settings what the task says besides
 * @param way how the server is reached
 */
record Variant(
    String suffix, Set<Subject> subjects, String heap, Map<Setting, Object> settings, Way way) {
  /** Everybody, nothing special. */
  static final Variant PLAIN =
      new Variant("", EnumSet.allOf(Subject.class), "", Map.of(), Way.DIRECT);

  /** A small heap. */
  static final Variant SMALL_HEAP = PLAIN.only(Subject.PGETL).named("-64m").withHeap("64m");

  /** A heap that is small for many tables, whose state is kept in files. */
  static final Variant SMALL_HEAP_FILES =
      PLAIN
          .only(Subject.PGETL)
          .named("-128m-files")
          .withHeap("128m")
          .with(Setting.FILE_STORE, true);

  /** Every value is decoded. */
  static final Variant VALUES =
      PLAIN.only(Subject.PGETL).named("-values").with(Setting.VALUES, true);

  /** Values come in binary format; the yardstick is that of text. */
  static final Variant BINARY =
      PLAIN.only(Subject.PGETL).named("-binary").with(Setting.BINARY, true);

  /** Every value is decoded from binary format. */
  static final Variant BINARY_VALUES = BINARY.named("-binary-values").with(Setting.VALUES, true);

  /** Encrypted, on both sides of the comparison. */
  static final Variant TLS = PLAIN.named("-tls").over(Way.TLS);

  /** A round trip of a millisecond away. */
  static final Variant RTT_1 = PLAIN.named("-rtt-1").over(Way.ONE_MILLISECOND);

  /** A round trip of twenty milliseconds away. */
  static final Variant RTT_20 = PLAIN.named("-rtt-20").over(Way.TWENTY_MILLISECONDS);

  Variant over(Way other) {
    return new Variant(suffix, subjects, heap, settings, other);
  }

  Variant named(String name) {
    return new Variant(name, subjects, heap, settings, way);
  }

  Variant only(Subject first, Subject... others) {
    return new Variant(suffix, EnumSet.of(first, others), heap, settings, way);
  }

  Variant withHeap(String limit) {
    return new Variant(suffix, subjects, limit, settings, way);
  }

  Variant with(Setting setting, Object value) {
    Map<Setting, Object> more = new EnumMap<>(Setting.class);
    more.putAll(settings);
    more.put(setting, value);
    return new Variant(suffix, subjects, heap, more, way);
  }

  /** {@return whether a subject takes part; every build of this library does where one does} */
  boolean includes(Subject subject) {
    return subjects.contains(subject.isPgetl() ? Subject.PGETL : subject);
  }

  Task applyTo(Task task, Lab lab) {
    Task applied = lab.over(way, task);
    for (Map.Entry<Setting, Object> entry : settings.entrySet()) {
      applied = applied.with(entry.getKey(), entry.getValue());
    }
    return applied;
  }
}

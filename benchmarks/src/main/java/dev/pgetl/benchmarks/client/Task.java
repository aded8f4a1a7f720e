package dev.pgetl.benchmarks.client;

import dev.pgetl.wal.Lsn;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a client has to do; travels to its process as arguments. Immutable. */
public final class Task {
  private final Map<Setting, String> settings;

  private Task(Map<Setting, String> settings) {
    this.settings = settings;
  }

  /** What a client does. */
  public enum Mode {
    /** Reads a stream up to a position and acknowledges all of it. */
    STREAM,
    /** Copies tables. */
    COPY,
    /** Copies a table; can be killed and started again. */
    RESUME,
    /** Reads a stream and notes how old transactions are, until it is told to stop. */
    FOLLOW,
    /** Applies a stream to another Postgres, up to a position that is durable there. */
    REPLICA_STREAM,
    /** Copies tables to another Postgres. */
    REPLICA_COPY,
    /** Applies a stream to another Postgres until the harness stops it. */
    REPLICA_FOLLOW;

    /** {@return whether rows are written to another Postgres} */
    public boolean isReplica() {
      return this == REPLICA_STREAM || this == REPLICA_COPY || this == REPLICA_FOLLOW;
    }
  }

  /** {@return a task that says nothing but what to do} */
  public static Task of(Mode mode) {
    return new Task(Map.of()).with(Setting.MODE, mode);
  }

  /** {@return the task whose arguments these are} */
  static Task parse(List<String> arguments) {
    Task task = new Task(Map.of());
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      task =
          task.with(Setting.valueOf(argument.substring(0, equals)), argument.substring(equals + 1));
    }
    return task;
  }

  /** {@return the task as arguments} */
  public List<String> arguments() {
    return settings.entrySet().stream().map(set -> set.getKey() + "=" + set.getValue()).toList();
  }

  /** {@return the same task with one more thing said, or another} */
  public Task with(Setting setting, Object value) {
    Map<Setting, String> copy = new EnumMap<>(Setting.class);
    copy.putAll(settings);
    copy.put(setting, value.toString());
    return new Task(copy);
  }

  /** {@return whether the task says it} */
  public boolean has(Setting setting) {
    return settings.containsKey(setting);
  }

  /** {@return what the task says} */
  public String text(Setting setting) {
    return Objects.requireNonNull(settings.get(setting), setting::name);
  }

  /** {@return what to do} */
  public Mode mode() {
    return Mode.valueOf(text(Setting.MODE));
  }

  /** {@return a number the task says} */
  public long number(Setting setting) {
    return Long.parseLong(text(setting));
  }

  /** {@return the tables to copy} */
  public List<String> tables() {
    return List.of(text(Setting.TABLES).split(","));
  }

  /** {@return the position up to which to read} */
  public Lsn target() {
    return Lsn.parse(text(Setting.TARGET));
  }
}

package dev.pgetl.internal.runtime.worker;

import dev.pgetl.schema.TableName;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * What the log lines of a thread are about: the MDC keys {@code pipeline}, {@code worker} and
 * {@code table}. When it leaves, the thread has again what it had before, which matters on threads
 * that are not ours. Owned by the thread that entered.
 */
public final class LogContext {
  private static final String TABLE = "table";

  private final @Nullable Map<String, String> before = MDC.getCopyOfContextMap();

  private LogContext(Map<String, String> added) {
    added.forEach(MDC::put);
  }

  /**
   * For all that a thread does for a pipeline.
   *
   * @param pipeline the pipeline's id
   * @param worker what the thread does for it
   * @param table the one table it does that for, if so
   */
  public static LogContext enter(String pipeline, String worker, @Nullable TableName table) {
    Map<String, String> keys = new HashMap<>(Map.of("pipeline", pipeline, "worker", worker));
    if (table != null) {
      keys.put(TABLE, table.toString());
    }
    return new LogContext(keys);
  }

  /** Does a job for a pipeline that is about no single table, and leaves. */
  public static void during(String pipeline, String worker, Runnable job) {
    LogContext about = enter(pipeline, worker, null);
    try {
      job.run();
    } finally {
      about.leave();
    }
  }

  /** For a line about a table, on a thread with more to do. */
  public static LogContext enter(TableName table) {
    return new LogContext(Map.of(TABLE, table.toString()));
  }

  public void leave() {
    if (before == null) {
      MDC.clear();
    } else {
      MDC.setContextMap(before);
    }
  }
}

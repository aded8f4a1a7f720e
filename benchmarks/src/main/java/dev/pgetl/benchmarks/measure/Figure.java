package dev.pgetl.benchmarks.measure;

/** What is measured. A figure that does not apply is left out of a result. */
public enum Figure {
  /** Rows or row changes per second. */
  ROWS_PER_S("rows_per_s", "rows/s", 0),
  /** Megabytes per second: of WAL for a stream, of the table for a copy. */
  MB_PER_S("mb_per_s", "MB/s", 1),
  /**
   * CPU the client used once it was told to begin. A JVM that has just started counts from there.
   */
  CLIENT_CPU_S("client_cpu_s", "client s", 2),
  /** CPU of the server's processes that served it. */
  SERVER_CPU_S("server_cpu_s", "server s", 2),
  /** CPU of the other server, which writes the rows, with all its processes. */
  TARGET_CPU_S("target_cpu_s", "target s", 2),
  /** CPU of all of them for one row, microseconds. */
  CPU_US_PER_ROW("cpu_us_per_row", "CPU us/row", 2),
  /** Megabytes the client allocated on the Java heap. */
  ALLOC_MB("alloc_mb", "alloc MB", 0),
  /** Most memory the client had resident. */
  PEAK_RSS_MB("peak_rss_mb", "RSS MB", 0),
  /** Half of the transactions took at most this, from commit to destination. */
  P50_MS("p50_ms", "p50 ms", 2),
  /** So did 99 of 100. */
  P99_MS("p99_ms", "p99 ms", 2),
  /** So did all. Shown, but not part of the JSON file. */
  MAX_MS("", "max ms", 1),
  /** Seconds of a copy to its last row. */
  LAST_ROW_S("last_row_s", "last row s", 2),
  /** Seconds of a copy to the moment when all its tables follow the stream. */
  READY_S("ready_s", "ready s", 2),
  /** Rows that an interrupted copy handed over more than once. */
  ROWS_AGAIN("rows_again", "rows again", 0),
  /** Seconds of the rest of an interrupted copy, divided by those of an undisturbed one. */
  REST_RATIO("rest_ratio", "rest", 3);

  private final String key;
  private final String title;
  private final int decimals;

  Figure(String key, String title, int decimals) {
    this.key = key;
    this.title = title;
    this.decimals = decimals;
  }

  /** {@return its name in the JSON file; empty if it is not there} */
  String key() {
    return key;
  }

  /** {@return the head of its column} */
  String title() {
    return title;
  }

  /** {@return how many decimals it is shown with} */
  int decimals() {
    return decimals;
  }
}

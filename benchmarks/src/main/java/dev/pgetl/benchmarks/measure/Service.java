package dev.pgetl.benchmarks.measure;

/** What the server does for a client, as the titles of its processes show it. */
public enum Service {
  /** Sends WAL: its WAL senders count. */
  STREAM("START_REPLICATION"),
  /** Sends rows: every process that is there for the client counts. */
  COPY("COPY"),
  /** Does anything, from the client's first connection on; every process counts. */
  SESSION("");

  private final String firstSign;

  Service(String firstSign) {
    this.firstSign = firstSign;
  }

  /** {@return whether a process with this title has begun} */
  boolean begins(String title) {
    return title.contains(firstSign);
  }

  /** {@return whether a process with this title, begun after the watch, counts} */
  boolean counts(String title) {
    return this != STREAM || title.contains("walsender");
  }
}

package dev.pgetl.internal.runtime.rows;

import dev.pgetl.internal.platform.Ticker;
import dev.pgetl.schema.TableName;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs how far the copy of a table is: at most one line in ten seconds, none if the copy is over
 * sooner. Owned by the thread that writes the rows.
 */
public final class CopyProgress {
  private static final Logger LOG = LoggerFactory.getLogger(CopyProgress.class);
  private static final long INTERVAL_NANOS = Duration.ofSeconds(10).toNanos();
  private static final double NANOS_PER_SECOND = 1e9;

  private final TableName table;
  private final long estimatedRows;
  private final Ticker ticker;

  private long rows;
  private long loggedRows;
  private long loggedAt;

  /**
   * Begins to count.
   *
   * @param table the table
   * @param estimatedRows about how many rows there are to copy; not positive if not known
   * @param before how many of them were copied before
   * @param ticker a running clock
   */
  public CopyProgress(TableName table, long estimatedRows, long before, Ticker ticker) {
    this.table = table;
    this.estimatedRows = estimatedRows;
    this.ticker = ticker;
    rows = before;
    loggedRows = before;
    loggedAt = ticker.nanos();
  }

  /** The destination has taken some more rows. */
  public void written(int more) {
    rows += more;
    long now = ticker.nanos();
    if (now - loggedAt >= INTERVAL_NANOS) {
      log((rows - loggedRows) * NANOS_PER_SECOND / (now - loggedAt));
      loggedRows = rows;
      loggedAt = now;
    }
  }

  private void log(double rowsPerSecond) {
    long rate = Math.round(rowsPerSecond);
    if (rows < estimatedRows && rate > 0) {
      LOG.info(
          "copying table {}: {} of about {} rows ({}%), {} rows/s, about {} left",
          table,
          rows,
          estimatedRows,
          rows * 100 / estimatedRows,
          rate,
          text(Duration.ofSeconds((estimatedRows - rows) / rate)));
    } else {
      LOG.info("copying table {}: {} rows, {} rows/s", table, rows, rate);
    }
  }

  /** As long as needed, as short as useful: an estimate is not exact to the second for long. */
  static String text(Duration left) {
    if (left.compareTo(Duration.ofMinutes(1)) < 0) {
      return left.toSeconds() + " s";
    }
    return left.compareTo(Duration.ofHours(1)) < 0
        ? left.toMinutes() + " min " + left.toSecondsPart() + " s"
        : left.toHours() + " h " + left.toMinutesPart() + " min";
  }
}

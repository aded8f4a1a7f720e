package dev.pgetl.internal.sim;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What the engine has logged of interrupted copies: how many were continued, and how many started
 * over for which reason. Thread-safe.
 */
final class CopyReports extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private static final String SYNC = "dev.pgetl.internal.runtime.sync.";
  private static final List<String> REPORTING =
      List.of(SYNC + "InitialCopy", SYNC + "SyncFailures");

  private static final String CONTINUING = "continuing the copy of table ";
  private static final String STARTS_OVER = " starts over: ";
  private static final String CANNOT = " cannot be continued: ";

  private final SortedMap<String, Integer> counts = new TreeMap<>();

  /** Listens from here to closing. */
  CopyReports() {
    start();
    REPORTING.forEach(
        name -> {
          Logger logger = logger(name);
          logger.setLevel(Level.INFO);
          logger.setAdditive(false);
          logger.addAppender(this);
        });
  }

  private static Logger logger(String name) {
    return (Logger) LoggerFactory.getLogger(name);
  }

  @Override
  protected void append(ILoggingEvent event) {
    String message = event.getFormattedMessage();
    IThrowableProxy cause = event.getThrowableProxy();
    if (message.startsWith(CONTINUING)) {
      count("continued");
    } else {
      countReason(STARTS_OVER, message);
      countReason(CANNOT, cause == null ? null : cause.getMessage());
    }
  }

  private void countReason(String before, @Nullable String text) {
    int at = text == null ? -1 : text.indexOf(before);
    if (text != null && at >= 0) {
      String reason = text.substring(at + before.length());
      count("started over: " + reason.replaceAll("[0-9A-F]+/[0-9A-F]+|[0-9]+", "…"));
    }
  }

  private void count(String what) {
    synchronized (counts) {
      int unused = counts.merge(what, 1, Integer::sum);
    }
  }

  /** {@return a line for each kind of report} */
  List<String> summary() {
    synchronized (counts) {
      return counts.entrySet().stream()
          .map(entry -> "copies " + entry.getKey() + ": " + entry.getValue() + " times")
          .toList();
    }
  }

  @Override
  public void close() {
    REPORTING.forEach(
        name -> {
          Logger logger = logger(name);
          logger.detachAppender(this);
          logger.setAdditive(true);
          logger.setLevel(null);
        });
  }
}

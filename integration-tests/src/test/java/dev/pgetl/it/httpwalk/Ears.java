package dev.pgetl.it.httpwalk;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import dev.pgetl.error.EtlException;
import dev.pgetl.observe.PipelineListener;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.store.TableReplicationPhase;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/**
 * Everything that is logged on any level, and all that the listener receives, searched for
 * canaries. Thread-safe.
 */
final class Ears extends AppenderBase<ILoggingEvent> implements PipelineListener {
  private static final int LAST = 1000;

  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final Logger library = (Logger) LoggerFactory.getLogger("dev.pgetl");
  private final Object lock = new Object();
  private final List<String> leaks = new ArrayList<>();
  private final Deque<String> last = new ArrayDeque<>();
  private final Map<TableId, Integer> beginnings = new HashMap<>();
  private final long begin = System.nanoTime();

  static Ears open() {
    Ears ears = new Ears();
    ears.start();
    return ears;
  }

  @Override
  public void start() {
    super.start();
    library.setLevel(Level.TRACE);
    library.setAdditive(false);
    library.addAppender(this);
    root.addAppender(this);
  }

  @Override
  public void stop() {
    library.detachAppender(this);
    library.setLevel(null);
    library.setAdditive(true);
    root.detachAppender(this);
    super.stop();
  }

  void hear(String where, String text) {
    synchronized (lock) {
      note(where + ": " + text);
      if (Canaries.sings(text)) {
        leaks.add(where + ": " + text);
      }
    }
  }

  /** Adds a line that is not searched. */
  void note(String line) {
    synchronized (lock) {
      last.addLast(
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin)
              + " "
              + Violation.shortened(line));
      if (last.size() > LAST) {
        last.removeFirst();
      }
    }
  }

  void hear(String where, Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    hear(where, text + (thrown instanceof EtlException e ? e.fix() + e.summary() : ""));
  }

  List<String> leaks() {
    synchronized (lock) {
      return List.copyOf(leaks);
    }
  }

  List<String> last() {
    synchronized (lock) {
      return List.copyOf(last);
    }
  }

  @Override
  protected void append(ILoggingEvent event) {
    IThrowableProxy thrown = event.getThrowableProxy();
    hear(
        event.getLevel() + " " + event.getLoggerName() + " " + event.getThreadName(),
        event.getFormattedMessage()
            + (thrown == null ? "" : "\n" + ThrowableProxyUtil.asString(thrown)));
  }

  @Override
  public void onTablePhase(TableId id, TableName name, TableReplicationPhase phase) {
    hear("listener", name + " " + phase);
    if (phase instanceof TableReplicationPhase.Init) {
      synchronized (lock) {
        beginnings.merge(id, 1, Integer::sum);
      }
    }
  }

  /** {@return how often a table began from the start, since the ears are open} */
  int beginnings(TableId table) {
    synchronized (lock) {
      return beginnings.getOrDefault(table, 0);
    }
  }

  @Override
  public void onTableDiffers(TableId id, TableName name, String reason) {
    hear("listener", name + " differs: " + reason);
  }

  @Override
  public void onRetry(EtlException failure, int attempt, Duration delay) {
    hear("listener", failure);
  }
}

package dev.pgetl.it;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** Keeps what the engine logs between {@link #start} and {@link #stop}. */
public final class LogRecorder extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
  private final Logger engine = (Logger) LoggerFactory.getLogger("dev.pgetl.internal");

  @Override
  public void start() {
    super.start();
    engine.addAppender(this);
  }

  @Override
  public void stop() {
    engine.detachAppender(this);
    super.stop();
  }

  /** {@return one that records until it is closed} */
  public static LogRecorder started() {
    LogRecorder recorder = new LogRecorder();
    recorder.start();
    return recorder;
  }

  @Override
  public void close() {
    stop();
  }

  @Override
  protected void append(ILoggingEvent event) {
    event.prepareForDeferredProcessing();
    events.add(event);
  }

  List<ILoggingEvent> events() {
    return events;
  }

  /** {@return the lines that contain a text, of one pipeline at least} */
  public List<String> lines(String text) {
    return events.stream()
        .map(ILoggingEvent::getFormattedMessage)
        .filter(line -> line.contains(text))
        .toList();
  }
}

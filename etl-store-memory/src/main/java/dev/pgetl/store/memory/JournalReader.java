package dev.pgetl.store.memory;

import dev.pgetl.error.EtlException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a journal and distinguishes an unfinished last write from damage. Used once.
 *
 * <p>A write that was cut short leaves the beginning of its lines, possibly followed by zeros where
 * the file system had made room already: an end without line feed. A last line with a damaged line
 * feed looks the same, but its checksum is right, and one more byte follows. If that byte is a zero
 * it may be either; the line is whole, so it counts.
 */
final class JournalReader {
  private final String journal;
  private final Consumer<StoreChange> sink;
  private final LineChain chain = new LineChain();
  private long lineNumber;
  private long length;
  private long torn;
  private boolean lineFeedMissing;
  private boolean current;

  /** Reads a journal of that name for messages; the sink takes its changes in order. */
  JournalReader(String journal, Consumer<StoreChange> sink) {
    this.journal = journal;
    this.sink = sink;
  }

  void readAll(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0; next = in.read()) {
      if (next == '\n') {
        acceptLine(line.toByteArray());
        line.reset();
      } else {
        line.write(next);
      }
    }
    acceptEnd(line.toByteArray());
  }

  private void acceptLine(byte[] line) {
    lineNumber++;
    String json = chain.accept(line).orElseThrow(() -> corrupt("checksum mismatch", null));
    if (lineNumber == 1) {
      checkHeader(json);
    } else {
      sink.accept(change(json));
    }
    length += line.length + 1;
  }

  private void checkHeader(String json) {
    current = json.equals(Journal.HEADER);
    if (!current && !Journal.EARLIER_HEADERS.contains(json)) {
      throw corrupt("this version of the library does not know its format: " + json, null)
          .withFix("Use the version of the library that wrote it, or a later one.");
    }
  }

  private StoreChange change(String json) {
    try {
      return StoreChangeJson.read(json);
    } catch (EtlException e) {
      throw corrupt("unknown content", e);
    }
  }

  private void acceptEnd(byte[] end) {
    int last = end.length - 1;
    boolean whole = last >= 0 && chain.follows(Arrays.copyOf(end, last));
    if (whole && end[last] == 0) {
      acceptLine(Arrays.copyOf(end, last));
      lineFeedMissing = true;
    } else if (whole || length == 0) {
      lineNumber++;
      throw corrupt("its end is damaged", null);
    } else {
      torn = end.length;
    }
  }

  private EtlException corrupt(String what, @Nullable Throwable cause) {
    return FileFailures.corrupt("read line " + lineNumber + " of " + journal + ": " + what, cause);
  }

  /** Whether it has the current format, not an earlier one. */
  boolean isCurrent() {
    return current;
  }

  /** The checksums up to the last whole line. */
  LineChain chain() {
    return chain;
  }

  /** How many bytes the whole lines have. */
  long length() {
    return length;
  }

  /** Whether there is a zero in place of the last line feed. */
  boolean lineFeedMissing() {
    return lineFeedMissing;
  }

  /** How many bytes of an unfinished write follow them. */
  long torn() {
    return torn;
  }
}

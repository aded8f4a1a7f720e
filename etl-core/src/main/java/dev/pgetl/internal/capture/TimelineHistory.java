package dev.pgetl.internal.capture;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.wal.Lsn;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The earlier timelines of a server and where each ended, as {@code TIMELINE_HISTORY} says.
 * Immutable.
 *
 * @param timeline the server's timeline
 * @param ends the first position of each earlier timeline that the server does not have of it
 */
public record TimelineHistory(int timeline, Map<Integer, Lsn> ends) {
  public TimelineHistory {
    ends = Map.copyOf(ends);
  }

  /** {@return the history of a timeline without earlier ones, or whose file is gone} */
  public static TimelineHistory unknown(int timeline) {
    return new TimelineHistory(timeline, Map.of());
  }

  /**
   * Reads a history file: a line for each earlier timeline, with its number, its end and a reason.
   *
   * @throws EtlException of kind {@link ErrorKind#SOURCE_PROTOCOL} if it is none
   */
  static TimelineHistory parse(int timeline, String file) {
    Map<Integer, Lsn> ends = new HashMap<>();
    for (String line : file.lines().map(String::strip).toList()) {
      if (!line.isEmpty() && !line.startsWith("#")) {
        String[] fields = line.split("\\s+", 3);
        try {
          ends.put(Integer.parseInt(fields[0]), Lsn.parse(fields[1]));
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
          throw new EtlException(
              ErrorKind.SOURCE_PROTOCOL,
              "reading the history of timeline " + timeline + " failed: unknown line",
              e);
        }
      }
    }
    return new TimelineHistory(timeline, ends);
  }

  /** {@return where an earlier timeline ended; empty if it is none of this server's} */
  public Optional<Lsn> endOf(int earlier) {
    return Optional.ofNullable(ends.get(earlier));
  }
}

package dev.pgetl.internal.range;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.internal.range.RangeState.Stage;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.wal.Lsn;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The text in which a store keeps {@link CopyRanges}: a line for the version of the format, a line
 * for the origin, the column, and a line for each range. Words are separated by blanks; keys and
 * names have none, because they are encoded. The origin of a replacement has one word more.
 * Stateless.
 */
public final class CopyRangesText {
  private static final String FORMAT = "copy-ranges-1";
  private static final String OPEN = "*";
  private static final String KEY = "=";
  private static final String REPLACING = "replacing";
  private static final int LINES_BEFORE = 3;
  private static final int ORIGIN_WORDS = 5;
  private static final int RANGE_WORDS = 6;

  private CopyRangesText() {}

  /** {@return the text of some ranges} */
  public static String of(CopyRanges ranges) {
    CopyOrigin origin = ranges.origin();
    SlotLineage lineage = origin.lineage();
    List<String> lines = new ArrayList<>();
    lines.add(FORMAT);
    String began =
        words(
            encode(lineage.systemIdentifier()),
            Integer.toString(lineage.timeline()),
            lineage.slotCreatedAt().toString(),
            origin.version().toString(),
            encode(origin.shape()));
    lines.add(origin.replaces() ? words(began, REPLACING) : began);
    lines.add(encode(ranges.column()));
    ranges.ranges().forEach(range -> lines.add(line(range)));
    return String.join("\n", lines);
  }

  private static String line(RangeState range) {
    return words(
        end(range.keys().from()),
        end(range.keys().to()),
        range.stage().name(),
        range.position().toString(),
        Long.toString(range.rows()),
        Long.toString(range.bytes()));
  }

  private static String words(String... words) {
    return String.join(" ", words);
  }

  private static String end(@Nullable String key) {
    return key == null ? OPEN : KEY + encode(key);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** {@return the ranges of a text; empty if it is of another version, or damaged} */
  public static Optional<CopyRanges> read(String text) {
    try {
      List<String> lines = text.lines().toList();
      boolean known = lines.size() > LINES_BEFORE && lines.get(0).equals(FORMAT);
      return known ? Optional.of(parse(lines)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static CopyRanges parse(List<String> lines) {
    boolean replaces = lines.get(1).chars().filter(c -> c == ' ').count() == ORIGIN_WORDS;
    String[] origin = split(lines.get(1), replaces ? ORIGIN_WORDS + 1 : ORIGIN_WORDS);
    if (replaces && !origin[ORIGIN_WORDS].equals(REPLACING)) {
      throw new IllegalArgumentException("the origin has an unknown word");
    }
    SlotLineage lineage =
        new SlotLineage(decode(origin[0]), Integer.parseInt(origin[1]), Lsn.parse(origin[2]));
    String column = decode(lines.get(2));
    List<RangeState> ranges =
        lines.subList(LINES_BEFORE, lines.size()).stream()
            .map(line -> range(column, line))
            .toList();
    Lsn version = Lsn.parse(origin[ORIGIN_WORDS - 2]);
    String shape = decode(origin[ORIGIN_WORDS - 1]);
    return new CopyRanges(new CopyOrigin(lineage, version, shape, replaces), ranges);
  }

  private static RangeState range(String column, String line) {
    String[] words = split(line, RANGE_WORDS);
    int at = 0;
    KeyRange keys = new KeyRange(column, key(words[at++]), key(words[at++]));
    return new RangeState(
        keys,
        Stage.valueOf(words[at++]),
        Lsn.parse(words[at++]),
        Long.parseLong(words[at++]),
        Long.parseLong(words[at]));
  }

  private static String[] split(String line, int words) {
    String[] parts = line.split(" ", -1);
    if (parts.length != words) {
      throw new IllegalArgumentException("a line has " + parts.length + " words");
    }
    return parts;
  }

  private static @Nullable String key(String word) {
    if (word.equals(OPEN)) {
      return null;
    }
    if (!word.startsWith(KEY)) {
      throw new IllegalArgumentException("an end is neither open nor a key");
    }
    return decode(word.substring(KEY.length()));
  }

  private static String decode(String word) {
    return URLDecoder.decode(word, StandardCharsets.UTF_8);
  }
}

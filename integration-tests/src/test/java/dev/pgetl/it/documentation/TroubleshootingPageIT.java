package dev.pgetl.it.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.RetryDirective;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code docs/troubleshooting.md} has every kind of error, and lines that the code logs. */
class TroubleshootingPageIT {
  private static final Page PAGE = Page.of("troubleshooting.md");
  private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");

  /** A call, up to the end of its first argument if that is a text. */
  private static final Pattern LOGGED =
      Pattern.compile("LOG\\s*\\.(warn|error)\\(\\s*((?:\"(?:[^\"\\\\]|\\\\.)*\"\\s*\\+?\\s*)+)");

  private static final List<Line> LINES = logged();
  private static final int SHORTEST_PART = 6;

  /** The sources, with texts in one piece that are written in several. */
  private static final List<String> TEXTS =
      Page.mainSources().stream()
          .map(file -> Page.read(file).replaceAll("\"\\s*\\+\\s*\"", ""))
          .toList();

  private record Line(String level, String text) {}

  private static List<Line> logged() {
    List<Line> lines = new ArrayList<>();
    Page.mainSources()
        .forEach(
            file ->
                LOGGED
                    .matcher(Page.read(file))
                    .results()
                    .map(
                        call ->
                            new Line(call.group(1).toUpperCase(Locale.ROOT), text(call.group(2))))
                    .forEach(lines::add));
    return lines;
  }

  private static String text(String literals) {
    StringBuilder text = new StringBuilder();
    Matcher literal = LITERAL.matcher(literals);
    while (literal.find()) {
      text.append(literal.group(1));
    }
    return text.toString().replace("{}", "…").replace("\\\"", "\"");
  }

  @ParameterizedTest
  @EnumSource(ErrorKind.class)
  void hasAnEntryForEachKind(ErrorKind kind) {
    List<String> entry =
        PAGE.section("### " + kind).lines().filter(line -> !line.isBlank()).toList();

    assertThat(entry).hasSize(4);
    assertThat(entry.get(0)).isEqualTo("- Retry: " + retry(kind) + ".");
    assertThat(entry.get(1)).startsWith("- Cause: ");
    assertThat(entry.get(2)).startsWith("- By itself: ");
    assertThat(entry.get(3)).startsWith("- You: ");
  }

  private static String retry(ErrorKind kind) {
    if (kind.isTemporary()) {
      return "temporary";
    }
    return kind.retry() == RetryDirective.TIMED ? "limited" : "none";
  }

  @Test
  void hasNoEntryForAKindThatIsNone() {
    List<String> entries =
        Pattern.compile("\n### ([A-Z_]+)\n")
            .matcher(PAGE.text())
            .results()
            .map(found -> found.group(1))
            .toList();

    assertThat(entries)
        .containsExactly(Stream.of(ErrorKind.values()).map(ErrorKind::name).toArray(String[]::new));
  }

  static Stream<String> tablesOfLines() {
    String lines = PAGE.text().substring(PAGE.text().indexOf("\n## By log line"));
    return Pattern.compile("\n(### .*)\n")
        .matcher(lines)
        .results()
        .map(TroubleshootingPageIT::first);
  }

  private static String first(MatchResult found) {
    return Objects.requireNonNull(found.group(1));
  }

  @ParameterizedTest
  @MethodSource("tablesOfLines")
  void hasOnlyLinesThatAreLogged(String heading) {
    List<List<String>> rows = PAGE.rows(heading);

    assertThat(rows).isNotEmpty();
    for (List<String> row : rows) {
      assertThat(row).hasSize(4).doesNotContain("");
      String shown = row.get(0).replace("`", "");
      assertThat(isLogged(row.get(1), shown) || isPutTogether(shown))
          .as("%s %s", row.get(1), shown)
          .isTrue();
    }
  }

  private static boolean isLogged(String level, String shown) {
    return LINES.stream()
        .anyMatch(line -> line.level().equals(level) && line.text().startsWith(shown));
  }

  /** A line that is made elsewhere than it is logged: one file has all of its parts. */
  private static boolean isPutTogether(String shown) {
    List<String> parts =
        Stream.of(shown.split("…", -1))
            .map(String::strip)
            .filter(part -> part.length() >= SHORTEST_PART)
            .toList();
    return TEXTS.stream().anyMatch(text -> parts.stream().allMatch(text::contains));
  }

  @Test
  void findsTheLinesOfTheCode() {
    assertThat(LINES).hasSizeGreaterThan(60);
  }
}

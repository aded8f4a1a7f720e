package dev.pgetl.it.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.config.BatchConfig;
import dev.pgetl.config.PgConnectionConfig;
import dev.pgetl.config.PipelineConfig;
import dev.pgetl.store.TableReplicationPhase;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code docs/limits.md} has the constants of the code and the figures of other pages. */
class LimitsPageIT {
  private static final Page PAGE = Page.of("limits.md");
  private static final PipelineConfig DEFAULTS =
      PipelineConfig.builder("shop", "pub", PgConnectionConfig.builder("h", "d", "u").build())
          .build();

  static Stream<List<String>> constants() {
    return PAGE.rows("## Constants").stream();
  }

  @ParameterizedTest
  @MethodSource("constants")
  void hasTheConstantsOfTheCode(List<String> row) {
    String[] constant = row.get(2).replace("`", "").split("\\.", -1);
    String source =
        Page.mainSources().stream()
            .filter(file -> file.endsWith(Path.of(constant[0] + ".java")))
            .map(Page::read)
            .findAny()
            .orElseThrow();
    Matcher value =
        Pattern.compile("(?:int|long) " + constant[1] + " =\\s+([\\d_]+)L?(?: << (\\d+))?;")
            .matcher(source);

    assertThat(value.find()).as(row.get(2)).isTrue();
    assertThat(row.get(1)).isEqualTo(shown(value));
  }

  private static String shown(Matcher value) {
    long number = Long.parseLong(value.group(1).replace("_", ""));
    String shift = value.group(2);
    if (shift == null) {
      return String.format(Locale.ROOT, "%,d", number);
    }
    return number + (shift.equals("20") ? " MiB" : shift.equals("10") ? " KiB" : " << " + shift);
  }

  @ParameterizedTest
  @ValueSource(strings = {"## Memory", "## Speed"})
  void hasTheFiguresOfTheirPages(String heading) {
    List<List<String>> rows = PAGE.rows(heading);

    assertThat(rows).isNotEmpty();
    for (List<String> row : rows) {
      String page = Page.of(row.get(2)).text();
      assertThat(Pattern.compile("(?<![\\d,.])" + Pattern.quote(row.get(1)) + "(?!\\d)"))
          .as(row.get(0))
          .matches(figure -> figure.matcher(page).find());
    }
  }

  @Test
  void addsUpWithTheDefaults() {
    int workers = DEFAULTS.maxTableSyncWorkers();
    int copies = DEFAULTS.maxCopyConnectionsPerTable();

    assertThat(PAGE.section("## Connections and slots"))
        .contains("`maxTableSyncWorkers` (" + workers + ")")
        .contains("`maxCopyConnectionsPerTable` (" + copies + ")")
        .contains("1 + `maxTableSyncWorkers` = **" + (1 + workers) + "**")
        .contains("`maxCopyConnectionsPerTable` = **" + (1 + workers * copies) + "**");
    assertThat(PAGE.section("## Memory"))
        .contains("`maxBytes` (" + (BatchConfig.DEFAULT.maxBytes() >> 20) + " MiB)");
  }

  @Test
  void theGlossaryIsSortedAndHasThePhases() {
    Page glossary = Page.of("glossary.md");
    List<String> words = glossary.rows("# Glossary").stream().map(row -> row.get(0)).toList();

    assertThat(words.stream().map(word -> word.toLowerCase(Locale.ROOT)).toList()).isSorted();
    assertThat(words).doesNotHaveDuplicates();
    Stream.of(TableReplicationPhase.class.getPermittedSubclasses())
        .map(phase -> "`" + phase.getSimpleName() + "`")
        .forEach(phase -> assertThat(glossary.text()).contains(phase));
  }
}

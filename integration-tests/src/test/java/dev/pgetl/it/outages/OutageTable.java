package dev.pgetl.it.outages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.observe.Health.Level;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The table of outages in {@code docs/kubernetes.md}: what each endpoint says. Immutable. */
final class OutageTable {
  private static final Path PAGE = Path.of("..", "docs", "kubernetes.md");
  private static final String HEAD = "| outage | while | health | readiness | liveness |";

  private final List<List<String>> rows;

  private OutageTable(List<List<String>> rows) {
    this.rows = rows;
  }

  static OutageTable read() {
    try {
      List<String> lines = Files.readAllLines(PAGE);
      return new OutageTable(
          lines.stream()
              .dropWhile(line -> !line.startsWith(HEAD))
              .takeWhile(line -> line.startsWith("|"))
              .skip(2)
              .map(line -> List.of(line.substring(2).split(" ?\\| ?")))
              .toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Compares what was seen with what the table says.
   *
   * @param limit how long a thread may work without a lap
   */
  void compare(Finding finding, Duration limit) {
    List<String> row = row(finding.outage());
    assertThat(finding.work().time()).as("%s of %s", finding.work(), row).isLessThan(limit);
    assertThat(row.get(3)).as("%s", row).isEqualTo("ready");
    assertThat(row.get(4)).as("%s", row).isEqualTo("alive");
    if (finding.reported() == null) {
      assertThat(row.get(2)).as("%s", row).contains(code(Level.UP));
    } else {
      assertThat(row.get(2)).as("%s", row).contains(code(Level.DEGRADED));
      assertThat(finding.places())
          .as("%s", row)
          .isNotEmpty()
          .isSubsetOf(Set.of(row.get(5).replace("`", "").split(", ")));
    }
  }

  private List<String> row(Outage outage) {
    String name =
        (outage.party() + " " + outage.fault()).toLowerCase(Locale.ROOT).replace('_', '-');
    String phase = outage.phase().name().toLowerCase(Locale.ROOT);
    return rows.stream()
        .filter(row -> row.get(0).equals(name) && row.get(1).contains(phase))
        .findFirst()
        .orElseThrow(() -> new AssertionError("not in the table: " + name));
  }

  private static String code(Level level) {
    return "`" + level + "`";
  }
}

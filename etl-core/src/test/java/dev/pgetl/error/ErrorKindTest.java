package dev.pgetl.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The kinds and their retries are those of the table in docs/operations.md, and no others. */
class ErrorKindTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "operations.md");
  private static final String HEADER = "| kind | meaning | retried | do |";

  /** A line of the table. */
  private record Row(String kind, String retried) {}

  private static List<Row> documented() throws IOException {
    List<String> lines = Files.readAllLines(DOCUMENT);
    int header = lines.indexOf(HEADER);
    assertThat(header).as("the line of the header").isPositive();
    return lines.subList(header + 2, lines.size()).stream()
        .takeWhile(line -> line.startsWith("|"))
        .map(line -> line.split("\\|", -1))
        .map(cells -> new Row(cells[1].replace("`", "").strip(), cells[3].strip()))
        .toList();
  }

  private static Row row(ErrorKind kind) {
    String limited = kind.retry() == RetryDirective.TIMED ? "limited" : "no";
    return new Row(kind.name(), kind.isTemporary() ? "temporary" : limited);
  }

  @Test
  void theDocumentHasEveryKindAndItsRetry() throws IOException {
    assertThat(documented())
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(ErrorKind.values()).map(ErrorKindTest::row).toList());
  }
}

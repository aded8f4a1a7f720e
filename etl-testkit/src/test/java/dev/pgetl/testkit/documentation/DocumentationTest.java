package dev.pgetl.testkit.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The page shows the code that is compiled: what stands between {@code tag} and {@code end}
 * comments.
 */
class DocumentationTest {
  private static final Path PAGE = Path.of("..", "docs", "testkit.md");
  private static final Path SOURCES = Path.of("src", "test", "java", "dev", "pgetl", "testkit");
  private static final Pattern REGION =
      Pattern.compile("// tag::(\\w+)\\[]\\n(.*?)\\n *// end::\\1\\[]", Pattern.DOTALL);

  @Test
  void showsTheCodeThatIsCompiled() throws IOException {
    String page = Files.readString(PAGE);
    try (Stream<Path> sources = Files.find(SOURCES, 5, (path, file) -> file.isRegularFile())) {
      List<String> regions = sources.flatMap(DocumentationTest::regions).toList();
      assertThat(regions).isNotEmpty().allSatisfy(region -> assertThat(page).contains(region));
    }
  }

  private static Stream<String> regions(Path source) {
    try {
      return REGION
          .matcher(Files.readString(source))
          .results()
          .map(DocumentationTest::code)
          .toList()
          .stream();
    } catch (IOException e) {
      throw new IllegalStateException("read " + source, e);
    }
  }

  /** Without the indentation that all lines share. */
  private static String code(MatchResult region) {
    return "```java\n" + region.group(2).stripTrailing().stripIndent() + "\n```";
  }
}

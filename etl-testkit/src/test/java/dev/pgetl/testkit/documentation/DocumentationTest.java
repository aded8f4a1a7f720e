package dev.pgetl.testkit.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The pages show compiled code: the regions between {@code tag} and {@code end} comments in the
 * sources of any module.
 */
class DocumentationTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern REGION =
      Pattern.compile("// tag::(\\w+)\\[]\\n(.*?)\\n *// end::\\1\\[]", Pattern.DOTALL);
  private static final Pattern BLOCK = Pattern.compile("```java\\n.*?\\n```", Pattern.DOTALL);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "README.md",
        "docs/connections.md",
        "docs/spring-boot.md",
        "docs/testkit.md",
        "docs/custom-stores-and-destinations.md"
      })
  void showsOnlyCodeThatIsCompiled(String page) throws IOException {
    List<String> blocks =
        BLOCK
            .matcher(Files.readString(ROOT.resolve(page)))
            .results()
            .map(MatchResult::group)
            .toList();
    Set<String> regions = regions();
    assertThat(blocks).isNotEmpty();
    assertThat(blocks.stream().filter(block -> !regions.contains(block))).isEmpty();
  }

  @Test
  void codeThatIsMarkedStandsOnAPage() throws IOException {
    String pages =
        Stream.concat(markdown(ROOT), markdown(ROOT.resolve("docs")))
            .map(DocumentationTest::text)
            .collect(Collectors.joining());
    assertThat(regions().stream().filter(region -> !pages.contains(region))).isEmpty();
  }

  private static Stream<Path> markdown(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".md")).toList().stream();
    }
  }

  private static Set<String> regions() throws IOException {
    try (Stream<Path> modules = Files.list(ROOT)) {
      return modules
          .map(module -> module.resolve("src"))
          .filter(Files::isDirectory)
          .flatMap(DocumentationTest::regions)
          .collect(Collectors.toSet());
    }
  }

  private static Stream<String> regions(Path sources) {
    try (Stream<Path> files = Files.walk(sources)) {
      List<String> regions =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .flatMap(file -> REGION.matcher(text(file)).results())
              .map(DocumentationTest::code)
              .toList();
      return regions.stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Without the indentation that all lines share. */
  private static String code(MatchResult region) {
    return "```java\n" + region.group(2).stripTrailing().stripIndent() + "\n```";
  }
}

package dev.pgetl.it.documentation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A page of {@code docs}.
 *
 * @param text what it says
 */
record Page(String text) {
  static final Path ROOT = Path.of("..");

  static Page of(String name) {
    return new Page(read(ROOT.resolve("docs").resolve(name)));
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return the sources of the published modules} */
  static List<Path> mainSources() {
    try (Stream<Path> modules = Files.list(ROOT)) {
      return modules
          .filter(module -> module.getFileName().toString().startsWith("etl-"))
          .map(module -> module.resolve("src/main/java"))
          .filter(Files::isDirectory)
          .flatMap(Page::javaFiles)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<Path> javaFiles(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return the rows of the tables under a heading, without their heads, as trimmed cells} */
  List<List<String>> rows(String heading) {
    return section(heading)
        .lines()
        .filter(line -> line.startsWith("| "))
        .map(line -> List.of(line.substring(1, line.lastIndexOf('|')).split("(?<!\\\\)\\|", -1)))
        .map(cells -> cells.stream().map(String::strip).toList())
        .skip(1)
        .toList();
  }

  /** {@return what is below a heading, up to the next one} */
  String section(String heading) {
    int begin = ("\n" + text).indexOf("\n" + heading + "\n");
    if (begin < 0) {
      throw new AssertionError("the page has no heading " + heading);
    }
    int from = begin + heading.length() + 1;
    int end = text.indexOf("\n#", from);
    return text.substring(from, end < 0 ? text.length() : end + 1);
  }
}

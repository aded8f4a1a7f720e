package dev.pgetl.it.advice;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The pages of this repository, and the SQL in them. */
public final class Pages {
  private static final Path ROOT = Path.of("..");

  private Pages() {}

  /** {@return all lines of all pages, by the name of the page} */
  static Map<String, List<String>> lines() {
    Map<String, List<String>> pages = new LinkedHashMap<>();
    for (Path folder : List.of(ROOT, ROOT.resolve("docs"))) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.filter(each -> each.toString().endsWith(".md")).sorted().toList()) {
          pages.put(file.getFileName().toString(), Files.readAllLines(file));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return pages;
  }

  /** {@return the blocks of SQL, by page, heading and number below that heading} */
  public static Map<String, String> sql() {
    Map<String, String> blocks = new LinkedHashMap<>();
    lines().forEach((page, lines) -> collect(page, lines, blocks));
    return blocks;
  }

  private static void collect(String page, List<String> lines, Map<String, String> blocks) {
    String heading = "";
    int number = 0;
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith("#")) {
        heading = lines.get(i).replaceFirst("#+ ", "");
        number = 0;
      } else if (lines.get(i).strip().equalsIgnoreCase("```sql")) {
        List<String> block =
            lines.subList(i + 1, lines.size()).stream()
                .takeWhile(line -> !line.strip().equals("```"))
                .toList();
        blocks.put(page + ", " + heading + ", " + ++number, String.join("\n", block));
      }
    }
  }
}

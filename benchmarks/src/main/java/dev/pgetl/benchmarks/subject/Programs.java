package dev.pgetl.benchmarks.subject;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the programs that come with Postgres; the embedded server has none of them. */
public final class Programs {
  private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

  private Programs() {}

  /** {@return where a program is: on the path, or where Debian puts the newest} */
  public static Optional<Path> find(String program) {
    return folders().map(folder -> folder.resolve(program)).filter(Files::isExecutable).findFirst();
  }

  private static Stream<Path> folders() {
    // The psql on Debian's path is a script around the one that is looked for second.
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.concat(debianFolders().stream(), Stream.of(path.split(":")).map(Path::of));
  }

  private static List<Path> debianFolders() {
    if (!Files.isDirectory(DEBIAN)) {
      return List.of();
    }
    try (Stream<Path> versions = Files.list(DEBIAN)) {
      List<Path> newestFirst = new ArrayList<>(versions.toList());
      newestFirst.sort(Comparator.comparing(Path::toString).reversed());
      return newestFirst.stream().map(version -> version.resolve("bin")).toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** {@return what a program says to {@code --version}} */
  static String version(Path program) {
    try {
      Process process =
          new ProcessBuilder(program.toString(), "--version").redirectErrorStream(true).start();
      try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
        String line = output.readLine();
        return line == null ? "unknown" : line;
      }
    } catch (IOException e) {
      return "unknown";
    }
  }
}

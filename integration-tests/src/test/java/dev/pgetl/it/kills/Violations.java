package dev.pgetl.it.kills;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** What a destination was asked that contradicts its content, in a file. Not thread-safe. */
final class Violations {
  private static final int MOST = 20;

  private final Path file;
  private int count;

  Violations(Path directory) {
    this.file = directory.resolve("violations");
  }

  void add(String what) {
    if (count++ < MOST) {
      try {
        Files.writeString(file, what + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  List<String> read() {
    try {
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package dev.pgetl.it.walk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where the files of a walk are. Owned by the walk's thread. */
final class Places implements AutoCloseable {
  private final Path root;
  private int states;
  private @Nullable Path saved;

  Places(Path root) {
    this.root = root;
  }

  /** {@return the directory of the pipeline's state} */
  Path state() {
    return root.resolve("state-" + states);
  }

  /** The next process finds the state as it is; a killed one keeps its lock on the old files. */
  void leaveState() throws IOException {
    Path left = state();
    states++;
    copy(left, state());
  }

  /** The next process finds nothing. */
  void loseState() {
    states++;
  }

  /** Keeps the state for {@link #restoreState}. */
  void saveState() throws IOException {
    Path copy = root.resolve("saved-" + states);
    delete(copy);
    copy(state(), copy);
    saved = copy;
  }

  /** {@return whether there was a saved state; the next process finds it} */
  boolean restoreState() throws IOException {
    if (saved == null) {
      return false;
    }
    states++;
    copy(saved, state());
    return true;
  }

  /** {@return the directory of a rival's state} */
  Path rival() {
    return root.resolve("rival");
  }

  private Path server() {
    return root.resolve("server");
  }

  boolean hasServer() {
    return Files.exists(server());
  }

  /** Keeps the files of a server that is stopped. */
  void saveServer(Path data) throws IOException, InterruptedException {
    run("rm", "-rf", server().toString());
    run("cp", "-a", data.toString(), server().toString());
  }

  /** Puts the files that were kept in place of those of a server that is stopped. */
  void restoreServer(Path data) throws IOException, InterruptedException {
    run("rm", "-rf", data.toString());
    run("cp", "-a", server().toString(), data.toString());
  }

  private static void run(String... command) throws IOException, InterruptedException {
    int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (exit != 0) {
      throw new IOException(String.join(" ", command) + " ended with " + exit);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    if (!Files.isDirectory(from)) {
      return;
    }
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(path -> !path.endsWith("lock")).toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private static void delete(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> paths = Files.walk(tree)) {
      all = paths.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.delete(path);
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    run("rm", "-rf", root.toString());
  }
}

package dev.pgetl.internal.sim.mutants;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The runtime with one mistake.
 *
 * @param name the name of its patch's file, without ending
 * @param patch what makes the mistake
 */
record Mutant(String name, Patch patch) {
  private static final Path PATCHES = Path.of("src/test/mutants");
  private static final Path SOURCES = Path.of("src/main/java");
  private static final String ENDING = ".patch";

  /** {@return all mutants, in the order of their names} */
  static List<Mutant> all() throws IOException {
    try (Stream<Path> files = Files.list(PATCHES)) {
      return files
          .filter(file -> file.toString().endsWith(ENDING))
          .sorted()
          .map(Mutant::read)
          .toList();
    }
  }

  private static Mutant read(Path file) {
    String name = file.getFileName().toString();
    try {
      Patch patch = Patch.parse(Files.readString(file));
      return new Mutant(name.substring(0, name.length() - ENDING.length()), patch);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return the changed source of a file} */
  static String mutated(Patch.FileChange change) throws IOException {
    return change.applyTo(Files.readString(SOURCES.resolve(change.path())));
  }

  /**
   * Compiles the changed files.
   *
   * @param folder an empty folder for sources and classes
   * @return the folder with the classes
   */
  Path compile(Path folder) throws IOException {
    List<Path> sources = new ArrayList<>();
    for (Patch.FileChange change : patch.files()) {
      Path source = folder.resolve("sources").resolve(change.path());
      Files.createDirectories(source.getParent());
      sources.add(Files.writeString(source, mutated(change)));
    }
    Path classes = Files.createDirectories(folder.resolve("classes"));
    compile(sources, classes);
    return classes;
  }

  private void compile(List<Path> sources, Path classes) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    List<String> options =
        List.of("-proc:none", "-nowarn", "-cp", MutantRun.classPath(), "-d", classes.toString());
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  messages, files, null, options, null, files.getJavaFileObjectsFromPaths(sources))
              .call();
      if (!compiled) {
        throw new IllegalStateException("mutant " + name + " does not compile:\n" + messages);
      }
    }
  }
}

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
 * The library with one mistake.
 *
 * @param name the name of its patch's file, without ending
 * @param patch what makes the mistake
 * @param main the folder of the sources that it changes
 */
public record Mutant(String name, Patch patch, Path main) {
  private static final String ENDING = ".patch";

  /**
   * {@return all mutants, in the order of their names}
   *
   * @param patches the folder of the patches
   * @param main the folder of the sources that they change
   */
  public static List<Mutant> all(Path patches, Path main) throws IOException {
    try (Stream<Path> files = Files.list(patches)) {
      return files
          .filter(file -> file.toString().endsWith(ENDING))
          .sorted()
          .map(file -> read(file, main))
          .toList();
    }
  }

  private static Mutant read(Path file, Path main) {
    String name = file.getFileName().toString();
    try {
      Patch patch = Patch.parse(Files.readString(file));
      return new Mutant(name.substring(0, name.length() - ENDING.length()), patch, main);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return the changed source of a file} */
  public String mutated(Patch.FileChange change) throws IOException {
    return change.applyTo(Files.readString(main.resolve(change.path())));
  }

  /**
   * Compiles the changed files.
   *
   * @param folder an empty folder for sources and classes
   * @return the folder with the classes
   */
  public Path compile(Path folder) throws IOException {
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
        List.of(
            "-proc:none",
            "-nowarn",
            "-cp",
            System.getProperty("java.class.path"),
            "-d",
            classes.toString());
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

package dev.pgetl.benchmarks.subject;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A checkout of an older version of the library that has been packaged. */
public final class OlderBuild {
  /** What the client uses of the library. */
  private static final List<String> MODULES = List.of("etl-core", "etl-store-memory");

  /** A module that a build before it lacks; then the one of this build runs on the older core. */
  private static final String YOUNGER = "etl-destination-postgres";

  private OlderBuild() {}

  /**
   * {@return a class path with the older build's modules in place of this build's}
   *
   * @param folder the checkout
   * @param current the class path with this build's modules
   * @throws IllegalArgumentException if a module is missing in one of them, or is there twice
   */
  public static String classPath(Path folder, String current) {
    String older = current;
    for (String module : MODULES) {
      older = replace(older, module, jar(folder, module));
    }
    return files(folder.resolve(YOUNGER).resolve("target")).isEmpty()
        ? older
        : replace(older, YOUNGER, jar(folder, YOUNGER));
  }

  /**
   * Compiles the client for the older build. The source is the same for both builds, but classes
   * compiled for one of them may not link with the other, for example where a class became an
   * interface.
   *
   * @param sources the folder with the client's sources
   * @param classes the folder for its classes
   * @param classPath the older build and what the client needs besides
   * @return the class path with the classes in front
   * @throws IllegalStateException if the older build lacks what the client uses
   */
  public static String compileClient(Path sources, Path classes, String classPath) {
    List<String> arguments =
        new ArrayList<>(List.of("-proc:none", "-d", classes.toString(), "-cp", classPath));
    files(sources).forEach(file -> arguments.add(file.toString()));
    StringWriter output = new StringWriter();
    PrintWriter writer = new PrintWriter(output);
    int status =
        ToolProvider.findFirst("javac")
            .orElseThrow(() -> new IllegalStateException("this JVM has no javac"))
            .run(writer, writer, arguments.toArray(String[]::new));
    if (status != 0) {
      throw new IllegalStateException("the client does not suit the older build:\n" + output);
    }
    return classes + File.pathSeparator + classPath;
  }

  private static Path jar(Path folder, String module) {
    Path target = folder.resolve(module).resolve("target");
    // Not the jars of tests, sources and Javadoc.
    Pattern name = Pattern.compile(Pattern.quote(module) + "-[0-9.]+(-SNAPSHOT)?\\.jar");
    return only(
        files(target).stream()
            .filter(file -> name.matcher(file.getFileName().toString()).matches())
            .toList(),
        "jar of " + module + " in " + target);
  }

  private static List<Path> files(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    } catch (IOException e) {
      throw new UncheckedIOException("list " + folder, e);
    }
  }

  private static String replace(String classPath, String module, Path jar) {
    List<String> entries = List.of(classPath.split(File.pathSeparator));
    String replaced =
        only(
            entries.stream().filter(entry -> isOutput(Path.of(entry), module)).toList(),
            "entry of " + module + " in the class path " + classPath);
    return entries.stream()
        .map(entry -> entry.equals(replaced) ? jar.toAbsolutePath().toString() : entry)
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Its jar or its folder of classes, not those of its tests. */
  private static boolean isOutput(Path entry, String module) {
    Path folder = entry.getParent();
    return folder != null
        && folder.endsWith(Path.of(module, "target"))
        && !entry.getFileName().toString().contains("test");
  }

  private static <T> T only(List<T> found, String what) {
    if (found.size() != 1) {
      throw new IllegalArgumentException("expected one %s, found %d".formatted(what, found.size()));
    }
    return found.get(0);
  }
}

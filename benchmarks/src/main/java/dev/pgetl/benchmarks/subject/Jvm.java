package dev.pgetl.benchmarks.subject;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How a client's JVM is started.
 *
 * @param heap the heap's limit; empty for the JVM's default
 * @param classPath where its classes are
 */
public record Jvm(String heap, String classPath) {
  /** {@return the command up to the main class} */
  List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (!heap.isEmpty()) {
      command.add("-Xmx" + heap);
    }
    command.addAll(List.of("-cp", classPath));
    return command;
  }
}

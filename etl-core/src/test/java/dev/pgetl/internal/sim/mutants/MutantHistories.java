package dev.pgetl.internal.sim.mutants;

import dev.pgetl.internal.sim.Histories;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The process of one mutant, whose classes are the first entry of the class path: runs histories
 * from seed 1 on, up to the first that is violated by the mutant and not without it. The last line
 * it prints is the outcome.
 */
final class MutantHistories {
  private MutantHistories() {}

  /**
   * Runs histories.
   *
   * @param arguments how many seconds of processor time they may take, and which method of {@link
   *     Histories} runs one
   */
  public static void main(String[] arguments) throws Exception {
    Duration limit = Duration.ofSeconds(Long.parseLong(arguments[0]));
    Method mutated = Histories.class.getMethod(arguments[1], long.class);
    Method unmutated = unmutated(arguments[1]);
    Duration begin = processorTime();
    Duration spent = Duration.ZERO;
    for (long seed = 1; spent.compareTo(limit) < 0; seed++) {
      String violation = (String) mutated.invoke(null, seed);
      spent = processorTime().minus(begin);
      if (violation != null && unmutated.invoke(null, seed) == null) {
        end("caught", seed, spent, violation);
      }
    }
    end("missed", 0, spent, null);
  }

  private static void end(String how, long seed, Duration spent, @Nullable String violation) {
    String first = violation == null ? "" : violation.lines().findFirst().orElse("");
    System.out.printf(
        Locale.ROOT, "%n%s\t%d\t%.1f\t%s%n", how, seed, spent.toMillis() / 1000.0, first);
    System.exit(0);
  }

  /** Time that passes on a busy machine does not count. */
  private static Duration processorTime() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
  }

  /** {@return a method of {@link Histories} on the engine as it is} */
  private static Method unmutated(String name) throws IOException, ReflectiveOperationException {
    String[] entries = System.getProperty("java.class.path").split(File.pathSeparator);
    URL[] urls = new URL[entries.length - 1];
    for (int i = 1; i < entries.length; i++) {
      urls[i - 1] = Path.of(entries[i]).toUri().toURL();
    }
    ClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
    return loader.loadClass(Histories.class.getName()).getMethod(name, long.class);
  }
}

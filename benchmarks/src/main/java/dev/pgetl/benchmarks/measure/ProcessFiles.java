package dev.pgetl.benchmarks.measure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What Linux tells of a process under {@code /proc}. Everything is empty for a process that is gone
 * and on other systems.
 */
final class ProcessFiles {
  /** The kernel shows times to user space in this unit, whatever its own. */
  private static final double TICKS_PER_SECOND = 100;

  /** The fields behind the command name: user and system time, then those of ended children. */
  private static final int USER_TIME = 11;

  private static final Path PROC = Path.of("/proc");

  private ProcessFiles() {}

  /** {@return whether this system has them} */
  static boolean present() {
    return Files.isReadable(PROC.resolve("self/stat"));
  }

  /** {@return CPU seconds of a process, and of its children that have ended} */
  static OptionalDouble cpuSeconds(long pid) {
    return read(pid, "stat").map(ProcessFiles::cpuSeconds).orElse(OptionalDouble.empty());
  }

  static OptionalDouble cpuSeconds(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return fields.length < USER_TIME + 4
        ? OptionalDouble.empty()
        : OptionalDouble.of(
            Arrays.stream(fields, USER_TIME, USER_TIME + 4).mapToLong(Long::parseLong).sum()
                / TICKS_PER_SECOND);
  }

  /** {@return the most memory a process had resident so far, in megabytes} */
  static OptionalDouble peakRssMb(long pid) {
    return read(pid, "status").map(ProcessFiles::peakRssMb).orElse(OptionalDouble.empty());
  }

  static OptionalDouble peakRssMb(String status) {
    return status
        .lines()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) * 1024 / 1e6)
        .findFirst();
  }

  /** {@return the command line; a Postgres process shows there what it does} */
  static String title(long pid) {
    return read(pid, "cmdline").orElse("");
  }

  /** {@return the processes a process has started and that run} */
  static List<Long> children(long pid) {
    return read(pid, "task/" + pid + "/children")
        .map(text -> text.isBlank() ? List.<Long>of() : numbers(text))
        .orElse(List.of());
  }

  private static List<Long> numbers(String text) {
    return Arrays.stream(text.strip().split(" ")).map(Long::valueOf).toList();
  }

  private static Optional<String> read(long pid, String file) {
    try {
      Path path = PROC.resolve(Long.toString(pid)).resolve(file);
      return Optional.of(new String(Files.readAllBytes(path), StandardCharsets.UTF_8));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}

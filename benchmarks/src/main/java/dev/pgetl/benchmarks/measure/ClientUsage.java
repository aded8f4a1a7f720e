package dev.pgetl.benchmarks.measure;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;

/**
 * CPU and memory of a client: of its process, or of what that has started if it is there only to
 * start a program. Thread-safe.
 */
final class ClientUsage {
  private final long pid;
  private final boolean wrapper;
  private final Map<Long, Double> peakRss = new ConcurrentHashMap<>();

  ClientUsage(long pid, boolean wrapper) {
    this.pid = pid;
    this.wrapper = wrapper;
  }

  /** Looks at the program, which will be gone with its figures. */
  void sample() {
    if (wrapper) {
      ProcessFiles.children(pid).forEach(this::samplePeak);
    }
  }

  private void samplePeak(long process) {
    ProcessFiles.peakRssMb(process).ifPresent(peak -> peakRss.put(process, peak));
  }

  /** {@return CPU seconds so far} */
  OptionalDouble cpuSeconds() {
    OptionalDouble own = ProcessFiles.cpuSeconds(pid);
    double children =
        ProcessFiles.children(pid).stream()
            .mapToDouble(child -> ProcessFiles.cpuSeconds(child).orElse(0))
            .sum();
    return own.isEmpty() ? own : OptionalDouble.of(own.getAsDouble() + children);
  }

  /** {@return megabytes resident at most} */
  OptionalDouble peakRssMb() {
    if (!wrapper) {
      return ProcessFiles.peakRssMb(pid);
    }
    sample();
    return peakRss.values().stream().mapToDouble(Double::doubleValue).max();
  }
}

package dev.pgetl.benchmarks.measure;

import java.util.HashSet;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * CPU of the server's processes that serve a client, and when the first of them began. Thread-safe.
 */
final class ServerUsage {
  private final long postmaster;
  private final Service service;
  private final Set<Long> others = new HashSet<>();
  private final Map<Long, Backend> backends = new ConcurrentHashMap<>();
  private volatile OptionalLong begin = OptionalLong.empty();

  /** One process: what it has used, and whether for the client. */
  private record Backend(double cpu, boolean serving) {}

  /**
   * Begins; what runs already serves others.
   *
   * @param postmaster the server's main process
   * @param service what the server does for the client
   */
  ServerUsage(long postmaster, Service service) {
    this.postmaster = postmaster;
    this.service = service;
    ProcessFiles.children(postmaster).forEach(others::add);
  }

  void sample() {
    for (long pid : ProcessFiles.children(postmaster)) {
      if (!others.contains(pid)) {
        sample(pid);
      }
    }
  }

  private void sample(long pid) {
    Backend known = backends.getOrDefault(pid, new Backend(0, false));
    boolean serving = known.serving();
    if (!serving || begin.isEmpty()) {
      String title = ProcessFiles.title(pid);
      serving |= service.counts(title);
      if (begin.isEmpty() && service.begins(title)) {
        begin = OptionalLong.of(System.nanoTime());
      }
    }
    backends.put(pid, new Backend(cpu(pid, known.cpu()), serving));
  }

  private static double cpu(long pid, double otherwise) {
    return ProcessFiles.cpuSeconds(pid).orElse(otherwise);
  }

  /** {@return whether a process has begun to serve the client} */
  boolean begun() {
    return begin.isPresent();
  }

  /** {@return when the first process began to serve the client, in the clock of nanoTime} */
  OptionalLong beginNanos() {
    return begin;
  }

  /** {@return CPU seconds used so far} */
  OptionalDouble cpuSeconds() {
    return ProcessFiles.present()
        ? OptionalDouble.of(
            backends.values().stream().filter(Backend::serving).mapToDouble(Backend::cpu).sum())
        : OptionalDouble.empty();
  }
}

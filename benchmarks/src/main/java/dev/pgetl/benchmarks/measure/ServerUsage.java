package dev.pgetl.benchmarks.measure;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/**
 * CPU of the server's processes that send WAL or copy rows, and when the first of them began.
 * Thread-safe.
 */
final class ServerUsage {
  private static final List<String> SERVING = List.of("walsender", "COPY", "parallel worker");

  private final long postmaster;
  private final String firstSign;
  private final Map<Long, Backend> backends = new ConcurrentHashMap<>();
  private volatile OptionalLong begin = OptionalLong.empty();

  /** One process: what it had used when it was first seen, and when it was last seen. */
  private record Backend(double before, double now, boolean serving) {}

  /**
   * Begins with what runs already.
   *
   * @param postmaster the server's main process
   * @param firstSign what a process shows in its title once the client is served
   */
  ServerUsage(long postmaster, String firstSign) {
    this.postmaster = postmaster;
    this.firstSign = firstSign;
    ProcessFiles.children(postmaster)
        .forEach(pid -> backends.put(pid, new Backend(cpu(pid, 0), 0, false)));
  }

  void sample() {
    ProcessFiles.children(postmaster).forEach(this::sample);
  }

  private void sample(long pid) {
    Backend known = backends.getOrDefault(pid, new Backend(0, 0, false));
    boolean serving = known.serving();
    if (!serving || begin.isEmpty()) {
      String title = ProcessFiles.title(pid);
      serving |= SERVING.stream().anyMatch(title::contains);
      if (begin.isEmpty() && title.contains(firstSign)) {
        begin = OptionalLong.of(System.nanoTime());
      }
    }
    backends.put(pid, new Backend(known.before(), cpu(pid, known.now()), serving));
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
            backends.values().stream()
                .filter(Backend::serving)
                .mapToDouble(backend -> backend.now() - backend.before())
                .sum())
        : OptionalDouble.empty();
  }
}

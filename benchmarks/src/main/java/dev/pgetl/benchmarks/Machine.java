package dev.pgetl.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Where it was measured. */
final class Machine {
  private Machine() {}

  static List<String> describe() {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return List.of(
        String.format(
            Locale.ROOT,
            "%s, %d cores, %.0f GB, %s %s %s",
            processor(),
            system.getAvailableProcessors(),
            system.getTotalMemorySize() / 1e9,
            system.getName(),
            system.getVersion(),
            system.getArch()),
        "Java " + System.getProperty("java.vm.version") + " " + System.getProperty("java.vendor"),
        load());
  }

  /** {@return how busy the machine is; figures are worth nothing if others use it} */
  static String load() {
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    return String.format(Locale.ROOT, "load average %.2f", load);
  }

  private static String processor() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown processor");
    } catch (IOException e) {
      return "unknown processor";
    }
  }
}

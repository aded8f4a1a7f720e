package dev.pgetl.it.walk;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.pgetl.testkit.postgres.PostgresCluster;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The process of one mutant, whose classes are the first entry of the class path: takes walks up to
 * the first that fails. The last line it prints is the outcome.
 */
final class MutantWalks {
  private static final int STEPS = 60;

  private MutantWalks() {}

  /** Takes walks; the arguments are the first seed, how many at most, and for how many seconds. */
  public static void main(String[] arguments) throws Exception {
    long first = Long.parseLong(arguments[0]);
    long count = Long.parseLong(arguments[1]);
    long nanos = TimeUnit.SECONDS.toNanos(Long.parseLong(arguments[2]));
    ((Logger) LoggerFactory.getLogger("dev.pgetl")).setLevel(Level.OFF);
    long begin = System.nanoTime();
    long walks = 0;
    String failure = null;
    try (PostgresCluster cluster = World.newCluster()) {
      while (failure == null && walks < count && System.nanoTime() - begin < nanos) {
        failure = failure(first + walks, cluster);
        walks++;
      }
    }
    System.out.printf(
        "%n%s\t%d\t%d\t%s%n",
        failure == null ? "missed" : "found",
        walks,
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin),
        failure == null ? "" : failure.lines().findFirst().orElse(""));
    System.exit(0);
  }

  /** {@return why a walk fails; null if it does not} */
  @SuppressWarnings("IllegalCatch") // whatever a mistake leads to
  private static @Nullable String failure(long seed, PostgresCluster cluster) {
    try {
      Walk.Outcome outcome = Walk.of(seed, STEPS, cluster.server().majorVersion()).run(cluster);
      String failure = outcome.failure() == null ? null : outcome.failure().getMessage();
      System.out.println("seed " + seed + ": " + (failure == null ? "equal" : failure));
      if (failure != null) {
        outcome.log().forEach(System.out::println);
      }
      return failure;
    } catch (Exception | Error e) {
      e.printStackTrace();
      return e.toString();
    }
  }
}

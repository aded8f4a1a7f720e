package dev.pgetl.it.httpwalk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whatever happens between the HTTP destination and its receiver: a receiver that follows
 * docs/http-destination.md ends equal to the source, every body is valid, and no value is shown.
 *
 * <p>{@code -Dhttpwalk.seed=… -Dhttpwalk.count=…} choose the walks; without a count there are as
 * many as {@code -Dhttpwalk.seconds} allow.
 */
class HttpWalkIT {
  /** Has canaries, as values do. */
  static final String TOKEN = "tok.qxzjvkwqxvjz-wkqjzxkv";

  private static final long FIRST_SEED = Seed.of("httpwalk").value();
  private static final int COUNT = Integer.getInteger("httpwalk.count", Integer.MAX_VALUE);
  private static final long SECONDS =
      RandomRuns.count("httpwalk.seconds", COUNT == Integer.MAX_VALUE ? 15 : 1_000_000);
  private static final int STEPS = Integer.getInteger("httpwalk.steps", 40);
  private static final Logger REPORT = LoggerFactory.getLogger("walks");

  @TempDir private Path folder;

  private final List<String> failures = new ArrayList<>();
  private final Map<String, Integer> experience = new TreeMap<>();

  @Test
  void everyWalkEndsEqual() throws Exception {
    long begin = System.nanoTime();
    int walks = 0;
    while (walks < COUNT
        && failures.isEmpty()
        && System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(SECONDS)) {
      walk(FIRST_SEED + walks);
      walks++;
    }
    REPORT.info(
        "{} walks from -Dhttpwalk.seed={} in {} s: {}",
        walks,
        FIRST_SEED,
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin),
        experience);
    assertThat(failures).isEmpty();
  }

  private void walk(long seed) throws Exception {
    long begin = System.nanoTime();
    String failure = "";
    try (Walk walk = new Walk(seed, Files.createDirectory(folder.resolve("" + seed)))) {
      try {
        walk.run(STEPS);
      } catch (RuntimeException e) {
        failure = described(seed, walk, e);
      }
      if (COUNT == 1) {
        REPORT.info("{}", String.join("\n", walk.heard()));
      }
      walk.experience().forEach((fate, count) -> experience.merge(fate, count, Integer::sum));
    }
    if (!failure.isEmpty()) {
      failures.add(failure);
    }
    REPORT.info(
        "seed {}: {} in {} ms",
        seed,
        failure.isEmpty() ? "equal" : "failed",
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
  }

  private static String described(long seed, Walk walk, RuntimeException failure) {
    return "-Dhttpwalk.seed=%d -Dhttpwalk.count=1, %s%n%s%n%s%n%s"
        .formatted(
            seed,
            walk.settings(),
            String.join("\n", walk.log()),
            String.join("\n", walk.heard()),
            failure);
  }
}

package dev.pgetl.it.walk;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import dev.pgetl.testkit.postgres.PostgresCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Whatever developers, operators and platforms do: both sides are equal, or the pipeline says which
 * table is not.
 *
 * <p>{@code -Dwalk.seed=… -Dwalk.count=…} choose the walks; without a count there are as many as
 * {@code -Dwalk.seconds} allow. With a count of 1 the log of the pipeline is printed.
 */
class OperatorWalkIT {
  private static final long FIRST_SEED = Seed.of("walk").value();
  private static final int COUNT = Integer.getInteger("walk.count", Integer.MAX_VALUE);
  private static final long SECONDS =
      RandomRuns.count("walk.seconds", COUNT == Integer.MAX_VALUE ? 45 : 1_000_000);
  private static final int STEPS = Integer.getInteger("walk.steps", 60);
  private static final int SHRINK_SECONDS = Integer.getInteger("walk.shrink", 300);

  private static final Logger REPORT = (Logger) LoggerFactory.getLogger("walks");
  private static final Logger ENGINE = (Logger) LoggerFactory.getLogger("dev.pgetl");
  private static final Level BEFORE = ENGINE.getLevel();

  private final List<String> failures = new ArrayList<>();
  private final Map<String, Integer> reports = new TreeMap<>();
  private int equal;
  private PostgresCluster cluster = World.newCluster();

  @BeforeAll
  static void silence() {
    if (COUNT > 1) {
      ENGINE.setLevel(Level.OFF);
    }
  }

  @AfterAll
  static void speak() {
    ENGINE.setLevel(BEFORE);
  }

  @Test
  void everyWalkEndsEqualOrSaidSo() throws Exception {
    long begin = System.nanoTime();
    int walks = 0;
    try {
      while (walks < COUNT && System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(SECONDS)) {
        walk(FIRST_SEED + walks);
        walks++;
      }
    } finally {
      cluster.close();
    }
    REPORT.info(
        "{} walks from seed {} in {} s: {} % end equal; reports: {}",
        walks,
        FIRST_SEED,
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin),
        100 * equal / Math.max(1, walks),
        reports);
    assertThat(failures).isEmpty();
  }

  private void walk(long seed) throws Exception {
    long begin = System.nanoTime();
    Walk walk = Walk.of(seed, STEPS, cluster.server().majorVersion());
    Walk.Outcome outcome = walk.run(cluster);
    outcome.reports().forEach((report, count) -> reports.merge(report, count, Integer::sum));
    Failure failure = outcome.failure();
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
    REPORT.info(
        "seed {} {}: {} in {} ms",
        seed,
        Settings.of(seed),
        failure == null ? "equal" : failure.kind(),
        millis);
    if (COUNT == 1) {
      REPORT.info("{}", String.join("\n", outcome.log()));
    }
    if (failure == null) {
      equal++;
    } else {
      failures.add(described(walk, outcome, failure));
    }
  }

  private String described(Walk walk, Walk.Outcome outcome, Failure failure) throws Exception {
    String first = text(walk, outcome, failure);
    REPORT.info("{}", first);
    renew();
    Shrinker shrinker =
        new Shrinker(
            shorter -> failsAs(shorter, failure.kind()), TimeUnit.SECONDS.toNanos(SHRINK_SECONDS));
    Walk shortest = shrinker.shrink(walk);
    Walk.Outcome again = shortest.run(cluster);
    Failure last = again.failure();
    renew();
    String text = last == null ? first : text(shortest, again, last);
    REPORT.info("{}", text);
    return text;
  }

  private boolean failsAs(Walk walk, Failure.Kind kind) throws Exception {
    Failure failure = walk.run(cluster).failure();
    if (failure != null) {
      renew();
    }
    return failure != null && failure.kind() == kind;
  }

  /** A walk that failed may leave anything behind. */
  private void renew() {
    cluster.close();
    cluster = World.newCluster();
  }

  private static String text(Walk walk, Walk.Outcome outcome, Failure failure) {
    return "-Dwalk.seed=%d -Dwalk.count=1, %s, %d steps:%n%s%n%s"
        .formatted(
            walk.seed(),
            Settings.of(walk.seed()),
            walk.steps().size(),
            String.join("\n", outcome.log()),
            failure.getMessage());
  }
}

package dev.pgetl.it.walk;

import dev.pgetl.testkit.postgres.PostgresCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A sequence of steps, with the moments at which both sides are compared.
 *
 * @param seed decides everything
 * @param steps in order
 */
record Walk(long seed, List<Planned> steps) {
  /** No such function, syntax or cast: the step itself is wrong. */
  private static final Set<String> MISTAKES =
      Set.of("42601", "42883", "42725", "42P02", "42804", "42846");

  private static final Step COMPARE = Step.of("compare both sides", w -> {});

  /**
   * A step and what decides its details.
   *
   * @param number its place in the walk before it was shortened
   */
  record Planned(int number, Step step, long seed) {
    @Override
    public String toString() {
      return number + " " + step;
    }
  }

  /**
   * How a walk ended.
   *
   * @param failure why it failed; null if both sides are equal
   * @param log what was done, and what was refused by the server
   * @param reports how often each kind of report came
   */
  record Outcome(@Nullable Failure failure, List<String> log, Map<String, Integer> reports) {}

  static Walk of(long seed, int length, int version) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Step> steps = Steps.of(version);
    List<Planned> planned = new ArrayList<>();
    for (int i = 1; i <= length; i++) {
      Step step = random.nextInt(10) == 0 ? COMPARE : Steps.choose(steps, random);
      planned.add(new Planned(i, step, random.nextLong()));
    }
    return new Walk(seed, planned);
  }

  Walk with(List<Planned> others) {
    return new Walk(seed, List.copyOf(others));
  }

  /** Takes all steps on a server. */
  Outcome run(PostgresCluster cluster) throws Exception {
    List<String> log = new ArrayList<>();
    Map<String, Integer> reports = new TreeMap<>();
    try (World world =
        new World(cluster, Settings.of(seed), Files.createTempDirectory("pgetl-walk-"))) {
      Judge judge = new Judge(world, reports);
      try {
        judge.settle();
        for (Planned planned : steps) {
          take(planned, world, judge, log);
        }
        judge.settle();
        return new Outcome(null, log, reports);
      } catch (Failure e) {
        log.addAll(world.heard().lines());
        return new Outcome(e, log, reports);
      }
    }
  }

  private static void take(Planned planned, World world, Judge judge, List<String> log)
      throws Exception {
    String refused = "";
    try {
      if (planned.step().equals(COMPARE)) {
        judge.settle();
      } else {
        world.take(planned.step(), planned.seed());
      }
    } catch (SQLException e) {
      if (MISTAKES.contains(e.getSQLState())) {
        throw new IllegalStateException(planned.toString(), e);
      }
      refused = ", refused: " + e.getMessage();
      world.source().refresh();
    } catch (IOException e) {
      throw new IllegalStateException(planned.toString(), e);
    }
    log.add(planned + refused);
  }
}

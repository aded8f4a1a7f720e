package dev.pgetl.it.failing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.Pipeline;
import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * Of 500 tables 100 fail, in all ways: how long the other 400 need, against a run without failures,
 * and how late the events of five tables are meanwhile. {@code -Dfailing.tables}, {@code
 * -Dfailing.failing}, {@code -Dfailing.pairs}.
 */
class FailingTablesRuns {
  private static final int TABLES = Integer.getInteger("failing.tables", 500);
  private static final int FAILING = Integer.getInteger("failing.failing", 100);
  private static final int PAIRS = Integer.getInteger("failing.pairs", 5);
  private static final double LATEST_SECONDS = 5;

  /** What a run has shown. */
  private record Run(double ready, double named, double latest) {}

  @Test
  void theOthersAreReadyAsFast() throws InterruptedException {
    List<Double> ratios = new ArrayList<>();
    Layout layout = Layout.of(TABLES, FAILING, TestPostgres.shared().majorVersion());
    List<Integer> healthy = layout.healthy();
    Run unused = run(layout.withoutFailures(), healthy);
    for (int pair = 0; pair < PAIRS; pair++) {
      Run without = run(layout.withoutFailures(), healthy);
      Run with = run(layout, healthy);
      ratios.add(with.ready() / without.ready());
      System.out.printf(
          Locale.ROOT,
          "without failures: Ready after %.2f s, events %.2f s late; with %d: %.2f s, %.2f s, all named after %.1f s; ratio %.2f%n",
          without.ready(),
          without.latest(),
          FAILING,
          with.ready(),
          with.latest(),
          with.named(),
          with.ready() / without.ready());
      assertThat(with.latest()).as("how late events are").isLessThan(LATEST_SECONDS);
    }
    System.out.println("ratios " + ratios.stream().sorted().toList());
  }

  private static Run run(Layout layout, List<Integer> healthy) throws InterruptedException {
    try (TestDatabase source = TestPostgres.shared().createDatabase();
        FailingTables tables = new FailingTables(source, layout, Duration.ofSeconds(10)).prepare();
        EventWriter unused = new EventWriter(source, healthy).start()) {
      long begin = System.nanoTime();
      try (Pipeline pipeline = tables.start()) {
        tables.disturb();
        tables.awaitReady(pipeline, healthy);
        double ready = seconds(begin);
        tables.change();
        tables.awaitNamed(pipeline);
        double named = seconds(begin);
        tables.destination().end();
        return new Run(ready, named, tables.destination().latest() / 1e9);
      }
    }
  }

  private static double seconds(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }
}

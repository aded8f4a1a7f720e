package dev.pgetl.it.outages;

import dev.pgetl.testkit.postgres.TestDatabase;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Several outages at the same time, each in a scene of its own. */
final class Outages {
  private Outages() {}

  /** {@return what was seen of each, in their order} Fails with the first that has failed. */
  static List<Finding> run(List<Outage> outages, Limits limits, int atOnce)
      throws InterruptedException {
    ExecutorService executor = Executors.newFixedThreadPool(atOnce);
    try (TestDatabase target = TestPostgres.shared().createDatabase();
        TestDatabase store = TestPostgres.shared().createDatabase()) {
      List<Future<Finding>> running =
          outages.stream()
              .map(outage -> executor.submit(() -> run(outage, limits, target, store)))
              .toList();
      List<Finding> findings = new ArrayList<>();
      AssertionError failed = null;
      for (int i = 0; i < running.size(); i++) {
        try {
          findings.add(running.get(i).get());
        } catch (ExecutionException e) {
          AssertionError failure = new AssertionError(outages.get(i).toString(), e.getCause());
          if (failed == null) {
            failed = failure;
          } else {
            failed.addSuppressed(failure);
          }
        }
      }
      findings.forEach(finding -> System.out.println(finding.row()));
      if (failed != null) {
        throw failed;
      }
      return findings;
    } finally {
      executor.shutdownNow();
    }
  }

  private static Finding run(Outage outage, Limits limits, TestDatabase target, TestDatabase store)
      throws InterruptedException {
    try (OutageScene scene = new OutageScene(outage, limits, target, store)) {
      return scene.run();
    }
  }
}

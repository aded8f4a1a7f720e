package dev.pgetl.testkit.contract;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.List;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;

/** Runs a class of contracts as JUnit would. */
final class ContractRun {
  private final Events tests;

  private ContractRun(Events tests) {
    this.tests = tests;
  }

  static ContractRun of(Class<?> contracts) {
    return new ContractRun(
        EngineTestKit.engine("junit-jupiter")
            .selectors(selectClass(contracts))
            .execute()
            .testEvents());
  }

  /** The names of the tests that failed. */
  List<String> failures() {
    return names(tests.failed());
  }

  /** The names of the tests that were skipped because of an assumption. */
  List<String> aborted() {
    return names(tests.aborted());
  }

  /** The names of the tests that ran. */
  List<String> all() {
    return names(tests.started());
  }

  private static List<String> names(Events events) {
    return events.stream()
        .map(Event::getTestDescriptor)
        .map(test -> test.getDisplayName())
        .toList();
  }
}

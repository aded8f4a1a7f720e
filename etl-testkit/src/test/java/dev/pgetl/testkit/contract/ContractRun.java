package dev.pgetl.testkit.contract;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.util.List;
import java.util.stream.Stream;
import org.junit.platform.engine.DiscoverySelector;
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
    return run(selectClass(contracts));
  }

  /** Runs the tests of one rule only. */
  static ContractRun of(Class<?> contracts, String rule) {
    return run(
        Stream.of(contracts.getMethods())
            .filter(method -> method.getName().startsWith(rule))
            .map(method -> selectMethod(contracts, method))
            .toArray(DiscoverySelector[]::new));
  }

  private static ContractRun run(DiscoverySelector... selectors) {
    return new ContractRun(
        EngineTestKit.engine("junit-jupiter").selectors(selectors).execute().testEvents());
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
